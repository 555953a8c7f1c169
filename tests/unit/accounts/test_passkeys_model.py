"""An answer of an authenticator counts only when everything about it is as asked."""

import copy
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from omna.accounts import passkeys_model as model
from omna.accounts.passkeys_model import NewPasskey, RelyingParty
from omna.errors import PasskeyRefused
from omna.ids import UserId
from tests.harness.authenticator import Authenticator, encode

PARTY = RelyingParty("localhost", "http://localhost:5108")
USER = UserId(UUID(int=7))
CHALLENGE = b"c" * 32


def creation() -> dict[str, Any]:
    return model.creation_options(PARTY, CHALLENGE, USER, "ann@example.com", "Ann", ())


def asking() -> dict[str, Any]:
    return model.request_options(PARTY, CHALLENGE, (), verify_user=True)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
def made(device: Authenticator) -> NewPasskey:
    return model.verify_new(PARTY, device.create(creation()), CHALLENGE)


def test_options_ask_for_a_key_that_is_a_whole_way_in() -> None:
    options = creation()
    assert options["rp"] == {"id": "localhost", "name": "Omna"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["requireResidentKey"] is True
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert options["user"]["id"] == encode(USER.bytes)
    assert options["challenge"] == encode(CHALLENGE)


def test_a_new_key_is_kept_as_it_was_made(device: Authenticator, made: NewPasskey) -> None:
    assert made.credential_id == device.keys[0].credential_id
    assert made.sign_count == 0
    assert made.transports == ["hybrid", "internal"]
    assert not made.backed_up


def test_a_known_key_proves_its_owner(device: Authenticator, made: NewPasskey) -> None:
    answer = device.get(asking())
    assertion = model.verify_assertion(PARTY, answer, CHALLENGE, made.public_key, verify_user=True)
    assert assertion.user_verified
    assert assertion.sign_count == 1
    assert model.read(answer) == model.Answer(made.credential_id, CHALLENGE, USER.bytes)


@pytest.mark.parametrize(
    "fault",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:5109"},
        {"origin": "https://localhost:5108"},
        {"present": False},
        {"verified": False},
        {"cross_origin": True},
    ],
    ids=str,
)
def test_an_answer_given_elsewhere_or_without_its_owner_is_refused(
    device: Authenticator, made: NewPasskey, fault: dict[str, Any]
) -> None:
    for name, value in fault.items():
        setattr(device, name, value)
    with pytest.raises(PasskeyRefused):
        model.verify_new(PARTY, device.create(creation()), CHALLENGE)
    with pytest.raises(PasskeyRefused):
        model.verify_assertion(PARTY, device.get(asking()), CHALLENGE, made.public_key, verify_user=True)


@pytest.mark.parametrize(
    "fault",
    [
        {"rp_id": "evil.example"},
        {"kind": "webauthn.create"},
        {"kind": "payment.get"},
        {"signer": ec.generate_private_key(ec.SECP256R1())},
    ],
    ids=lambda fault: str(next(iter(fault))),
)
def test_an_answer_to_something_else_is_refused(device: Authenticator, made: NewPasskey, fault: dict[str, Any]) -> None:
    with pytest.raises(PasskeyRefused):
        model.verify_assertion(PARTY, device.get(asking(), **fault), CHALLENGE, made.public_key, verify_user=True)


def test_an_answer_to_another_challenge_is_refused(device: Authenticator, made: NewPasskey) -> None:
    with pytest.raises(PasskeyRefused):
        model.verify_assertion(PARTY, device.get(asking()), b"d" * 32, made.public_key, verify_user=True)
    with pytest.raises(PasskeyRefused):
        model.verify_new(PARTY, device.create(creation()), b"d" * 32)
    with pytest.raises(PasskeyRefused):
        model.verify_new(PARTY, device.create(creation(), kind="webauthn.get"), CHALLENGE)
    with pytest.raises(PasskeyRefused):
        model.verify_new(PARTY, device.create(creation(), rp_id="evil.example"), CHALLENGE)


def test_verification_may_be_missing_where_it_is_not_asked_for(device: Authenticator, made: NewPasskey) -> None:
    device.verified = False
    answer = device.get(asking())
    assert not model.verify_assertion(PARTY, answer, CHALLENGE, made.public_key, verify_user=False).user_verified


def _without(answer: dict[str, Any], *path: str) -> dict[str, Any]:
    broken = copy.deepcopy(answer)
    place = broken
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return broken


def test_whatever_is_no_answer_is_refused(device: Authenticator, made: NewPasskey) -> None:
    good, new = device.get(asking()), device.create(creation())
    broken: list[Any] = [
        {},
        {"id": 1},
        {**good, "type": "password"},
        {**good, "id": "other"},
        {**good, "rawId": "é"},
        {**good, "response": []},
        {**good, "response": {**good["response"], "clientDataJSON": encode(b"[" * 100_000)}},
        {**good, "response": {**good["response"], "authenticatorData": encode(b"\x9f" * 5000)}},
        {**good, "response": {**good["response"], "signature": ""}},
        {**new, "response": {**new["response"], "attestationObject": encode(b"\x81" * 100_000)}},
        {**new, "response": {**new["response"], "attestationObject": encode(b"\xa0")}},
        _without(good, "rawId"),
        _without(good, "response", "signature"),
        _without(new, "response", "attestationObject"),
    ]
    for item in broken:
        with pytest.raises(PasskeyRefused):
            model.verify_assertion(PARTY, item, CHALLENGE, made.public_key, verify_user=True)
        with pytest.raises(PasskeyRefused):
            model.verify_new(PARTY, item, CHALLENGE)


@pytest.mark.parametrize(
    ("stored", "seen", "copied"),
    [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_counter_that_does_not_grow_betrays_a_copy(stored: int, seen: int, copied: bool) -> None:
    assert model.is_copy(stored, seen) is copied


@pytest.mark.parametrize(
    ("url", "rp_id", "origin", "usable"),
    [
        ("http://localhost:5108", "localhost", "http://localhost:5108", True),
        ("https://Omna.Example.com", "omna.example.com", "https://omna.example.com", True),
        ("https://omna.example.com/", "omna.example.com", "https://omna.example.com", True),
        ("http://127.0.0.1:5108", "127.0.0.1", "http://127.0.0.1:5108", False),
        ("http://[::1]:5108", "::1", "http://[::1]:5108", False),
    ],
)
def test_keys_are_made_for_the_public_url(url: str, rp_id: str, origin: str, usable: bool) -> None:
    party = model.relying_party(url)
    assert (party.rp_id, party.origin, party.usable) == (rp_id, origin, usable)
