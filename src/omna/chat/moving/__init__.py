"""Chats as files: out as JSON or Markdown, in from our own JSON or from ChatGPT's conversations.json."""
