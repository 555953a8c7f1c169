"""PURE  A copy of a chat behind a link, and the link itself."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from omna.ids import ChatId, ShareId, WorkspaceId

#: Of one person, in one workspace.
MOST_SHARES = 500
#: Characters of a copy, all messages together.
LONGEST = 1_000_000
_DIGEST_BYTES = 16
_TOKEN_CHARACTERS = 43


class Audience(StrEnum):
    """Who may read a copy."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a copy. model: what answered; None of a question."""

    role: str
    content: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A link of somebody's, without what is behind it. chat_id: None when the chat is not there any more."""

    workspace_id: WorkspaceId
    share_id: ShareId
    chat_id: ChatId | None
    audience: Audience
    title: str
    messages: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """What stands behind a link. Nothing in it says whose it is."""

    share_id: ShareId
    audience: Audience
    title: str
    messages: Sequence[Said]
    created_at: datetime


def token_of(secret: bytes, share_id: UUID) -> str:
    """Return the end of a link: its id, and the proof that we made it. Nothing of it is stored."""
    return urlsafe_b64encode(share_id.bytes + _proof(secret, share_id)).decode().rstrip("=")


def share_of(secret: bytes, token: str) -> ShareId | None:
    """Return the id in the end of a link, None for one that we did not make."""
    if len(token) != _TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=")
    except ValueError:
        return None
    if len(raw) != 16 + _DIGEST_BYTES:
        return None
    share_id = UUID(bytes=raw[:16])
    return ShareId(share_id) if hmac.compare_digest(raw[16:], _proof(secret, share_id)) else None


def _proof(secret: bytes, share_id: UUID) -> bytes:
    return hmac.digest(secret, share_id.bytes, "sha256")[:_DIGEST_BYTES]
