"""A customer's app as staff see it: what they read, that they change nothing, and how it ends."""

import asyncio
from typing import Any

import asyncpg
import pytest

from omna.accounts import viewing
from omna.api import ROUTERS
from omna.audit.service import Actor
from omna.db.pool import transaction
from omna.http.application import routes_of
from omna.http.viewing import SHOWN
from omna.ids import new_id, show
from omna.usage import overview_store
from tests.harness.team import Answer, Browser, Team

BEGIN = "/api/console/viewings"
REASON = {"reason": "Ticket 12: they see no balance"}


async def begin(team: Team, staff: Browser, whom: Browser) -> Answer:
    await staff.prove("user.view", whom.id)
    return await staff.call("POST", BEGIN, {"user": whom.id, **REASON})


async def look(team: Team, staff: Browser, viewing_id: str, path: str, method: str = "GET", body: Any = None) -> Answer:
    headers = {**staff.cookie, "x-omna-viewing": viewing_id}
    return await team.call(method, path, body, headers=headers)


async def actions(team: Team, like: str = "view.%") -> list[str]:
    rows = await team.query("SELECT action FROM audit_log WHERE action LIKE $1 ORDER BY seq", like)
    return [row["action"] for row in rows]


@pytest.fixture
async def boss(team: Team) -> Browser:
    return await team.hire("owner", "Boss")


async def test_staff_see_what_the_customer_sees_and_stay_themselves(team: Team, boss: Browser) -> None:
    await team.recharge("5")
    assert (await boss.call("POST", BEGIN, {"user": team.owner.id, **REASON})).code == (403, "step_up_required")
    begun = await begin(team, boss, team.owner)
    assert begun.status == 201, begun.json
    seen = begun.json["id"]
    facts = (await look(team, boss, seen, "/api/viewing")).json
    assert (facts["user"]["email"], facts["staff"], facts["reason"]) == ("owner@example.com", "Boss", REASON["reason"])
    theirs = (await team.owner.call("GET", "/api/workspaces")).json
    assert (await look(team, boss, seen, "/api/workspaces")).json == theirs
    for _ in range(2):
        assert (await look(team, boss, seen, "/ledger")).json["available"] == "5"
    # Without the header the same browser is its own person.
    assert (await boss.call("GET", "/api/workspaces")).json != theirs
    assert (await boss.call("GET", "/ledger")).code == (404, "not_found")
    assert (await boss.call("GET", "/api/viewing")).json is None
    own = f"/api/workspaces/{show('ws', boss.personal)}"
    assert (await boss.call("PATCH", own, {"name": "Mine"})).status == 200
    # What the customer does not see is not seen: another workspace, or a part of it.
    assert (await look(team, boss, seen, own)).code == (404, "not_found")
    member = (await begin(team, boss, team.member)).json["id"]
    assert (await look(team, boss, member, "/ledger")).code == (403, "forbidden")
    # One at a time: the first one is over.
    assert (await look(team, boss, seen, "/ledger")).code == (403, "viewing_over")
    ended = await boss.call("POST", f"{BEGIN}/{member}/end")
    assert ended.json["audit_seq"] is not None
    assert (await boss.call("POST", f"{BEGIN}/{member}/end")).json["audit_seq"] is None
    assert (await look(team, boss, member, "/overview")).code == (403, "viewing_over")
    rows = await team.query(
        "SELECT actor, action, subject, reason FROM audit_log WHERE action LIKE 'view.%' ORDER BY seq"
    )
    assert {row["actor"] for row in rows} == {boss.id}
    assert [(row["action"], row["subject"]) for row in rows] == [
        ("view.begin", team.owner.id), ("view.open", team.id), ("view.end", seen),
        ("view.begin", team.member.id), ("view.open", team.id), ("view.end", member),
    ]  # fmt: skip
    assert rows[0]["reason"] == REASON["reason"]


async def test_of_two_that_begin_at_once_the_later_one_goes_on(team: Team, boss: Browser, actor: Actor) -> None:
    await boss.prove("user.view", team.member.id)
    async with transaction(team.pool) as connection:
        who = await team.identify(connection, boss)
        first, _ = await viewing.begin(connection, who, team.owner.user_id, reason="one", actor=actor)
        later = asyncio.create_task(boss.call("POST", BEGIN, {"user": team.member.id, **REASON}))
        async with asyncio.timeout(10):
            while not await team.pool.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1::integer = ANY (pg_blocking_pids(pid)))",
                await connection.fetchval("SELECT pg_backend_pid()"),
            ):
                await asyncio.sleep(0.01)
    second = await later
    assert second.status == 201, second.json
    assert (await look(team, boss, show("vw", first.viewing_id), "/ledger")).code == (403, "viewing_over")
    assert (await look(team, boss, second.json["id"], "/overview")).status == 200


def every_route() -> list[tuple[str, str]]:
    return [(method, route.path) for route in routes_of(ROUTERS) for method in sorted(route.methods)]


