"""Chinese of a shared chat."""

TEXTS = {
    "shared.untitled": "分享的对话",
    "shared.description": "与 AI 模型对话的副本，由对话者本人分享。",
    "shared.lead": "对话副本，内容截至",
    "shared.person": "提问",
    "shared.model": "回答",
    "shared.notice": "回答由 AI 模型生成，可能有误。Omna 没有阅读或核对过这段对话。",
}
