"""Lines chain to the balance, whatever was stored before; files and pages agree to the last digit."""

import csv
import io
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from omna.config import Settings
from omna.db.pool import Connection
from omna.errors import Unauthenticated
from omna.http.application import application, build, set_pool
from omna.http.principal import RIGHTS, Member, Person, Role
from omna.ids import SessionId, TransferId, UserId, WorkspaceId, new_id, show
from omna.ledger import routes
from omna.ledger import service as ledger
from omna.money import Nanocredits, format_credits, parse_credits
from omna.usage import ledger_export
from omna.vault.keyring import Keyring
from omna.worker.ledger import store_lines, verify

Browse = Callable[..., Awaitable[httpx2.Response]]
LEASE = timedelta(minutes=5)


class Somebody:
    async def person(self, connection: Connection, token: str, origin: str) -> Person:
        return Person(UserId(new_id()), SessionId(new_id()), token, True, None)

    async def member(self, connection: Connection, person: Person, workspace_id: WorkspaceId) -> Member:
        role = Role(person.origin)
        return Member(workspace_id, person.user_id, role, RIGHTS[role], person.session_id, None, "")

    async def key(self, *_: Any) -> Member:
        raise Unauthenticated

    async def step_up(self, *_: Any) -> None:
        raise Unauthenticated


@pytest.fixture
async def workspace_id(connection: asyncpg.Connection, superuser: asyncpg.Connection) -> WorkspaceId:
    workspace_id = WorkspaceId(new_id())
    async with connection.transaction():
        await ledger.open_wallet(connection, workspace_id)
    await superuser.execute(
        "INSERT INTO workspaces (workspace_id, kind, name) VALUES ($1, 'team', '=Lab & #[x]')", workspace_id
    )
    return workspace_id


@pytest.fixture
async def browse(
    pool: asyncpg.Pool, workspace_id: WorkspaceId, tmp_path: Path, keyring: Keyring
) -> AsyncIterator[Browse]:
    api = application(Settings(data=tmp_path), Somebody(), build((routes.router, ledger_export.router)))  # type: ignore[arg-type]
    set_pool(api, pool, keyring)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url="http://localhost:5108") as client:

        async def get(path: str, *, role: str = "billing", **query: object) -> httpx2.Response:
            return await client.get(
                f"/api/workspaces/{show('ws', workspace_id)}{path}",
                params={name.rstrip("_"): value for name, value in query.items()},  # type: ignore[misc]
                headers={"cookie": f"{api.state.cookies.session}={role}"},
            )

        yield get


async def event(connection: asyncpg.Connection, workspace_id: WorkspaceId, chance: random.Random) -> None:
    """Book one thing that happens to a wallet."""
    facts: dict[str, Any] = {"transfer_id": TransferId(new_id()), "workspace_id": workspace_id, "actor": "test"}
    match chance.choice(["use"] * 8 + ["recharge", "adjust", "grant", "release", "hold", "lapse"]):
        case "recharge":
            amount = Nanocredits(chance.randrange(1, 10**12))
            await ledger.recharge(connection, **facts, amount=amount, reason="=a recharge")
        case "adjust":
            await ledger.adjust(connection, **facts, amount=Nanocredits(chance.choice([-3, 7])), reason="a correction")
        case "grant":
            amount = Nanocredits(chance.randrange(1, 10**6))
            await ledger.grant_promo(connection, **facts, amount=amount, expires_at=None, reason="a gift")
        case "lapse":
            # Promo Credits that a hold takes and that expire before it is resolved.
            soon = datetime.now(UTC) + timedelta(milliseconds=60)
            await ledger.grant_promo(connection, **facts, amount=Nanocredits(900), expires_at=soon, reason="short")
            hold = TransferId(new_id())
            codes = await ledger.hold(
                connection, hold_ids=[hold], workspace_ids=[workspace_id], amounts=[Nanocredits(700)], lease=LEASE
            )
            await connection.execute("SELECT pg_sleep(0.07)")
            if codes == ["held"]:
                await ledger.settle(
                    connection, transfer_ids=[TransferId(new_id())], hold_ids=[hold], workspace_ids=[workspace_id],
                    charges=[Nanocredits(chance.choice([0, 20]))],
                )  # fmt: skip
            await connection.fetchval("SELECT ledger_expire_promos(10)")
        case kind:
            hold, amount = TransferId(new_id()), Nanocredits(chance.randrange(1, 5000))
            [code] = await ledger.hold(
                connection, hold_ids=[hold], workspace_ids=[workspace_id], amounts=[amount], lease=LEASE
            )
            if code == "held" and kind != "hold":
                charge = Nanocredits(0 if kind == "release" else chance.randrange(1, amount + 1))
                await ledger.settle(
                    connection, transfer_ids=[TransferId(new_id())], hold_ids=[hold], workspace_ids=[workspace_id],
                    charges=[charge],
                )  # fmt: skip


