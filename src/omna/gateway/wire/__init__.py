"""The /v1 endpoints: one file each, and the only code that knows clients' JSON."""
