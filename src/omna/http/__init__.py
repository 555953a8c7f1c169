"""What every HTTP surface shares: request bodies and strict JSON."""