async def fill(
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace_id: WorkspaceId,
    *,
    stored: bool,
    seed: int = 3,
    events: int = 70,
) -> None:
    """Let a wallet live through 60 hours, in some of which lines are stored on the way."""
    chance = random.Random(seed)
    async with connection.transaction():
        await ledger.recharge(
            connection, transfer_id=TransferId(new_id()), workspace_id=workspace_id, amount=Nanocredits(10**12),
            actor="test", reason="the first",
        )  # fmt: skip
    for _ in range(events):
        async with connection.transaction():
            try:
                await event(connection, workspace_id, chance)
            except Exception as error:  # noqa: BLE001
                assert "Credits" in str(error)  # noqa: PT017
        if stored and chance.random() < 0.2:
            await connection.fetchval("SELECT ledger_store_lines($1, $2)", workspace_id, chance.choice([1, 5, 40]))
        if chance.random() < 0.3:
            # What happened until now happened hours ago: moments move, their order stays.
            await superuser.execute("ALTER TABLE transfers DISABLE TRIGGER USER")
            await superuser.execute("UPDATE transfers SET booked_at = booked_at - interval '3 hours'")
            await superuser.execute("UPDATE ledger_lines SET hour = hour - interval '3 hours'")
            await superuser.execute("ALTER TABLE transfers ENABLE ALWAYS TRIGGER transfers_immutable")


async def all_lines(browse: Browse, limit: int = 7, **query: object) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (await browse("/ledger/lines", limit=limit, **query, **({"cursor": cursor} if cursor else {}))).json()
        lines += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            assert parse_credits(page["total"]) == sum(parse_credits(line["amount"]) for line in lines)
            return lines


def assert_chained(lines: list[dict[str, Any]], closing: str) -> None:
    balance = parse_credits(closing)
    for line in lines:
        assert parse_credits(line["balance_after"]) == balance
        balance = parse_credits(format_credits(balance - parse_credits(line["amount"])))
    assert balance == 0


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("group", ["none", "hour", "day"])
async def test_lines_chain_from_nothing_to_the_balance(
    browse: Browse,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace_id: WorkspaceId,
    group: str,
    stored: bool,
) -> None:
    await fill(connection, superuser, workspace_id, stored=stored)
    head = (await browse("/ledger")).json()
    lines = await all_lines(browse, group=group, zone="Asia/Shanghai")
    assert_chained(lines, head["balance"])
    assert {line["kind"] for line in lines} >= {"recharge", "usage", "promo", "expiry", "adjustment"}
    settled = await superuser.fetchval("SELECT count(*) FROM transfers WHERE kind = 'settle'")
    counted = sum(line["group"]["requests"] if line["group"] else 1 for line in lines if line["kind"] == "usage")
    assert counted == settled
    assert parse_credits(head["held"]) == sum(parse_credits(one["held"]) for one in head["running"])
    assert parse_credits(head["balance"]) == parse_credits(head["available"]) + parse_credits(head["held"])
    if stored:
        assert await superuser.fetchval("SELECT count(*) FROM ledger_lines") > 10
        findings = [one for one in await ledger.verify(connection) if one.invariant == "lines_match"]
        assert findings == []


