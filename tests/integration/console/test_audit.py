"""The audit log in the console: read, exported, checked, and broken by one byte."""

import csv
import io
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from omna.config import Settings
from omna.db.pool import transaction
from omna.ids import TransferId, new_id
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.vault import service as vault
from omna.worker.audit import check_asked, check_new
from tests.harness.team import Browser, Team

AUDIT = "/api/console/audit"
Superuser = Callable[[str], Awaitable[None]]


@pytest.fixture
async def superuser(database_url: str) -> Any:
    """Somebody who may do everything in the database, and switches off what stands in the way."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    await connection.execute("SET session_replication_role = replica")
    for table in ("audit_log", "entries", "transfers"):
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield connection
    await connection.close()


@pytest.fixture
async def settings(team: Team, tmp_path: Any) -> Settings:
    """What the worker of this installation has: a keyring of its own, which the log was sealed with."""
    return Settings(data=tmp_path)


async def work(team: Team, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Let the worker do what was asked for."""

    async def keyring(*_: object) -> Any:
        return team.keyring

    monkeypatch.setattr(vault, "open_keyring", keyring)
    await check_asked(settings)(team.pool)


async def rows(auditor: Browser, **query: str) -> list[dict[str, Any]]:
    answer = await auditor.call("GET", AUDIT, params=query)
    assert answer.status == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


async def test_rows_tell_who_did_what_and_from_where(team: Team) -> None:
    auditor, owner = await team.hire("auditor"), await team.hire("owner", "Olga")
    await team.owner.call("PATCH", f"/api/workspaces/{team.id}", {"name": "Better"})
    [row] = await rows(auditor, action="workspace.rename")
    assert (row["actor"], row["subject"], row["after"]) == (team.owner.id, team.id, {"name": "Better"})
    assert row["before"] == {"name": "Acme"}
    assert row["request_id"].startswith("req_")
    assert row["address"]
    # A customer's address is not for everybody; colleagues know one another.
    assert (row["actor_name"], row["actor_email"]) == (None, "o•••@example.com")
    [row] = await rows(owner, action="workspace.rename", actor=team.owner.email)
    assert (row["actor_name"], row["actor_email"], row["actor_role"]) == ("Owner", "owner@example.com", None)
    assert [one["seq"] for one in await rows(owner, request=row["request_id"])] == [row["seq"]]
    support = await team.hire("support")
    assert (await support.call("GET", AUDIT)).code == (403, "forbidden")
    [tried] = await rows(auditor, action="console.refuse")
    assert (tried["actor_name"], tried["actor_email"]) == ("Support", support.email)
    assert tried["subject"] == f"GET {AUDIT}"
    detail = await auditor.call("GET", f"{AUDIT}/{tried['seq']}")
    assert (
        detail.json["seal"]
        == (await team.query("SELECT encode(mac, 'hex') AS seal FROM audit_log WHERE seq = $1", tried["seq"]))[0][
            "seal"
        ]
    )
    assert detail.json["newest"] >= tried["seq"]
    for unknown in ("999999", "0", "x", "9" * 30):
        assert (await auditor.call("GET", f"{AUDIT}/{unknown}")).code == (404, "not_found")
    assert "workspace.rename" in (await auditor.call("GET", f"{AUDIT}/actions")).json


