"""Bodies of /api about passkeys and sign-in by other services."""

from typing import Any

from pydantic import Field

from omna.http.values import Flag, Input, Moment, Output, Text


class Passkey(Output):
    """A key on somebody's device, or in their password manager."""

    id: str = Field(description="`pky_…`")
    name: str
    created_at: Moment
    last_used_at: Moment | None
    synced: bool = Field(description="Whether it is kept in more places than one.")


class CeremonyOptions(Output):
    """What the browser is asked."""

    options: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."
    )


class PasskeyAdd(Input):
    name: Text = Field(min_length=1, max_length=100)
    credential: dict[str, Any] = Field(description="The new credential, as its `toJSON` gives it.")


class PasskeyName(Input):
    name: Text = Field(min_length=1, max_length=100)


class PasskeyStart(Input):
    second_step: Flag = Field(False, description="Of the sign-in that is open in this browser.")


class PasskeySignIn(Input):
    credential: dict[str, Any] = Field(description="The assertion, as its `toJSON` gives it.")
    next: Text = Field("/app", max_length=2000, description="Where to go; addresses of other sites are ignored.")


class SignedInTo(Output):
    next: str = Field(description="Where to go, on this site.")


class LinkedIdentity(Output):
    """The person as another service knows them."""

    id: str = Field(description="`idy_…`")
    provider: str = Field(description="`google`, `github` or `oidc`; empty when it is not offered any more.")
    label: str
    email: str | None
    linked_at: Moment


class IdentityProvider(Output):
    provider: str
    label: str


class IdentityProviders(Output):
    linked: list[LinkedIdentity]
    available: list[IdentityProvider] = Field(description="Every service that can be linked.")


class IdentityLink(Input):
    provider: Text = Field(max_length=20)


class Journey(Output):
    url: str = Field(description="The address at the service, for this browser to go to.")
