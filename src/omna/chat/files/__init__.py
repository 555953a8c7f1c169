"""What an attached file says to a model."""
