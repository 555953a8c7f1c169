"""What stands on receipts, and the receipts."""
