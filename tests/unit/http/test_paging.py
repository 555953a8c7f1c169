"""Cursors of lists: what was handed out is read back, and nothing else."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from omna.errors import InvalidValue
from omna.http.paging import cut, decode_id, decode_moment, encode_cursor
from omna.ids import new_id, show

# A fixed one: the cases below are named after their cursors, and every process of a run must name them alike.
SOME_ID = UUID("019a0b3c-7d5e-7f00-8000-00000000000a")
MOMENT = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)


def test_first_page_has_no_cursor() -> None:
    assert decode_id(None) is None
    assert decode_moment(None) is None


def test_cursor_is_read_back_to_the_microsecond() -> None:
    identifier = new_id()
    assert decode_id(encode_cursor(identifier.hex)) == identifier
    assert decode_id(encode_cursor(show("rch", identifier)), "rch") == identifier
    assert decode_moment(encode_cursor(MOMENT.isoformat(), show("rfd", identifier)), "rfd") == (MOMENT, identifier)


def test_a_page_goes_on_behind_its_last_row_when_there_are_more() -> None:
    def position(row: int) -> tuple[str]:
        return (f"row {row}",)

    assert cut([1, 2, 3], 2, position) == ([1, 2], encode_cursor("row 2"))
    assert cut([1, 2], 2, position) == ([1, 2], None)
    assert cut([], 2, position) == ([], None)


@pytest.mark.parametrize(
    "cursor",
    ["!", "bm90IGpzb24", encode_cursor(), encode_cursor(7), encode_cursor("rch_zz"), encode_cursor("a", "b"),
     encode_cursor(MOMENT.isoformat(), show("dsp", SOME_ID)), encode_cursor("yesterday", SOME_ID.hex),
     # A moment without its zone is no moment.
     encode_cursor("2026-05-04T03:02:01", SOME_ID.hex)],
)  # fmt: skip
def test_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidValue, match="does not come from this list"):
        decode_id(cursor, "rch")
    with pytest.raises(InvalidValue, match="does not come from this list"):
        decode_moment(cursor, "rch")
