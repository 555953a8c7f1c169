"""PURE: a branch of a chat → the messages of a request.

What a model never said is not put into its mouth: answers that were refused, that failed, or that say nothing are left
out; those that were stopped, cut, or ended by a limit stand as far as they came.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from omna.chat.conversations.model import Message, State
from omna.ids import MessageId

#: A part of a message in OpenAI's form.
Part = dict[str, Any]

GO_ON = (
    "Continue your previous message exactly where it stops: no greeting, no repetition of what is there,"
    " not even of half a word."
)
_LEFT_OUT = (State.FAILED, State.REFUSED)


def messages_of(
    system_prompt: str,
    branch: Sequence[Message],
    parts: Mapping[MessageId, Sequence[Part]] | None = None,
    *,
    go_on: bool = False,
) -> list[dict[str, Any]]:
    """Return the messages for a model.

    parts    what attached files say, by the message they came with; they stand before its text
    go_on    the branch ends with an answer that is to be continued
    """
    messages: list[dict[str, Any]] = []
    if system_prompt.strip():
        messages.append({"role": "system", "content": system_prompt})
    for number, message in enumerate(branch):
        following = branch[number + 1] if number + 1 < len(branch) else None
        if message.answer is None:
            messages.append({"role": "user", "content": _content(message, (parts or {}).get(message.message_id, ()))})
        elif message.content and (not _left_out(message) or (_goes_on(following) if following else go_on)):
            _add_answer(messages, message)
    if go_on:
        messages.append({"role": "user", "content": GO_ON})
    return messages


def _content(message: Message, parts: Sequence[Part]) -> str | list[Part]:
    if not parts:
        return message.content
    text = [{"type": "text", "text": message.content}] if message.content else []
    return [*parts, *text]


def _add_answer(messages: list[dict[str, Any]], message: Message) -> None:
    last = messages[-1] if messages else None
    if _goes_on(message) and last is not None and last["role"] == "assistant":
        last["content"] += message.content
    else:
        messages.append({"role": "assistant", "content": message.content})


def _left_out(message: Message) -> bool:
    return message.answer is not None and message.answer.state in _LEFT_OUT


def _goes_on(message: Message) -> bool:
    return message.answer is not None and message.answer.continues
