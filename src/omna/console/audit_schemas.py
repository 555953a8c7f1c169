"""Bodies of /api/console/audit."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from omna.http.values import Acted, Input, Moment, Output, Reason, Text

Sought = Annotated[Text, StringConstraints(min_length=1, max_length=200)]


class AuditRow(Output):
    """Who did what to whom, when, why and from where."""

    seq: int
    at: Moment
    actor: str = Field(description="`usr_…`, `mgk_…` of a management key, `cli:NAME` of a command, or `system:PART`.")
    actor_name: str | None = Field(description="Of a person who is still there.")
    actor_email: str | None = Field(description="Masked for who does not decide about money, but for staff.")
    actor_role: str | None = Field(description="What the person is among the staff today.")
    action: str
    subject: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str = Field(description="The network address it came from, or the machine of a command.")
    request_id: str | None


class AuditDetail(AuditRow):
    """A row with its seal."""

    seal: str = Field(description="HMAC over this row and the seal of the row before, in hex digits.")
    newest: int = Field(description="The number of the newest row.")


class AuditWish(Input):
    """Which rows: what is left out is any."""

    actor: Sought | None = Field(None, description="As a row names it, or the mail address of a person.")
    action: Sought | None = Field(None, description="`refund.approve`, or a noun: `refund` is all that is done to one.")
    subject: Sought | None = None
    address: Sought | None = None
    request: Sought | None = None
    text: Sought | None = Field(None, description="Stands in subject, reason, before or after.")
    from_: Sought | None = Field(None, alias="from", description="The first moment, ISO 8601.")
    to: Sought | None = Field(None, description="The moment behind the last.")


class AuditExportWish(AuditWish):
    """Which rows to download, and why."""

    reason: Reason


class AuditExport(Acted):
    """A download that its asker may fetch for a quarter of an hour at `/api/console/audit/export/{audit_seq}`."""

    until: Moment


class BrokenRow(Output):
    """Something that is wrong with a chain."""

    where: str = Field(description="The row of the log, or what in the ledger.")
    seq: int | None = Field(description="Of a row of the audit log.")
    problem: str


class ChainHead(Output):
    """The newest of a chain: row of the audit log, block of the ledger."""

    number: int
    seal: str


class CheckAsked(Output):
    """A check that somebody waits for."""

    at: Moment
    by: str
    begun_at: Moment | None


class ChainStatus(Output):
    """What the checks so far say about a chain."""

    state: Literal["whole", "broken", "unchecked"]
    head: ChainHead
    checked_at: Moment | None = Field(description="The newest check.")
    checked_all_at: Moment | None = Field(description="The newest check of everything.")
    rows: int | None = Field(description="Rows of the audit log that it read.")
    whole_at: Moment | None = Field(description="When everything was last found whole.")
    broken_since: Moment | None = Field(description="The first check after that which found something.")
    findings: int
    broken: list[BrokenRow] = Field(description="The first of the findings.")
    asked: CheckAsked | None


class AuditStatus(Output):
    """Both chains: the audit log, and the ledger with everything that must agree with it."""

    audit: ChainStatus
    ledger: ChainStatus


class VerifyWish(Input):
    """What is to be checked now."""

    chain: Literal["audit", "ledger"]
