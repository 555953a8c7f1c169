import pytest

from omna.errors import InvalidValue
from omna.ids import new_id, show
from omna.support.canned import REPLIES
from omna.support.model import (
    LONGEST_TEXT,
    PREFIXES,
    Event,
    State,
    SubjectKind,
    after,
    checked_line,
    checked_subject,
    checked_text,
    masked,
    parse_subject,
)


def test_whoever_spoke_last_is_owed_an_answer() -> None:
    assert {event: after(event) for event in Event} == {
        Event.CUSTOMER_SPOKE: State.OPEN,
        Event.REOPENED: State.OPEN,
        Event.STAFF_SPOKE: State.WAITING,
        Event.SOLVED: State.SOLVED,
    }


def test_words_are_kept_and_their_edges_cut() -> None:
    assert checked_subject("  one\n line ") == "one line"
    assert checked_text("\r\n a\r\nb \n") == "a\nb"
    assert checked_line(" a\tb ", "amount") == "a b"
    assert checked_line("  ", "amount") is None
    assert checked_line(None, "amount") is None


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST_TEXT + 1)])
def test_words_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        checked_text(text)


@pytest.mark.parametrize("kind", SubjectKind)
def test_a_thing_is_named_by_its_own_id(kind: SubjectKind) -> None:
    identifier = new_id()
    assert parse_subject(kind, show(PREFIXES[kind], identifier)).subject_id == identifier
    for nonsense in ("", "x", show("ws", identifier), "../../etc/passwd"):
        with pytest.raises(InvalidValue):
            parse_subject(kind, nonsense)


def test_address_is_masked() -> None:
    assert masked("ada@example.com") == "a•••@example.com"


def test_canned_replies_come_in_both_languages() -> None:
    languages = [reply.language for reply in REPLIES]
    assert languages.count("en") == languages.count("zh")
    assert len({reply.name for reply in REPLIES}) == len(REPLIES)
