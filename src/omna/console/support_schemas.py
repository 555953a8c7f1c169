"""Bodies of /api/console/tickets."""

from typing import Annotated, Literal

from pydantic import Field

from omna.http.values import Flag, Input, Moment, Output, Text
from omna.support.model import Category, Side, State
from omna.support.schemas import AboutRow, AttachmentRow, Words


class QueueRow(Output):
    """A request in the queue."""

    id: str
    category: Category
    subject: str
    state: State
    workspace: str
    workspace_name: str
    person: str
    person_name: str
    person_email: str = Field(description="Masked for who may not decide about money.")
    assignee: str | None
    assignee_name: str | None
    mine: bool
    unread: bool = Field(description="The customer said something that you have not read.")
    overdue: bool
    due_at: Moment | None
    created_at: Moment
    updated_at: Moment


class QueueCounts(Output):
    """Of requests that are not solved."""

    open: int
    overdue: int
    mine: int
    unassigned: int


class StaffName(Output):
    """Somebody who may answer requests."""

    id: str
    name: str
    role: str


class Canned(Output):
    """A reply that is often the same."""

    name: str
    language: Literal["en", "zh"]
    text: str


class ConsoleMessage(Output):
    """Something that was said, or noted."""

    id: str
    by: Side
    author: str
    author_id: str
    internal: bool
    text: str
    at: Moment
    attachments: list[AttachmentRow]


class ConsoleTicket(QueueRow):
    """A request with everything in it."""

    account_email: str | None
    payment_method: str | None
    payment_reference: str | None
    amount: str | None
    reason: str | None
    browser: str | None
    about: list[AboutRow]
    messages: list[ConsoleMessage]


class StaffMessage(Input):
    """A reply, or a note."""

    text: Words
    internal: Flag = False


class Reason(Input):
    """Why."""

    reason: Annotated[Text, Field(min_length=1, max_length=500)]


class Assignment(Reason):
    """Whose a request is to be."""

    assignee: Annotated[str, Field(max_length=64)] | None = Field(description="`me`, `usr_…`, or null for nobody.")
    expected: Annotated[str, Field(max_length=64)] | None = Field(
        description="Whose it was when you looked; null for nobody's."
    )


class Done(Output):
    """The line of the audit log that records an act."""

    audit_seq: int
