"""API keys: issue, recognise, switch off, revoke."""
