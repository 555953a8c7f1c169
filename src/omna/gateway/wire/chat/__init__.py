"""POST /v1/chat/completions: OpenAI's chat form, which is the form every other dialect is translated to."""
