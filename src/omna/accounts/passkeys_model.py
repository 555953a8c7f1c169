"""PURE  A passkey, what a browser is asked for, and whether its answer is one.

Source  Web Authentication Level 3, §7.1 and §7.2; the bytes are read by the library `webauthn`
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from omna.errors import PasskeyRefused
from omna.ids import PasskeyId, UserId

#: How long an answer may take, of the browser and of the row behind it.
CHALLENGE_SECONDS = 300
MOST_PASSKEYS = 20
LONGEST_NAME = 100
_LONGEST_CREDENTIAL_ID = 1023
_TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})


class Ceremony(StrEnum):
    """What a challenge is for; an answer to one is no answer to another."""

    ADD = "add"
    SIGN_IN = "sign_in"
    SECOND_STEP = "second_step"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who browsers make keys for: a domain, and the one origin that may use them."""

    rp_id: str
    origin: str

    @property
    def usable(self) -> bool:
        """Browsers make no passkeys for bare addresses."""
        try:
            ip_address(self.rp_id)
        except ValueError:
            return bool(self.rp_id)
        return False


@dataclass(frozen=True, slots=True)
class Passkey:
    passkey_id: PasskeyId
    user_id: UserId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What an assertion says about itself, before anything of it is believed."""

    credential_id: bytes
    challenge: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a verified assertion proves."""

    sign_count: int
    user_verified: bool
    backed_up: bool


def relying_party(public_url: str) -> RelyingParty:
    """Return whom keys of this installation are made for."""
    url = urlsplit(public_url)
    return RelyingParty((url.hostname or "").lower(), f"{url.scheme}://{url.netloc.lower()}")


def creation_options(
    party: RelyingParty, challenge: bytes, user_id: UserId, email: str, name: str, present: Sequence[Passkey]
) -> dict[str, Any]:
    """Return what `navigator.credentials.create` is called with, as PublicKeyCredentialCreationOptionsJSON.

    A key must be discoverable and verify its owner, so that every passkey is a whole way in.
    """
    options = webauthn.generate_registration_options(
        rp_id=party.rp_id,
        rp_name="Omna",
        user_id=user_id.bytes,
        user_name=email,
        user_display_name=name or email,
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(present),
    )
    return _json(options)


def request_options(
    party: RelyingParty, challenge: bytes, present: Sequence[Passkey], *, verify_user: bool
) -> dict[str, Any]:
    """Return what `navigator.credentials.get` is called with. present: empty lets the person choose any."""
    options = webauthn.generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        allow_credentials=_descriptors(present),
        user_verification=(
            UserVerificationRequirement.REQUIRED if verify_user else UserVerificationRequirement.PREFERRED
        ),
    )
    return _json(options)


def challenge_of(credential: dict[str, Any]) -> bytes:
    """Return the challenge that a new key answers. Errors: PasskeyRefused."""
    # Bytes from outside: whatever a parser trips over, it is no answer.
    try:
        return _challenge(parse_registration_credential_json(credential).response.client_data_json)
    except Exception as error:
        raise PasskeyRefused from error


def read(credential: dict[str, Any]) -> Answer:
    """Return what an assertion says about itself. Errors: PasskeyRefused."""
    try:
        parsed = parse_authentication_credential_json(credential)
        challenge = _challenge(parsed.response.client_data_json)
    except Exception as error:
        raise PasskeyRefused from error
    return Answer(parsed.raw_id, challenge, parsed.response.user_handle)


def verify_new(party: RelyingParty, credential: dict[str, Any], challenge: bytes) -> NewPasskey:
    """Return the key of an answer to `creation_options`.

    Errors  PasskeyRefused for another type, origin, relying party or challenge, without presence or verification
    """
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
        parsed = parse_registration_credential_json(credential)
        framed = parse_client_data_json(parsed.response.client_data_json).cross_origin
    except Exception as error:
        raise PasskeyRefused from error
    if framed or len(verified.credential_id) > _LONGEST_CREDENTIAL_ID or verified.credential_id != parsed.raw_id:
        raise PasskeyRefused
    return NewPasskey(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=sorted(_TRANSPORTS.intersection(item.value for item in parsed.response.transports or ())),
        backed_up=verified.credential_backed_up,
    )


def verify_assertion(
    party: RelyingParty, credential: dict[str, Any], challenge: bytes, public_key: bytes, *, verify_user: bool
) -> Assertion:
    """Return what an answer to `request_options` proves.

    The counter is not judged here: only whoever holds the key may raise that alarm, and the library would look at it
    before the signature.
    Errors  PasskeyRefused for another type, origin, relying party or challenge, a wrong signature, without presence
    """
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=verify_user,
        )
        parsed = parse_authentication_credential_json(credential)
        framed = parse_client_data_json(parsed.response.client_data_json).cross_origin
    except Exception as error:
        raise PasskeyRefused from error
    if framed:
        raise PasskeyRefused
    return Assertion(verified.new_sign_count, verified.user_verified, verified.credential_backed_up)


def is_copy(stored: int, seen: int) -> bool:
    """Return whether a counter that did not grow betrays a second copy of the key. Many keys do not count at all."""
    return (stored > 0 or seen > 0) and seen <= stored


def _challenge(client_data: bytes) -> bytes:
    return parse_client_data_json(client_data).challenge


def _descriptors(present: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    # Transports are left out: a key that can do more than it said at first would not be asked.
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in present]


def _json(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return plain
