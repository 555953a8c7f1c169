import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.keys.model import (
    MANAGEMENT_PATTERN,
    PATTERN,
    digest,
    encode,
    generate,
    generate_management,
    well_formed,
    well_formed_management,
)

ALPHABET = string.digits + string.ascii_letters


@pytest.mark.parametrize(("entropy", "end"), [(b"\x00" * 32, "_04Ppzy"), (b"\xff" * 32, "_35ENaY")])
def test_encode_gives_the_published_check_vectors(entropy: bytes, end: str) -> None:
    assert encode(entropy).endswith(end)
    assert len(encode(entropy)) == 55


@given(st.binary(min_size=32, max_size=32))
def test_every_key_is_well_formed_and_found_by_the_pattern(entropy: bytes) -> None:
    key = encode(entropy)
    assert well_formed(key)
    assert PATTERN.findall(f"Authorization: Bearer {key}, next") == [key]


@given(st.binary(min_size=32, max_size=32), st.integers(5, 54), st.sampled_from(ALPHABET))
def test_one_changed_character_is_not_well_formed(entropy: bytes, position: int, character: str) -> None:
    key = encode(entropy)
    changed = key[:position] + character + key[position + 1 :]
    assert well_formed(changed) == (changed == key)


@pytest.mark.parametrize(
    "text", ["", "omna_", "omna_xxx", "sk-abc", "omna_" + "0" * 43, "omna_" + "é" * 43 + "_04Ppzy"]
)
def test_other_texts_are_not_well_formed(text: str) -> None:
    assert not well_formed(text)


def test_a_key_with_a_line_end_is_not_well_formed() -> None:
    assert not well_formed(generate() + "\n")


def test_keys_and_their_digests_differ() -> None:
    first, second = generate(), generate()
    assert first != second
    assert digest(first) != digest(second)
    assert len(digest(first)) == 32


def test_a_management_key_is_no_api_key_and_an_api_key_no_management_key() -> None:
    api, management = generate(), generate_management()
    assert management.startswith("omna_mgmt_")
    assert (well_formed(management), well_formed_management(api)) == (False, False)
    assert (well_formed(api), well_formed_management(management)) == (True, True)
    assert (PATTERN.findall(management), MANAGEMENT_PATTERN.findall(f"x {management}.")) == ([], [management])
    assert not well_formed_management(management[:-1] + ("a" if management[-1] != "a" else "b"))
