"""POST /v1/responses: OpenAI's item form, translated to chat form and back."""
