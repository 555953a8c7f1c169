"""The performance report: what Omna costs on top of the provider, measured on this machine. See README.md."""
