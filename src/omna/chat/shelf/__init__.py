"""What people keep of their chats and for them: history, folders, prompts, presets, and how they like to chat."""
