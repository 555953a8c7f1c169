"""Credits on their way back into money."""
