"""What customers want to buy: orders, proofs, review."""
