"""The jobs of a cluster: what runs, when, and the process that runs it. One worker is enough; more share the work."""
