"""Bodies of /api/console/alerts and alert-settings."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from omna.alerts.settings import LONGEST_URL, MOST_RECIPIENTS
from omna.http.values import Acted, Flag, Input, Moment, Output, Reason, Text

AlertSeverity: TypeAlias = Literal["info", "warning", "critical"]
AlertState: TypeAlias = Literal["open", "acknowledged", "resolved"]
WantedAlerts: TypeAlias = Literal["current", "open", "acknowledged", "resolved", "all"]
NoticeReason: TypeAlias = Literal["opened", "reminder", "resolved", "digest", "test"]


class AlertRow(Output):
    """An alert in a list."""

    id: str
    kind: str = Field(examples=["provider.cap"])
    subject: str
    severity: AlertSeverity
    state: AlertState
    headline: str = Field(description="What it says, in the language of who asks.")
    count: int = Field(description="How often it was raised.")
    opened_at: Moment
    last_at: Moment
    acknowledged_at: Moment | None
    resolved_at: Moment | None


class NoticeMail(Output):
    """A mail of a notice."""

    recipient: str
    state: Literal["queued", "sent", "failed", "kept"]
    error: str | None


class AlertDelivery(Output):
    """A delivery to the webhook."""

    id: str = Field(description="Its `webhook-id`.")
    reason: NoticeReason
    state: Literal["queued", "sent", "failed"]
    attempts: int
    status: int | None = Field(description="What the receiver answered last.")
    error: str | None
    created_at: Moment
    sent_at: Moment | None
    next_try_at: Moment | None


class AlertNotice(Output):
    """What people were told, and whether it arrived."""

    at: Moment
    reason: NoticeReason
    alerts: int
    mails: list[NoticeMail]
    delivery: AlertDelivery | None


class AlertDetail(AlertRow):
    """An alert with its numbers and what people were told of it."""

    message: str = Field(description="The words of whoever raised it.")
    facts: dict[str, Any]
    acknowledged_by: str | None = Field(description="`usr_…`")
    next_notice_at: Moment | None = Field(description="When people are reminded.")
    notices: list[AlertNotice]


class AlertActed(AlertDetail, Acted):
    """An alert after an act."""


class AlertSummary(Output):
    """How many alerts nobody has acknowledged."""

    critical: int
    warning: int
    info: int


class AlertAct(Input):
    """Why."""

    reason: Reason


class AlertWebhook(Output):
    """Where alerts are delivered. Its secret is never shown again."""

    url: str
    allowed: bool = Field(description="Exactly this host and port may be http, another port or not public.")
    old_secret_until: Moment | None = Field(description="Until when the secret before signs, too.")


class AlertSettingsOut(Output):
    """Whom alerts are told to."""

    recipients: list[str] | None = Field(description="null: every owner among staff.")
    least_severity: AlertSeverity
    mails_go_to: list[str] = Field(description="Who gets them now.")
    webhook: AlertWebhook | None


class AlertSettingsActed(AlertSettingsOut, Acted):
    """Whom alerts are told to after an act."""

    secret: str | None = Field(None, description="A new secret of the webhook, shown this once.")


class RecipientsWish(Input):
    """Who gets mails, and of which alerts people are told."""

    recipients: Annotated[list[Annotated[Text, Field(max_length=254)]], Field(max_length=MOST_RECIPIENTS)] | None
    least_severity: AlertSeverity
    reason: Reason


class WebhookWish(Input):
    """Where alerts shall be delivered."""

    url: Annotated[Text, Field(max_length=LONGEST_URL)]
    allowed: Flag = Field(False, description="This host and port may be plain http, another port or not public.")
    reason: Reason
