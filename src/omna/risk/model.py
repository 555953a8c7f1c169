"""PURE  Scopes of an emergency stop, and the rule of four eyes."""

from dataclasses import dataclass
from datetime import datetime

from omna.errors import InvalidValue
from omna.money import NANO_PER_CREDIT

PLAIN_SCOPES = ("all", "api", "chat", "recharge", "signup")
#: Manual money above this, in nanocredits and counted over the window, needs a second person.
FOUR_EYES_THRESHOLD = 100 * NANO_PER_CREDIT
FOUR_EYES_WINDOW_HOURS = 24


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop in force. `cut_streams` ends running streams too; otherwise they finish.

    reason  for staff; message: what everybody reads, nothing by default
    """

    scope: str
    cut_streams: bool
    reason: str
    actor: str
    since: datetime
    message: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """A stop from its beginning to its end, which is None while it is in force. refused: by every process, so far."""

    stop: Stop
    refused: int
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a stop would meet: running now, asked for in the last hour, and workspaces or people behind both."""

    running: int
    last_hour: int
    affected: int


def split_scope(scope: str) -> tuple[str, str | None]:
    """Return the kind of a scope and the name behind it: `provider:NAME`, `model:ID`, or a plain one.

    Errors  InvalidValue
    """
    kind, separator, name = scope.partition(":")
    if scope in PLAIN_SCOPES:
        return scope, None
    if separator and kind in ("provider", "model") and name:
        return kind, name
    raise InvalidValue(
        f"{scope!r} is no scope; use {', '.join(PLAIN_SCOPES)}, provider:NAME or model:ID.", param="scope"
    )


def needs_second_person(amount: int, already: int) -> bool:
    """Return whether manual money of this size needs another approver, with what the actor moved in the window."""
    return abs(amount) + already > FOUR_EYES_THRESHOLD


def check_message(message: str) -> str:
    """Return what customers will read without blanks around it; nothing is fine. Errors: InvalidValue."""
    message = message.strip()
    if message and not message.isprintable():
        raise InvalidValue("A message to customers is one line.", param="message")
    if len(message) > 500:
        raise InvalidValue("A message to customers has at most 500 characters.", param="message")
    return message


def check_reason(reason: str) -> str:
    """Return a reason without blanks around it. Errors: InvalidValue when it says nothing or is endless."""
    reason = reason.strip()
    if not reason or not reason.isprintable():
        raise InvalidValue("Say why, in one line: the reason is kept in the audit log.", param="reason")
    if len(reason) > 500:
        raise InvalidValue("A reason has at most 500 characters.", param="reason")
    return reason
