"""Who gets which mails, and in which language."""

import pytest

from omna.mail.kinds import SWITCHABLE, Kind, change_preferences, language_of, preferences, wanted


def test_what_is_not_said_is_on() -> None:
    assert all(wanted(None, kind) and wanted({}, kind) for kind in Kind)


def test_only_notices_can_be_switched_off() -> None:
    off = dict.fromkeys(map(str, Kind), False)
    assert {kind for kind in Kind if not wanted(off, kind)} == set(SWITCHABLE)
    assert set(SWITCHABLE) == {Kind.KEY_CREATED, Kind.LOW_BALANCE, Kind.LIMIT_REACHED}


def test_preferences_change_one_by_one() -> None:
    before = change_preferences(None, {"low_balance": False})
    assert before == {"key_created": True, "low_balance": False, "limit_reached": True}
    assert change_preferences(before, {"low_balance": True}) == preferences(None)


def test_security_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="new_device cannot be switched off"):
        change_preferences(None, {"new_device": False})


@pytest.mark.parametrize(
    ("text", "language"), [("zh", "zh"), ("zh-Hans", "zh"), ("ZH-cn", "zh"), ("en", "en"), (None, "en"), ("fr", "en")]
)
def test_other_languages_are_answered_in_english(text: str | None, language: str) -> None:
    assert language_of(text) == language
