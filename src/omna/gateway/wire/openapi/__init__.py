"""The description of /v1 for machines. docs/reference/openapi.json is made of it; no address serves it."""
