"""Ids: UUIDv7 made by the application, shown to people with a prefix.

Time-ordered ids keep index pages warm and let tables be partitioned by id. The text form is the prefix and 32 hex
digits, so that what a customer quotes can be searched for in the database as it is.
"""

import hashlib
import os
import random
import threading
import time
from datetime import UTC, datetime
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
WorkspaceId = NewType("WorkspaceId", UUID)
KeyId = NewType("KeyId", UUID)
RequestId = NewType("RequestId", UUID)
ProviderId = NewType("ProviderId", UUID)
RouteId = NewType("RouteId", UUID)
PriceVersionId = NewType("PriceVersionId", UUID)
TransferId = NewType("TransferId", UUID)
SessionId = NewType("SessionId", UUID)
InvitationId = NewType("InvitationId", UUID)
ManagementKeyId = NewType("ManagementKeyId", UUID)
PasskeyId = NewType("PasskeyId", UUID)
IdentityId = NewType("IdentityId", UUID)
UploadId = NewType("UploadId", UUID)
TicketId = NewType("TicketId", UUID)
RechargeId = NewType("RechargeId", UUID)
RefundId = NewType("RefundId", UUID)
DisputeId = NewType("DisputeId", UUID)
AlertId = NewType("AlertId", UUID)
ProposalId = NewType("ProposalId", UUID)
ViewingId = NewType("ViewingId", UUID)
ChatId = NewType("ChatId", UUID)
MessageId = NewType("MessageId", UUID)
FolderId = NewType("FolderId", UUID)
ShareId = NewType("ShareId", UUID)
PromptId = NewType("PromptId", UUID)
PresetId = NewType("PresetId", UUID)

_lock = threading.Lock()
_last = 0
# Ids are unique, not secret: whoever may see a thing is decided by its owner. A system call per id would cost more.
_random = random.Random(os.urandom(32))  # noqa: S311
os.register_at_fork(after_in_child=lambda: _random.seed(os.urandom(32)))


def new_id() -> UUID:
    """Return a UUIDv7 larger than every one this process made before (RFC 9562 §6.2, method 3)."""
    global _last
    nanoseconds = time.time_ns()
    # 48 bits of milliseconds, then 12 bits that split the millisecond: order holds within one process and one tick.
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        _last = stamp = max(stamp, _last + 1)
    high = ((stamp >> 12) << 16) | 0x7000 | (stamp & 0xFFF)
    low = (0b10 << 62) | _random.getrandbits(62)
    return UUID(int=(high << 64) | low)


def step_id(identifier: UUID, step: str) -> UUID:
    """Return the id of a step that a thing takes at most once, for example the payout of a refund.

    The same thing and step give the same id, so that a retry is recognised (RFC 9562 §5.8: a UUIDv8 by a digest).
    """
    digest = hashlib.blake2b(identifier.bytes + step.encode(), digest_size=16).digest()
    # The first 48 bits stay those of the thing: neighbours in time are neighbours in an index.
    number = int.from_bytes(identifier.bytes[:6] + digest[6:])
    return UUID(int=(number & ~(0xF << 76) & ~(0b11 << 62)) | (8 << 76) | (0b10 << 62))


def made_at(identifier: UUID) -> datetime:
    """Return the moment a UUIDv7 was made, to the millisecond."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def first_id_at(moment: datetime) -> UUID:
    """Return the smallest UUIDv7 of a moment: the lower bound of a range of ids."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (0b10 << 62))


def show(prefix: str, identifier: UUID) -> str:
    """Return the public form of an id, for example `req_0192…`."""
    return f"{prefix}_{identifier.hex}"


def completion_id(request_id: RequestId) -> str:
    """Return the id of a chat answer: OpenAI's form, with the digits of the request's own id."""
    return f"chatcmpl-{request_id.hex}"


def legacy_completion_id(request_id: RequestId) -> str:
    """Return the id of an answer of the completions endpoint, in OpenAI's form."""
    return f"cmpl-{request_id.hex}"


def response_id(request_id: RequestId) -> str:
    """Return the id of an answer of the responses endpoint, in OpenAI's form."""
    return show("resp", request_id)


def message_id(request_id: RequestId) -> str:
    """Return the id of an answer of the messages endpoint, in Anthropic's form."""
    return show("msg", request_id)


def answer_id(api: str | None, request_id: RequestId) -> str:
    """Return the id an answer carries in its body. api: as in a usage row, None is chat completions."""
    match api:
        case "completions":
            return legacy_completion_id(request_id)
        case "responses":
            return response_id(request_id)
        case "messages":
            return message_id(request_id)
        case None:
            return completion_id(request_id)
        case "moderations":
            return show("modr", request_id)
        case _:
            return show("req", request_id)  # its answers have no id of their own


def parse(text: str, *prefixes: str) -> UUID:
    """Return the id behind a public form, or behind a plain UUID.

    Errors  ValueError when the text is neither, or carries a prefix that is not one of `prefixes`
    """
    prefix, separator, rest = text.replace("cmpl-", "cmpl_", 1).rpartition("_")
    if separator and prefix not in prefixes:
        raise ValueError(f"{text!r} does not begin with {' or '.join(f'{name}_' for name in prefixes)}")
    try:
        return UUID(rest)
    except ValueError:
        raise ValueError(f"{text!r} is not an id") from None
