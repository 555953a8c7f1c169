"""What was used: one row per finished request, and the sums that limits and reports count by."""
