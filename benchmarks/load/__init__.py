"""The clients: each runs in a process of its own and costs a few microseconds per answer."""
