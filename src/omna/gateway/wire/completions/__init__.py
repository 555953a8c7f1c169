"""POST /v1/completions: text in, text out, the form before chat."""
