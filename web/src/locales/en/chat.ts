export const chat = {
  "nav.chat": "Chat",

  "chat.new": "New chat",
  "chat.message": "Message",
  "chat.send": "Send",
  "chat.stop": "Stop",
  "chat.list": "Chats",
  "chat.thread": "Conversation",
} as const;
