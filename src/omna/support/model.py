"""PURE  A ticket: its states, what it is about, and which words fit into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from omna import names
from omna.errors import InvalidValue
from omna.ids import TicketId, UploadId, UserId, WorkspaceId, parse

LONGEST_SUBJECT = 150
LONGEST_TEXT = 10_000
LONGEST_FIELD = 200
LONGEST_REASON = 2_000
LONGEST_BROWSER = 400
MOST_ATTACHMENTS = 5
MOST_SUBJECTS = 10


class Category(StrEnum):
    """What a request is about, and so who may see it."""

    BILLING = "billing"
    API_ERROR = "api_error"
    MODEL_QUALITY = "model_quality"
    ACCOUNT = "account"
    OTHER = "other"


class State(StrEnum):
    """Who owes the next word."""

    OPEN = "open"
    WAITING = "waiting"
    SOLVED = "solved"


class Event(StrEnum):
    """What changes a state."""

    CUSTOMER_SPOKE = "customer_spoke"
    STAFF_SPOKE = "staff_spoke"
    SOLVED = "solved"
    REOPENED = "reopened"


class Side(StrEnum):
    """Who speaks."""

    CUSTOMER = "customer"
    STAFF = "staff"


class SubjectKind(StrEnum):
    """What of a workspace a ticket may be about."""

    ORDER = "order"
    REFUND = "refund"
    REQUEST = "request"
    LEDGER = "ledger"
    KEY = "key"


PREFIXES = {
    SubjectKind.ORDER: "rch",
    SubjectKind.REFUND: "rfd",
    SubjectKind.REQUEST: "req",
    SubjectKind.LEDGER: "tr",
    SubjectKind.KEY: "key",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing of the workspace. known: it is there; a request that was refused leaves nothing behind."""

    kind: SubjectKind
    subject_id: UUID
    known: bool = True


@dataclass(frozen=True, slots=True)
class Billing:
    """What a request about money says, in the customer's words."""

    account_email: str | None = None
    payment_method: str | None = None
    payment_reference: str | None = None
    amount: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A ticket that is to be."""

    category: Category
    subject: str
    text: str
    billing: Billing = field(default_factory=Billing)
    subjects: Sequence[Subject] = ()
    browser: str | None = None
    attachments: Sequence[UploadId] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket. due_at: when staff are expected to answer, while they owe an answer."""

    workspace_id: WorkspaceId
    ticket_id: TicketId
    opened_by: UserId
    category: Category
    subject: str
    state: State
    billing: Billing
    browser: str | None
    assigned_to: UserId | None
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    customer_spoke_at: datetime
    staff_spoke_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message."""

    upload_id: UploadId
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said. internal: staff among themselves."""

    message_id: UUID
    author_id: UserId
    author_name: str
    side: Side
    internal: bool
    text: str
    created_at: datetime
    attachments: Sequence[Attachment] = ()


def after(event: Event) -> State:
    """Return the state a ticket is in after an event, whatever it was before."""
    match event:
        case Event.CUSTOMER_SPOKE | Event.REOPENED:
            return State.OPEN
        case Event.STAFF_SPOKE:
            return State.WAITING
        case Event.SOLVED:
            return State.SOLVED


def checked_subject(text: str) -> str:
    """Return a subject on one line. Errors: InvalidValue."""
    text = names.one_line(text, param="subject", what="A subject")
    if not 0 < len(text) <= LONGEST_SUBJECT:
        raise InvalidValue(f"Say what it is about, in at most {LONGEST_SUBJECT} characters.", param="subject")
    return text


def checked_text(text: str) -> str:
    """Return the words of a message. Errors: InvalidValue."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise InvalidValue("Write something first.", param="text")
    if len(text) > LONGEST_TEXT:
        raise InvalidValue(
            f"A message may have at most {LONGEST_TEXT:,} characters. Attach the rest as a text file.", param="text"
        )
    return text


def checked_line(text: str | None, name: str, longest: int = LONGEST_FIELD) -> str | None:
    """Return a field that may be empty. Errors: InvalidValue."""
    text = names.one_line(text or "", param=name, what="A line")
    if len(text) > longest:
        raise InvalidValue(f"At most {longest} characters fit here.", param=name)
    return text or None


def parse_subject(kind: SubjectKind, text: str) -> Subject:
    """Return what an id of a kind names. Errors: InvalidValue."""
    prefix = PREFIXES[kind]
    try:
        return Subject(kind, parse(text, prefix))
    except ValueError:
        raise InvalidValue(f"{text[:60]!r} is no {kind} ({prefix}_…).", param="about") from None


def masked(email: str) -> str:
    """Return an address that a person recognises and nobody else can write to."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}•••{at}{domain}"
