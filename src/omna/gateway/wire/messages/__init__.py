"""POST /v1/messages: Anthropic's form, translated to and from the chat form (docs/reference/messages.md)."""
