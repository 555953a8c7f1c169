"""English of a shared chat."""

TEXTS = {
    "shared.untitled": "A shared chat",
    "shared.description": "A copy of a chat with AI models, shared by the person who had it.",
    "shared.lead": "A copy of a chat, as it was on",
    "shared.person": "Question",
    "shared.model": "Answer",
    "shared.notice": "Answers are made by AI models and may be wrong. Nobody at Omna has read or checked this chat.",
}
