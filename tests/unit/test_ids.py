import os
import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from omna.ids import (
    RequestId,
    completion_id,
    first_id_at,
    legacy_completion_id,
    made_at,
    new_id,
    parse,
    response_id,
    show,
    step_id,
)

ID = UUID("0192f0a1-2b3c-7def-8123-456789abcdef")


def test_ids_are_uuids_of_version_7_and_larger_than_every_one_before() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert {(identifier.version, identifier.variant) for identifier in made} == {(7, "specified in RFC 4122")}


def test_ids_of_many_threads_are_unique_and_ordered_in_each() -> None:
    made: list[list[UUID]] = []

    def make() -> None:
        made.append([new_id() for _ in range(5_000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(ids == sorted(ids) for ids in made)
    assert len({identifier for ids in made for identifier in ids}) == 20_000


def test_forked_process_does_not_repeat_its_parents_ids() -> None:
    new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join((new_id().int & (2**62 - 1)).to_bytes(8, "big") for _ in range(8)))
        os._exit(0)
    own = {new_id().int & (2**62 - 1) for _ in range(8)}
    os.waitpid(child, 0)
    content = os.read(reading, 64)
    os.close(reading)
    os.close(writing)
    assert own.isdisjoint(int.from_bytes(content[place : place + 8], "big") for place in range(0, 64, 8))


def test_id_carries_the_moment_it_was_made() -> None:
    before = datetime.now(UTC)
    moment = made_at(new_id())
    # Ids of a burst may run ahead of the clock by fractions of a millisecond each.
    assert before - timedelta(milliseconds=1) <= moment <= datetime.now(UTC) + timedelta(milliseconds=50)


def test_first_id_of_a_moment_is_below_every_id_made_from_it_on() -> None:
    moment = datetime(2026, 5, 4, 3, 2, 1, 500_000, tzinfo=UTC)
    first = first_id_at(moment)
    assert made_at(first) == moment
    assert first.version == 7
    assert first_id_at(moment - timedelta(milliseconds=1)) < first < new_id()
    assert UUID(int=first.int - 1) < first


@pytest.mark.parametrize(
    "text",
    ["req_" + ID.hex, "chatcmpl-" + ID.hex, "chatcmpl_" + ID.hex, "cmpl-" + ID.hex, ID.hex, str(ID), "req_" + str(ID)],
)
def test_public_forms_are_read_back(text: str) -> None:
    assert parse(text, "req", "chatcmpl", "cmpl") == ID


@pytest.mark.parametrize("text", ["", "req_", "ws_" + ID.hex, "req_" + ID.hex[:-1], "req_zz", "req-" + ID.hex])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"id|begin"):
        parse(text, "req")


def test_shown_forms_carry_the_digits_that_the_database_has() -> None:
    assert show("req", ID) == f"req_{ID.hex}"
    assert completion_id(RequestId(ID)) == f"chatcmpl-{ID.hex}"
    assert legacy_completion_id(RequestId(ID)) == f"cmpl-{ID.hex}"
    assert response_id(RequestId(ID)) == f"resp_{ID.hex}"


def test_a_step_of_a_thing_has_one_id_beside_the_thing() -> None:
    assert step_id(ID, "paid") == step_id(ID, "paid")
    assert len({step_id(ID, "paid"), step_id(ID, "failed"), step_id(new_id(), "paid"), ID}) == 4
    assert (step_id(ID, "paid").version, step_id(ID, "paid").variant) == (8, "specified in RFC 4122")
    assert step_id(ID, "paid").bytes[:6] == ID.bytes[:6]
