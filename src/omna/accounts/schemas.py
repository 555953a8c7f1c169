"""Bodies of /api/account."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from omna.http.values import Flag, Input, Moment, Output, Text

Language = Literal["en", "zh"]
Theme = Literal["system", "light", "dark"]
#: As it was typed: a space at the end is a part of it.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=4096)]


class AccountFreeze(Output):
    """Everything can be read, nothing changed, and keys of this person are refused."""

    reason: str
    since: Moment
    until: Moment | None = Field(description="When it ends by itself; null is never.")


class Profile(Output):
    """The person who is signed in."""

    id: str
    email: str
    email_verified: bool
    pending_email: str | None = Field(description="A new address that is not verified yet.")
    name: str
    language: Language | None = Field(description="Null follows the browser.")
    theme: Theme
    zone: str | None = Field(description="An IANA name; null is the browser's.")
    staff_role: str | None
    awaiting_approval: bool
    frozen: AccountFreeze | None
    created_at: Moment
    has_password: bool
    has_totp: bool
    passkeys: int
    recovery_codes_left: int | None = Field(description="Null without a second factor.")
    notifications: dict[str, bool] = Field(description="Kinds of mail that may be switched, and whether they are on.")
    verification_resend_at: Moment | None = Field(
        description="When another verification mail may be asked for; null when nothing waits for one."
    )


class ProfileChange(Input):
    """What is absent stays."""

    name: Text | None = Field(None, max_length=200)
    language: Language | None = None
    theme: Theme | None = None
    zone: Text | None = Field(None, max_length=64)
    notifications: dict[str, Flag] | None = None


class StepUpProof(Input):
    """Proof that it is still the person. Password and code go together where both exist; a passkey is enough alone."""

    action: Text = Field(max_length=100, description="As the error `step_up_required` names it.")
    target: Text = Field("", max_length=200)
    password: Password | None = None
    code: str | None = Field(None, max_length=64, description="Of the authenticator, or a recovery code.")
    passkey: dict[str, Any] | None = Field(None, description="The browser's assertion.")


class StepUpDone(Output):
    """The act may be done once, until then."""

    expires_at: Moment


class PasswordChange(Input):
    """A new password."""

    password: Password


class EmailChange(Input):
    """A new address, which counts once it is verified."""

    email: Text = Field(max_length=320)


class SessionRow(Output):
    """Where the person is signed in."""

    id: str
    current: bool
    device: str = Field(examples=["Firefox on Linux"])
    address: str
    created_at: Moment
    last_seen_at: Moment


class TotpSetup(Output):
    """What an authenticator app needs; shown once."""

    secret: str = Field(description="Base32, to be typed where no QR code can be read.")
    uri: str
    qr_svg: str


class TotpCode(Input):
    """Six digits of the authenticator."""

    code: str = Field(max_length=64)


class RecoveryCodes(Output):
    """Ten codes, each of which replaces the authenticator once; shown once."""

    codes: list[str]