async def test_pages_and_wishes_that_mean_nothing(team: Team) -> None:
    auditor = await team.hire("auditor")
    first = (await auditor.call("GET", AUDIT, params={"limit": "3"})).json
    second = (await auditor.call("GET", AUDIT, params={"limit": "3", "cursor": first["next_cursor"]})).json
    numbers = [row["seq"] for row in first["items"] + second["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 6
    for query in (
        {"cursor": "WyJhIl0"},
        {"from": "yesterday"},
        {"text": ""},
        {"cursor": "Wy0xXQ"},
        {"actor": "x" * 201},
    ):
        assert (await auditor.call("GET", AUDIT, params=query)).status == 400, query


async def test_an_export_is_for_whoever_asked_and_on_record(team: Team) -> None:
    auditor, owner = await team.hire("auditor"), await team.hire("owner", "Olga")
    await team.owner.call("PATCH", f"/api/workspaces/{team.id}", {"name": "=HYPERLINK(1)"})
    wish = {"action": "workspace", "reason": "Yearly audit"}
    assert (await auditor.call("POST", f"{AUDIT}/export", wish)).code == (403, "step_up_required")
    await auditor.prove("audit.export")
    answer = await auditor.call("POST", f"{AUDIT}/export", wish)
    assert answer.status == 200, answer.json
    seq = answer.json["audit_seq"]
    [row] = await rows(auditor, action="audit.export")
    assert (row["seq"], row["reason"], row["after"]) == (seq, "Yearly audit", {"noun": "workspace"})
    file = await team.http.get(f"{AUDIT}/export/{seq}", headers=auditor.cookie)
    assert file.headers["content-disposition"] == f'attachment; filename="omna-audit-{seq}.csv"'
    lines = list(csv.DictReader(io.StringIO(file.text)))
    assert {line["action"] for line in lines} == {"workspace.create", "workspace.rename"}
    assert '"name":"=HYPERLINK(1)"' in lines[0]["after"].replace(" ", "")
    assert all(cell[:1] not in "=+-@" for line in lines for cell in line.values() if cell)
    # It is theirs alone, and only what an export says is an export.
    assert (await owner.call("GET", f"{AUDIT}/export/{seq}")).code == (404, "not_found")
    assert (await auditor.call("GET", f"{AUDIT}/export/1")).code == (404, "not_found")


async def test_one_byte_changed_by_a_superuser_is_found_and_shown(
    team: Team, superuser: asyncpg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = await team.hire("auditor")
    async with transaction(team.pool) as connection:
        await ledger.grant_promo(
            connection, transfer_id=TransferId(new_id()), workspace_id=team.workspace_id, amount=Nanocredits(500),
            expires_at=None, actor="test", reason="a gift",
        )  # fmt: skip
    async with team.pool.acquire() as plain:
        await ledger.seal(plain)

    async def status() -> Any:
        return (await auditor.call("GET", f"{AUDIT}/status")).json

    async def verify() -> Any:
        for chain in ("audit", "ledger"):
            assert (await auditor.call("POST", f"{AUDIT}/verify", {"chain": chain})).status == 200
        assert (await auditor.call("POST", f"{AUDIT}/verify", {"chain": "audit"})).code == (409, "conflict")
        asked = (await status())["audit"]["asked"]
        assert (asked["by"], asked["begun_at"]) == (auditor.id, None)
        await work(team, monkeypatch, settings)
        return await status()

    known = await status()
    assert (known["audit"]["state"], known["ledger"]["state"]) == ("unchecked", "unchecked")
    known = await verify()
    assert (known["audit"]["state"], known["ledger"]["state"]) == ("whole", "whole")
    assert known["audit"]["asked"] is None
    assert known["audit"]["rows"] == known["audit"]["head"]["number"]
    [head] = await team.query("SELECT encode(digest, 'hex') AS seal FROM ledger_blocks ORDER BY height DESC LIMIT 1")
    assert known["ledger"]["head"]["seal"] == head["seal"]

    await superuser.execute("UPDATE audit_log SET subject = left(subject, -1) || 'x' WHERE seq = 2")
    await superuser.execute("UPDATE entries SET amount = amount + 1 WHERE account = 'available_promo'")
    # A check of what is new looks at no old row: it says nothing against the log, and the check of all does.
    await check_new(settings)(team.pool)
    assert (await status())["audit"]["state"] == "whole"
    broken = await verify()
    assert broken["audit"]["state"] == "broken"
    assert broken["audit"]["broken"] == [
        {"where": "2", "seq": 2, "problem": "the seal does not fit the row, or the row before it was changed"}
    ]
    assert broken["audit"]["whole_at"] == known["audit"]["whole_at"]
    since = broken["audit"]["broken_since"]
    assert since > known["audit"]["checked_at"]
    assert broken["ledger"]["state"] == "broken"
    places = [one["where"] for one in broken["ledger"]["broken"]]
    assert "chain_holds: block 1" in places, places
    assert broken["ledger"]["broken_since"] > broken["ledger"]["whole_at"]
    assert (await verify())["audit"]["broken_since"] == since
    told = await team.query("SELECT kind, subject, severity FROM alerts WHERE resolved_at IS NULL ORDER BY kind")
    assert [tuple(row) for row in told] == [
        ("audit.broken", "audit", "critical"), ("ledger.broken", "ledger", "critical"),
    ]  # fmt: skip
