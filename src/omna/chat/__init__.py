"""Workspace conversations: messages, branches, runs that survive the browser. Calls the gateway like anybody else."""
