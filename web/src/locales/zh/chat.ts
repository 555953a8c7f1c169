export const chat = {
  "nav.chat": "对话",

  "chat.new": "新对话",
  "chat.message": "消息",
  "chat.send": "发送",
  "chat.stop": "停止",
  "chat.list": "对话列表",
  "chat.thread": "对话内容",
} as const;
