"""PURE  ChatGPT's conversations.json: what people and models said in it becomes chats; tools and pictures do not.

Its trees hold system messages, calls of tools and hidden ones between what was said: those are left out, and what
stood below them stands below the next message above. The file is nobody's contract, so what does not fit is skipped.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from omna import names
from omna.chat.moving.model import LONGEST_TITLE, MOST_MESSAGES, Answer, Chat, Message, Parsed, Skipped, problem_of
from omna.ids import new_id

_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # 2000 to 2100


class Author(Struct):
    role: str = ""


class Content(Struct):
    content_type: str = "text"
    parts: list[Any] = field(default_factory=list)
    text: Any = None


class Said(Struct):
    author: Author = field(default_factory=Author)
    content: Content = field(default_factory=Content)
    create_time: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


class Node(Struct):
    message: Said | None = None
    parent: str | None = None


class Conversation(Struct):
    """One of the file's chats; what else stands in it is passed over."""

    mapping: dict[str, Node]
    title: str | None = None
    create_time: float | None = None
    update_time: float | None = None
    current_node: str | None = None
    conversation_id: str | None = None
    id: str | None = None


def chats_of(conversations: Sequence[Conversation]) -> Parsed:
    """Return the chats of a file, and which of its conversations are none."""
    chats, skipped = [], []
    for conversation in conversations:
        title = names.tidied(conversation.title or "")[:LONGEST_TITLE]
        chat = _chat(conversation, title)
        if chat is None:
            skipped.append(Skipped(title, "broken"))
        elif (reason := problem_of(chat)) is not None:
            skipped.append(Skipped(title, reason))
        else:
            chats.append(chat)
    return Parsed(chats, (), skipped)


def _chat(conversation: Conversation, title: str) -> Chat | None:
    texts = {name: text for name, node in conversation.mapping.items() if (text := _text(node))}
    if len(texts) > 4 * MOST_MESSAGES:
        return None
    order = _from_the_roots(conversation.mapping)
    if order is None:
        return None
    begun = _moment(conversation.create_time, None)
    ids: dict[str, str | None] = {}
    messages: dict[str, Message] = {}
    for name in order:
        node = conversation.mapping[name]
        above = ids.get(node.parent or "")
        if name not in texts or node.message is None:
            ids[name] = above
            continue
        answers = node.message.author.role == "assistant"
        parent = None if above is None else messages[above]
        at = _moment(node.message.create_time, begun if parent is None else parent.created_at)
        message = Message(f"msg_{new_id().hex}", above, "assistant" if answers else "user", texts[name], at)
        if answers:
            model = node.message.metadata.get("model_slug")
            message.answer = Answer(
                # An answer below an answer goes on where that one called a tool.
                continues=parent is not None and parent.role == "assistant",
                model=model[:200] if isinstance(model, str) and model else None,
                finished_at=at,
            )
        ids[name] = message.id
        messages[message.id] = message
    ordered = sorted(messages.values(), key=lambda message: (message.created_at, message.id))
    head = ids.get(conversation.current_node or "") or (ordered[-1].id if ordered else None)
    return Chat(
        id=_chat_id(conversation),
        title=title,
        title_chosen=bool(title),
        created_at=begun,
        updated_at=_moment(conversation.update_time, begun),
        messages=ordered,
        head=head,
    )


def _from_the_roots(mapping: Mapping[str, Node]) -> list[str] | None:
    """Return the nodes, each behind its parent; None for a file in which some have none, or go in a circle."""
    below: dict[str | None, list[str]] = {}
    for name, node in mapping.items():
        below.setdefault(node.parent if node.parent in mapping else None, []).append(name)
    order, waiting = [], list(reversed(below.get(None, [])))
    while waiting:
        name = waiting.pop()
        order.append(name)
        waiting.extend(reversed(below.get(name, [])))
    return order if len(order) == len(mapping) else None


def _text(node: Node) -> str:
    """Return what a person or a model said in a node; nothing of the rest."""
    said = node.message
    if said is None or said.author.role not in ("user", "assistant"):
        return ""
    if said.metadata.get("is_visually_hidden_from_conversation") is True:
        return ""
    match said.content.content_type:
        case "text" | "multimodal_text":
            return "\n\n".join(part for part in said.content.parts if isinstance(part, str) and part.strip())
        case "code" if isinstance(said.content.text, str) and said.content.text.strip():
            fence = "```" if "```" not in said.content.text else "~~~~~~"
            return f"{fence}\n{said.content.text}\n{fence}"
        case _:
            return ""


def _chat_id(conversation: Conversation) -> str:
    """Return the conversation's own id, so that it is known when it comes again."""
    for text in (conversation.conversation_id, conversation.id):
        try:
            return f"chat_{UUID(text or '').hex}"
        except ValueError:
            continue
    return f"chat_{new_id().hex}"


def _moment(seconds: float | None, otherwise: datetime | None) -> datetime:
    if seconds is None or not _EARLIEST < seconds < _LATEST:
        return otherwise or datetime.now(UTC)
    return datetime.fromtimestamp(seconds, UTC)