async def test_a_group_opens_to_exactly_its_requests(
    browse: Browse, connection: asyncpg.Connection, superuser: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    await fill(connection, superuser, workspace_id, stored=True)
    for group in ("hour", "day"):
        grouped = [line for line in await all_lines(browse, group=group) if line["group"]]
        assert grouped
        for line in grouped:
            parts = await all_lines(
                browse, group="none", kind="usage", first=line["group"]["first"], last=line["group"]["last"]
            )
            assert len(parts) == line["group"]["requests"]
            assert sum(parse_credits(part["amount"]) for part in parts) == parse_credits(line["amount"])
            assert parts[0]["balance_after"] == line["balance_after"]
            assert all(part["request"].startswith("req_") for part in parts)


@pytest.mark.parametrize("kinds", [[], ["usage"], ["recharge", "adjustment"], ["usage", "expiry"]])
async def test_a_csv_is_the_filtered_set_and_its_sum_is_the_difference_of_balances(
    browse: Browse,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace_id: WorkspaceId,
    kinds: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("omna.ledger.statements._TRANSFERS", 11)
    monkeypatch.setattr("omna.ledger.statements._LINES", 3)
    await fill(connection, superuser, workspace_id, stored=True)
    middle = datetime.now(UTC) - timedelta(hours=30)
    for query in ({}, {"from_": middle.isoformat()}, {"to": middle.isoformat()}):
        page = (await browse("/ledger/lines", **query, kind=kinds)).json()
        answer = await browse("/ledger/export", **query, kind=kinds)
        *lines, total = csv.DictReader(io.StringIO(answer.text))
        assert sum(parse_credits(line["amount"]) for line in lines) == parse_credits(total["amount"])
        assert total["amount"] == page["total"]
        single = await all_lines(browse, group="none", **query, kind=kinds)
        assert [line["id"] for line in lines] == [line["id"] for line in single][::-1]
        assert [line["balance_after"] for line in lines] == [line["balance_after"] for line in single][::-1]
        assert not [line for line in lines if line["description"][:1] == "="]
        if not kinds and lines:
            opening = parse_credits(lines[0]["balance_after"]) - parse_credits(lines[0]["amount"])
            assert opening + parse_credits(total["amount"]) == parse_credits(lines[-1]["balance_after"])


async def test_months_and_their_statements_add_up(
    browse: Browse, connection: asyncpg.Connection, superuser: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    assert (await browse("/ledger/statements")).json() == []
    await fill(connection, superuser, workspace_id, stored=True, events=60)
    await superuser.execute("ALTER TABLE transfers DISABLE TRIGGER USER")
    await superuser.execute("UPDATE transfers SET booked_at = booked_at - interval '65 days'")
    await superuser.execute("UPDATE ledger_lines SET hour = hour - interval '65 days'")
    await superuser.execute("ALTER TABLE transfers ENABLE ALWAYS TRIGGER transfers_immutable")
    await fill(connection, superuser, workspace_id, stored=False, events=30, seed=4)
    rows = (await browse("/ledger/statements")).json()
    assert len(rows) >= 3
    assert rows[0]["closing"] == (await browse("/ledger")).json()["balance"]
    assert rows[-1]["opening"] == "0"
    assert [row["opening"] for row in rows[:-1]] == [row["closing"] for row in rows[1:]]
    for row in rows:
        answer = await browse(f"/ledger/statements/{row['month']}", format="csv")
        first, *lines, last = csv.DictReader(io.StringIO(answer.text))
        assert (first["balance_after"], last["balance_after"]) == (row["opening"], row["closing"])
        moved = sum(parse_credits(line["amount"]) for line in lines)
        assert parse_credits(row["opening"]) + moved == parse_credits(row["closing"])
        assert first["description"] == "'=Lab & #[x]"
        pdf = await browse(f"/ledger/statements/{row['month']}")
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF-")
    for month in ("2019-01", "2026-13", "now"):
        assert (await browse(f"/ledger/statements/{month}")).status_code == 404
    taken = await connection.fetch("SELECT after FROM audit_log WHERE action = 'ledger.statement' ORDER BY seq")
    assert [row["after"]["format"] for row in taken] == ["csv", "pdf"] * len(rows)


async def test_no_connection_waits_for_a_pdf(
    browse: Browse,
    pool: asyncpg.Pool,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace_id: WorkspaceId,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await fill(connection, superuser, workspace_id, stored=True, events=5)
    busy = pool.get_size() - pool.get_idle_size()

    async def make(*_: object) -> bytes:
        assert pool.get_size() - pool.get_idle_size() == busy
        return b"%PDF-"

    monkeypatch.setattr(ledger_export, "month_pdf", make)
    month = (await browse("/ledger/statements")).json()[0]["month"]
    assert (await browse(f"/ledger/statements/{month}")).content == b"%PDF-"


async def test_the_job_stores_lines_of_busy_wallets_alone(
    browse: Browse,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    pool: asyncpg.Pool,
    workspace_id: WorkspaceId,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await fill(connection, superuser, workspace_id, stored=False, events=30)
    before = await all_lines(browse)
    await store_lines(pool)
    assert await superuser.fetchval("SELECT count(*) FROM ledger_lines") == 0
    monkeypatch.setattr("omna.worker.ledger.WORTH_STORING", 5)
    monkeypatch.setattr("omna.worker.ledger.LINES_BATCH", 4)
    await store_lines(pool)
    await store_lines(pool)
    assert await superuser.fetchval("SELECT max(last_seq) FROM ledger_lines") > 20
    assert await all_lines(browse) == before


async def test_one_line_is_the_same_as_in_the_list(
    browse: Browse, connection: asyncpg.Connection, superuser: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    await fill(connection, superuser, workspace_id, stored=True, events=50)
    seen: set[str] = set()
    for line in reversed(await all_lines(browse, group="none")):
        if line["id"] not in seen:
            assert (await browse(f"/ledger/lines/{line['id']}")).json() == line
        seen.add(line["id"])
    hold = await superuser.fetchval("SELECT transfer_id FROM transfers WHERE kind = 'hold' LIMIT 1")
    assert (await browse(f"/ledger/lines/{show('tr', hold)}")).status_code == 404


async def test_a_correction_and_what_it_corrects_name_each_other(
    browse: Browse, connection: asyncpg.Connection, superuser: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    wrong, right = TransferId(new_id()), TransferId(new_id())
    async with connection.transaction():
        await ledger.recharge(
            connection, transfer_id=wrong, workspace_id=workspace_id, amount=Nanocredits(50), actor="t", reason="typo"
        )
        await ledger.adjust(
            connection, transfer_id=right, workspace_id=workspace_id, amount=Nanocredits(-20), actor="t",
            reason="was 30", corrects=wrong,
        )  # fmt: skip
    newer, older = (await browse("/ledger/lines")).json()["items"]
    assert (newer["corrects"], newer["status"]) == (show("tr", wrong), "settled")
    assert (older["corrected_by"], older["status"]) == (show("tr", right), "reversed")
    with pytest.raises(asyncpg.RestrictViolationError):
        await superuser.execute("DELETE FROM ledger_corrections")


async def test_the_head_tells_the_last_check_of_the_books(
    browse: Browse, connection: asyncpg.Connection, pool: asyncpg.Pool, workspace_id: WorkspaceId
) -> None:
    assert (await browse("/ledger")).json()["verified"]["at"] is None
    async with connection.transaction():
        await ledger.grant_promo(
            connection, transfer_id=TransferId(new_id()), workspace_id=workspace_id, amount=Nanocredits(5),
            expires_at=datetime(2030, 1, 1, tzinfo=UTC), actor="t", reason="gift",
        )  # fmt: skip
    await ledger.seal(connection)
    await verify(pool)
    head = (await browse("/ledger")).json()
    assert (head["verified"]["ok"], head["verified"]["height"]) == (True, 1)
    assert head["promos"] == [{"amount": "0.000000005", "expires_at": "2030-01-01T00:00:00.000Z"}]


@pytest.mark.parametrize(
    "query",
    [{"cursor": "WzFd4"}, {"cursor": "WyJhIl0"}, {"kind": "gift"}, {"zone": "Nowhere"}, {"from_": "x"}, {"first": -1}],
)
async def test_values_that_mean_nothing_are_refused(browse: Browse, query: dict[str, str]) -> None:
    assert (await browse("/ledger/lines", **query)).status_code == 400


async def test_members_see_no_ledger(browse: Browse) -> None:
    for path in ("", "/lines", "/export", "/statements"):
        assert (await browse(f"/ledger{path}", role="member")).status_code == 403
