"""PURE  A file of chats, whichever of the two kinds it is: bytes in, chats or one clear sentence out."""

import msgspec

from omna import names
from omna.chat.moving.chatgpt import Conversation, chats_of
from omna.chat.moving.model import (
    FORMAT,
    LONGEST_TITLE,
    MOST_BYTES,
    MOST_CHATS,
    VERSION,
    Bundle,
    Chat,
    Failure,
    Parsed,
    Skipped,
    problem_of,
    storable,
)
from omna.errors import InvalidValue

_OURS = msgspec.json.Decoder(Bundle)
_CHATGPT = msgspec.json.Decoder(list[Conversation])


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


_HEAD = msgspec.json.Decoder(_Head)


def read(data: bytes) -> Parsed:
    """Return what a file holds. No I/O, but work: keep it off the event loop.

    Errors  InvalidValue that says what is wrong, and never repeats the file
    """
    data = data.removeprefix(b"\xef\xbb\xbf").strip()
    if len(data) > MOST_BYTES:
        raise _wrong(f"The file is too large: at most {MOST_BYTES >> 20} MiB are read at once.")
    if data.startswith(b"PK"):
        raise _wrong("This is a ZIP file. Unpack it, and choose the conversations.json in it.")
    try:
        return _ours(data) if data.startswith(b"{") else _chatgpt(data)
    except msgspec.ValidationError as error:
        raise _wrong(f"The file is no export that can be read: {_place(error)}.") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise _wrong("The file is no valid JSON, or damaged.") from None


def _ours(data: bytes) -> Parsed:
    head = _HEAD.decode(data)
    if head.format != FORMAT:
        raise _wrong("This is neither an export of Omna nor ChatGPT's conversations.json.")
    if head.version != VERSION:
        raise _wrong(f"This export has version {head.version}; version {VERSION} can be read here.")
    bundle = _OURS.decode(data)
    _require_few(len(bundle.chats))
    chats, skipped = [], []
    for chat in bundle.chats:
        _clean(chat)
        reason = problem_of(chat)
        if reason is None:
            chats.append(chat)
        else:
            skipped.append(Skipped(chat.title, reason))
    return Parsed(chats, bundle.folders, skipped)


def _chatgpt(data: bytes) -> Parsed:
    if not data.startswith(b"["):
        raise _wrong("The file is no valid JSON, or damaged.")
    conversations = _CHATGPT.decode(data)
    if not conversations:
        raise _wrong("The file holds no chats.")
    _require_few(len(conversations))
    parsed = chats_of(conversations)
    for chat in parsed.chats:
        _clean(chat)
    return parsed


def _clean(chat: Chat) -> None:
    """Take out what no database holds, wherever a file may say it."""
    chat.title = names.tidied(chat.title)[:LONGEST_TITLE]
    chat.system_prompt = storable(chat.system_prompt)
    chat.model = _storable(chat.model)
    for message in chat.messages:
        message.content = storable(message.content)
        answer = message.answer
        if answer is None:
            continue
        answer.reasoning = storable(answer.reasoning)
        answer.model, answer.wanted_model = _storable(answer.model), _storable(answer.wanted_model)
        answer.finish_reason = _storable(answer.finish_reason)
        if answer.error is not None:
            answer.error = Failure(storable(answer.error.code), storable(answer.error.message))


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _require_few(chats: int) -> None:
    if chats > MOST_CHATS:
        raise _wrong(f"The file holds {chats:,} chats; at most {MOST_CHATS:,} are read at once.")


def _place(error: msgspec.ValidationError) -> str:
    # What was expected and where; keys of a mapping, which come from the file, are shown as […].
    return str(error).replace("`", "")[:200]


def _wrong(message: str) -> InvalidValue:
    return InvalidValue(message, param="file")
