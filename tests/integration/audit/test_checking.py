"""Checks of the audit log: what they find, what they remember, and what one byte does."""

import asyncpg
import pytest

from omna.audit import checking
from omna.audit import service as audit
from omna.audit.model import Head
from omna.audit.service import Actor
from omna.observability.logs import request_bound
from tests.integration.audit.test_service import forge, write


async def check(connection: asyncpg.Connection, actor: Actor, **options: object) -> list[int]:
    report = await checking.check(connection, [actor.key], **options)  # type: ignore[arg-type]
    async with connection.transaction():
        await checking.note(connection, report)
    assert report.findings == len(report.named)
    return [finding.seq for finding in report.named]


async def test_a_row_names_the_request_it_came_with_and_is_sealed_with_it(
    connection: asyncpg.Connection, database_url: str, actor: Actor
) -> None:
    await write(connection, actor, 2)
    with request_bound("req_7"):
        await write(connection, actor, 2)
    await write(connection, actor, 1)
    found = await connection.fetchval("SELECT array_agg(request_id ORDER BY seq) FROM audit_log")
    assert found == [None, None, "req_7", "req_7", None]
    assert await check(connection, actor) == []
    await forge(database_url, "UPDATE audit_log SET request_id = NULL WHERE seq = 3")
    await forge(database_url, "UPDATE audit_log SET request_id = 'req_7' WHERE seq = 5")
    assert await check(connection, actor) == [3, 5]


async def test_a_check_of_new_rows_begins_where_the_last_ended(
    connection: asyncpg.Connection, database_url: str, actor: Actor
) -> None:
    await write(connection, actor, 4)
    assert await check(connection, actor) == []
    await write(connection, actor, 3)
    report = await checking.check(connection, [actor.key], scope="new")
    assert (report.rows, report.findings, report.head.seq) == (3, 0, 7)
    # An old row is found by a check of all; a new one by either.
    await forge(database_url, "UPDATE audit_log SET reason = 'x' WHERE seq = 2")
    assert await check(connection, actor, scope="new") == []
    await write(connection, actor, 2)
    await forge(database_url, "UPDATE audit_log SET reason = 'x' WHERE seq = 9")
    assert await check(connection, actor, scope="new") == [9]
    assert await check(connection, actor) == [2, 9]


async def test_a_tail_that_was_cut_off_is_missed(
    connection: asyncpg.Connection, database_url: str, actor: Actor
) -> None:
    await write(connection, actor, 6)
    head = await audit.head(connection)
    assert await check(connection, actor) == []
    await forge(database_url, "DELETE FROM audit_log WHERE seq > 4")
    assert await check(connection, actor) == [5]
    assert await check(connection, actor, scope="new") == [5]
    # Whoever deletes what the checks remember is told by the head in the logs.
    await forge(database_url, "DELETE FROM audit_checks")
    assert await check(connection, actor) == []
    assert await check(connection, actor, witness=head) == [5]


async def test_a_chain_that_was_sealed_anew_with_the_key_is_found(
    connection: asyncpg.Connection, database_url: str, actor: Actor
) -> None:
    await write(connection, actor, 3)
    head = await audit.head(connection)
    await forge(database_url, "DELETE FROM audit_log")
    await write(connection, actor, 3)
    assert await check(connection, actor) == []
    assert await check(connection, actor, witness=head) == [3]
    await forge(database_url, "DELETE FROM audit_log")
    await write(connection, actor, 3)
    assert await check(connection, actor) == [3]
    assert await check(connection, actor, witness=Head(2, b"\x01" * 32)) == [2, 3]


async def test_the_standing_says_what_broke_and_since_when(
    connection: asyncpg.Connection, database_url: str, actor: Actor
) -> None:
    await write(connection, actor, 3)
    assert (await checking.standing(connection)).last is None
    await check(connection, actor)
    whole = await checking.standing(connection)
    assert whole.whole_at is not None
    assert whole.broken is None
    assert whole.broken_since is None
    await forge(database_url, "UPDATE audit_log SET actor = 'usr_x' WHERE seq = 2")
    await check(connection, actor)
    first = (await checking.standing(connection)).broken_since
    await check(connection, actor)
    await check(connection, actor, scope="new")
    broken = await checking.standing(connection)
    assert broken.broken is not None
    assert [one.seq for one in broken.broken.report.named] == [2]
    assert (broken.whole_at, broken.broken_since) == (whole.whole_at, first)
    assert broken.last is not None
    assert broken.last.report.scope == "new"


async def test_findings_without_end_are_counted_and_the_first_named(
    connection: asyncpg.Connection, database_url: str, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "BATCH", 4)
    monkeypatch.setattr(checking, "MOST_NAMED", 2)
    await write(connection, actor, 9)
    await forge(database_url, "UPDATE audit_log SET reason = 'other'")
    report = await checking.check(connection, [actor.key])
    assert (report.rows, report.findings, [one.seq for one in report.named]) == (9, 9, [1, 2])


async def test_one_check_is_asked_for_and_begun_once(connection: asyncpg.Connection) -> None:
    assert await checking.ask(connection, "audit", "usr_1")
    assert not await checking.ask(connection, "audit", "usr_2")
    assert await checking.begin(connection) == "audit"
    assert await checking.begin(connection) is None
    [request] = await checking.asked(connection)
    assert (request.asked_by, request.begun_at is None) == ("usr_1", False)
    # A worker that died in the middle leaves it to another.
    await connection.execute("UPDATE check_requests SET begun_at = begun_at - interval '61 minutes'")
    assert await checking.begin(connection) == "audit"
    await checking.finish(connection, "audit")
    assert await checking.ask(connection, "audit", "usr_2")