async def test_nothing_is_changed_and_only_what_is_listed_is_read(team: Team, boss: Browser) -> None:
    seen = (await begin(team, boss, team.owner)).json["id"]
    assert {("GET", path) for path in SHOWN} <= set(every_route())
    before = await team.query("SELECT max(seq) AS seq FROM audit_log")
    for method, path in every_route():
        target = path.replace("{workspace}", team.id)
        for part in [part for part in target.split("/") if part.startswith("{")]:
            target = target.replace(part, show(part[1:4], new_id()))
        body = {} if method in ("POST", "PUT", "PATCH") else None
        answer = await look(team, boss, seen, target, method, body)
        if method != "GET" or path not in SHOWN:
            assert answer.code == (403, "viewing_is_read_only"), (method, path)
        else:
            code = None if answer.status < 400 else answer.code
            # What needs a payment service or the desk of passwords is away here.
            away = (503, "service_unavailable")
            assert code in (None, (404, "not_found"), (400, "invalid_value"), away), (path, answer.json)
    assert not [path for path in SHOWN if any(word in path for word in ("console", "export", "pdf", "{upload}"))]
    after = await team.query("SELECT action FROM audit_log WHERE seq > $1", before[0]["seq"])
    assert {row["action"] for row in after} == {"view.open"}
    for method in ("DELETE", "OPTIONS", "TRACE"):
        assert (await look(team, boss, seen, "/api/nothing", method)).code == (403, "viewing_is_read_only")
    # A key beside it, no viewing at all, and somebody else's.
    headers = {"authorization": "Bearer omna_mgmt_x", "x-omna-viewing": seen}
    assert (await team.call("GET", "/keys", headers=headers)).code == (400, "conflicting_credentials")
    other = await team.hire("owner", "Other")
    for who, what in ((boss, ""), (boss, "vw_x"), (boss, show("vw", new_id())), (other, seen), (team.stranger, seen)):
        assert (await look(team, who, what, "/overview")).code == (403, "viewing_over")
    assert (await team.call("GET", "/overview", headers={"x-omna-viewing": seen})).code == (401, "unauthenticated")


async def test_connections_of_a_viewing_cannot_write(
    team: Team, boss: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = (await begin(team, boss, team.owner)).json["id"]

    async def writes(connection: asyncpg.Connection, *_: object) -> dict[str, bool]:
        await connection.execute("UPDATE users SET name = 'x'")
        return {}

    monkeypatch.setattr(overview_store, "steps", writes)
    assert (await look(team, boss, seen, "/overview")).status == 503
    assert await team.query("SELECT FROM users WHERE name = 'x'") == []


async def test_it_is_for_owners_and_never_of_staff_or_oneself(team: Team, boss: Browser) -> None:
    finance = await team.hire("finance")
    assert (await finance.call("POST", BEGIN, {"user": team.owner.id, **REASON})).code == (403, "forbidden")
    for whom in (boss, finance):
        assert (await begin(team, boss, whom)).code == (403, "forbidden")
    nobody = show("usr", new_id())
    await boss.prove("user.view", nobody)
    assert (await boss.call("POST", BEGIN, {"user": nobody, **REASON})).code == (404, "not_found")
    assert await actions(team) == []


@pytest.mark.parametrize(
    "how", ["hour", "role", "customer hired", "console closed", "console idle", "disabled", "session", "erased"]
)
async def test_it_ends_at_once_with_what_it_rests_on(team: Team, boss: Browser, database_url: str, how: str) -> None:
    seen = (await begin(team, boss, team.owner)).json["id"]
    assert (await look(team, boss, seen, "/overview")).status == 200
    superuser = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    statement, *values = {
        "hour": ("UPDATE viewings SET ends_at = now()",),
        "role": ("UPDATE users SET staff_role = 'finance' WHERE user_id = $1", boss.user_id),
        "customer hired": ("UPDATE users SET staff_role = 'support' WHERE user_id = $1", team.owner.user_id),
        "console closed": ("SELECT 1",),
        "console idle": ("UPDATE sessions SET console_seen_at = now() - interval '16 min' WHERE user_id = $1", boss.user_id),
        "disabled": ("UPDATE users SET disabled_at = now() WHERE user_id = $1", boss.user_id),
        "session": ("DELETE FROM sessions WHERE user_id = $1", boss.user_id),
        "erased": ("UPDATE users SET deleted_at = now() WHERE user_id = $1", team.owner.user_id),
    }[how]  # fmt: skip
    await superuser.execute(statement, *values)
    if how == "console closed":
        await boss.call("DELETE", "/api/console/session")
        assert (await actions(team))[-1] == "view.end"
    expected = (401, "unauthenticated") if how in ("disabled", "session") else (403, "viewing_over")
    assert (await look(team, boss, seen, "/overview")).code == expected
    if how in ("hour", "session"):
        async with transaction(team.pool) as connection:
            assert await viewing.end_over(connection, actor=team.actor) == 1
        assert (await actions(team))[-1] == "view.end"
    if how == "console idle":
        await boss.prove("console.open")
        assert (await boss.call("POST", "/api/console/session")).json["open"]
        assert (await look(team, boss, seen, "/overview")).code == expected
    await superuser.close()
