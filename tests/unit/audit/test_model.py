import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from omna.audit.model import GENESIS, Entry, canonical, seal, to_json

KEY = b"k" * 32
ENTRY = Entry(
    seq=1,
    at=datetime(2030, 1, 2, 3, 4, 5, 678901, UTC),
    actor="cli:ann",
    action="key.issue",
    subject="key_1",
    reason="",
    before=None,
    after='{"a":1}',
    origin="cli",
)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2},
        {"at": ENTRY.at + timedelta(microseconds=1)},
        {"actor": "cli:bob"},
        {"action": "key.revoke"},
        {"subject": "key_2"},
        {"reason": "x"},
        {"before": "null"},
        {"after": None},
        {"after": '{"a":2}'},
        {"origin": ""},
        {"request_id": "req_1"},
        # The same letters with the borders moved.
        {"action": "key.issuek", "subject": "ey_1"},
    ],
)
def test_the_seal_covers_every_field(change: dict[str, object]) -> None:
    changed = dataclasses.replace(ENTRY, **change)  # type: ignore[arg-type]
    assert seal(changed, GENESIS, KEY) != seal(ENTRY, GENESIS, KEY)


def test_the_seal_covers_the_row_before_and_the_key() -> None:
    assert seal(ENTRY, b"\x01" * 32, KEY) != seal(ENTRY, GENESIS, KEY)
    assert seal(ENTRY, GENESIS, b"l" * 32) != seal(ENTRY, GENESIS, KEY)


def test_json_has_one_spelling() -> None:
    assert canonical('{"b": [1, "x"],  "a": null}') == canonical('{"a":null,"b":[1,"x"]}')


def test_what_changed_is_written_in_plain_values() -> None:
    value = {"id": UUID(int=1), "at": ENTRY.at, "models": ("a", "b"), "on": True, "none": None}
    assert to_json(value) == (
        '{"at":"2030-01-02T03:04:05.678901Z","id":"00000000-0000-0000-0000-000000000001",'
        '"models":["a","b"],"none":null,"on":true}'
    )
    assert to_json(None) is None


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        to_json({"amount": 0.1})


def test_rows_from_before_there_were_requests_keep_their_seal() -> None:
    # As the first release sealed this row.
    assert seal(ENTRY, GENESIS, KEY).hex() == "d5b3c1456d5c06a4a089f1b7acba319ca16e5fcd4794ecf602e999fa8ba5677a"
