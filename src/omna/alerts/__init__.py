"""What operators must know: opened, counted, told, acknowledged, resolved."""
