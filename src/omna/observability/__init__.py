"""Logs, metrics and health: the request id everywhere, secrets nowhere. Knows no business; everybody may use it."""
