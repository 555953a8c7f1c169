import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.vault.envelope import EnvelopeError, Location, key_id_of, seal, unseal

KEY = os.urandom(32)
PLACE = Location("providers", "row", "secret")


@given(st.text())
def test_what_is_sealed_comes_back(secret: str) -> None:
    secret = secret.encode(errors="ignore").decode()
    envelope = seal(KEY, "kid", secret, PLACE)
    assert unseal(KEY, envelope, PLACE) == secret
    assert key_id_of(envelope) == "kid"


def test_the_same_secret_is_never_sealed_the_same_way() -> None:
    assert seal(KEY, "kid", "secret", PLACE) != seal(KEY, "kid", "secret", PLACE)


@pytest.mark.parametrize(
    "place",
    [
        Location("providers", "other", "secret"),
        Location("users", "row", "secret"),
        Location("providers", "row", "other"),
        # The same letters with the borders moved.
        Location("providersr", "ow", "secret"),
    ],
)
def test_an_envelope_does_not_open_in_another_place(place: Location) -> None:
    envelope = seal(KEY, "kid", "secret", PLACE)
    with pytest.raises(EnvelopeError):
        unseal(KEY, envelope, place)


def test_an_envelope_does_not_open_with_another_key_or_key_id() -> None:
    envelope = seal(KEY, "kid", "secret", PLACE)
    with pytest.raises(EnvelopeError):
        unseal(os.urandom(32), envelope, PLACE)
    with pytest.raises(EnvelopeError):
        unseal(KEY, envelope.replace(":kid:", ":dik:"), PLACE)


def test_no_changed_character_goes_unnoticed() -> None:
    envelope = seal(KEY, "kid", "a secret", PLACE)
    for position, character in enumerate(envelope):
        changed = envelope[:position] + ("A" if character != "A" else "Q") + envelope[position + 1 :]
        try:
            secret = unseal(KEY, changed, PLACE)
        except EnvelopeError:
            continue
        # The last character of a base64 part has bits that stand for nothing.
        assert secret == "a secret"
        assert envelope[position + 1 : position + 2] in (":", "")


@pytest.mark.parametrize("text", ["", "v1", "v1:a:b:c:d", "v2:k:AAAA:AAAA:AAAA", "v1:k:é:é:é"])
def test_other_texts_do_not_open(text: str) -> None:
    with pytest.raises(EnvelopeError):
        unseal(KEY, text, PLACE)
