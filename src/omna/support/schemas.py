"""Bodies of /api about requests for support; the console adds its own."""

from typing import Annotated

from pydantic import Field

from omna.http.values import Input, Moment, Output, Text
from omna.support.model import (
    LONGEST_BROWSER,
    LONGEST_FIELD,
    LONGEST_REASON,
    LONGEST_TEXT,
    Category,
    Side,
    State,
    SubjectKind,
)

Words = Annotated[Text, Field(max_length=LONGEST_TEXT * 2)]
Line = Annotated[Text, Field(max_length=LONGEST_FIELD * 4)]
Attachments = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)]


class About(Input):
    """A thing of this workspace that a request is about."""

    kind: SubjectKind
    id: Annotated[str, Field(max_length=64)]


class TicketNew(Input):
    """A request that is to be. The fields about money count for the category `billing`."""

    category: Category
    subject: Annotated[Text, Field(max_length=600)]
    text: Words
    account_email: Line | None = None
    payment_method: Line | None = None
    payment_reference: Line | None = None
    amount: Line | None = None
    reason: Annotated[Text, Field(max_length=LONGEST_REASON * 2)] | None = None
    about: Annotated[list[About], Field(max_length=20)] = Field(default_factory=list)
    browser: Annotated[Text, Field(max_length=LONGEST_BROWSER * 4)] | None = None
    attachments: Attachments = Field(default_factory=list)


class MessageNew(Input):
    """Something to say."""

    text: Words
    attachments: Attachments = Field(default_factory=list)


class TicketRow(Output):
    """A request in the list."""

    id: str
    category: Category
    subject: str
    state: State
    unread: bool = Field(description="Staff said something that you have not read.")
    yours: bool = Field(description="You opened it.")
    created_at: Moment
    updated_at: Moment
    due_at: Moment | None = Field(description="When an answer of staff is expected, while they owe one.")


class AboutRow(Output):
    """A thing that a request is about."""

    kind: SubjectKind
    id: str
    known: bool = Field(description="False of a request that ended before it cost anything, and so left no receipt.")


class AttachmentRow(Output):
    """A file of a message."""

    id: str
    name: str
    type: str
    size: int


class MessageRow(Output):
    """Something that was said."""

    id: str
    by: Side
    author: str
    yours: bool
    text: str
    at: Moment
    attachments: list[AttachmentRow]


class TicketDetail(TicketRow):
    """A request with everything that was said in it."""

    account_email: str | None
    payment_method: str | None
    payment_reference: str | None
    amount: str | None
    reason: str | None
    browser: str | None
    about: list[AboutRow]
    messages: list[MessageRow]


class SupportSummary(Output):
    """What the app shows beside the word Support."""

    unread: int
    waiting: int = Field(description="Requests in which the next word is yours.")
    answer_hours: int = Field(description="In which an answer is expected.")
