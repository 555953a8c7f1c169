"""Bodies of /api about keys."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, WithJsonSchema

from omna.http.values import Amount, AmountIn, Flag, Input, Moment, Output, Text, Whole

Period = Literal["day", "week", "month", "total"]
KeyStatus = Literal["active", "disabled", "expired", "revoked", "rotating"]
KeySort = Literal[
    "name",
    "-name",
    "created_at",
    "-created_at",
    "last_used_at",
    "-last_used_at",
    "spent_30d",
    "-spent_30d",
]
ManagementRole = Literal["admin", "billing", "member"]
#: A moment that a client sends: ISO 8601 with a zone.
MomentIn = Annotated[AwareDatetime, WithJsonSchema({"type": "string", "format": "date-time"})]


class KeyRow(Output):
    """A key, without its secret, and what it spent."""

    id: str
    name: str
    label: str
    status: KeyStatus = Field(description="rotating: replaced, and good until it expires.")
    created_by: str | None
    creator_name: str | None
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None
    rpm: int | None
    max_running: int | None
    spend_limit: Amount | None
    spend_period: Period | None
    spent_in_period: Amount
    held: Amount
    resets_at: Moment | None
    allowed_models: list[str] | None
    requests_24h: int
    spent_24h: Amount
    requests_30d: int
    spent_30d: Amount
    replaced_by: str | None
    yours: bool


class KeySettings(Input):
    """Everything that can be set about a key; what is absent is no limit."""

    name: Text
    rpm: Whole | None = Field(None, description="Requests in any 60 seconds.")
    max_running: Whole | None = Field(None, description="Requests at the same time.")
    spend_limit: AmountIn | None = Field(None, description="Without one, a fresh proof that it is you is needed.")
    spend_period: Period | None = None
    allowed_models: list[Text] | None = None
    expires_at: MomentIn | None = None


class KeyMade(Output):
    """A new key. Its secret is in this answer and never again."""

    key: KeyRow
    secret: str


class KeyRotation(Input):
    """How long the old key still works."""

    overlap_hours: Whole = Field(24, description="0 to 168.")


class KeyRevocation(Input):
    """The key's name, typed; or that somebody else may have it, and then at once."""

    name: Text
    leaked: Flag = False


class ManagementKeyRow(Output):
    """A management key, without its secret."""

    id: str
    name: str
    label: str
    role: ManagementRole
    creator_name: str | None
    created_at: Moment
    last_used_at: Moment | None
    expires_at: Moment | None


class ManagementKeyNew(Input):
    """A management key that is to be. It never may more than you."""

    name: Text
    role: ManagementRole = "admin"
    expires_at: MomentIn | None = None


class ManagementKeyMade(Output):
    """A new management key. Its secret is in this answer and never again."""

    key: ManagementKeyRow
    secret: str
