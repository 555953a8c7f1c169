"""Manual Credits: what one person books at once, and what waits for a second one."""
