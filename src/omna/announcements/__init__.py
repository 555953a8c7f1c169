"""What the operator wants everybody to read."""
