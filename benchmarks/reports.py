"""`python -m benchmarks.reports`: how fast the pages of one workspace with millions of requests answer under /api.

    --rows N     requests to write, and as many holds and settlements (default 10,000,000: about 20 GB, half an hour)
    --data DIR   the data directory; one that was filled before is measured as it is, and kept
    --output F   write the page to this file (10,000,000 rows: results/DATE-reports.md)

The application is the real one from the door of /api on; only who is asking is given. The server is the embedded
one, in its own settings.
"""

import argparse
import asyncio
import datetime
import json
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx2

from benchmarks.figures import quantile
from benchmarks.machine import describe
from benchmarks.processes import cpu_seconds
from benchmarks.report import Finding, Outcome, Table, write_report
from benchmarks.seeding import KEYS, Seeded, seed
from omna.api import create_api
from omna.config import Database, Settings
from omna.db.embedded import EmbeddedServer
from omna.db.migrate import migrate
from omna.db.pool import Connection, open_pool
from omna.http.application import set_pool
from omna.http.principal import RIGHTS, Member, Person, Role
from omna.ids import SessionId, UserId, WorkspaceId, show
from omna.vault.keyring import Keyring
from omna.worker import ledger as ledger_jobs
from omna.worker import usage as usage_jobs

RESULTS = Path(__file__).parent / "results"
TARGET_SECONDS = 0.2
ROUNDS = 15
_FILLED = "seeded.json"
_NOTE = (
    "Processor time of a call: database + application. What lies between it and the time is the load of the machine."
)

Get = Callable[..., Awaitable[httpx2.Response]]


class Somebody:
    """Whoever the cookie names, in the role it names."""

    def __init__(self, made: Seeded) -> None:
        self._made = made

    async def person(self, connection: Connection, token: str, origin: str) -> Person:
        user = self._made.member if token == "member" else self._made.owner
        return Person(UserId(user), SessionId(user), token, True, None)

    async def member(self, connection: Connection, person: Person, workspace_id: WorkspaceId) -> Member:
        role = Role(person.origin)
        return Member(workspace_id, person.user_id, role, RIGHTS[role], person.session_id, None, "")

    async def key(self, connection: Connection, text: str, workspace_id: WorkspaceId, origin: str) -> Member:
        raise NotImplementedError

    async def step_up(self, connection: Connection, session_id: SessionId, action: str, target: str) -> None:
        raise NotImplementedError


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    directory = options.data or Path(tempfile.mkdtemp(prefix="omna-reports-"))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        with EmbeddedServer(directory, durable=False) as server:
            assert server.process_id is not None
            outcome = asyncio.run(run(server.url(), server.process_id, directory, options.rows))
        facts = [*describe(directory), f"{options.rows:,} requests in one workspace over a year, {ROUNDS} calls each"]
    finally:
        if options.data is None:
            shutil.rmtree(directory, ignore_errors=True)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    page = write_report(f"Reports of a large workspace, {today}", facts, [outcome], [])
    sys.stdout.write(page)
    output = options.output or (RESULTS / f"{today}-reports.md" if options.rows >= 10_000_000 else None)
    if output:
        output.write_text(page, "utf-8")
    return 0 if all(finding.met is not False for finding in outcome.findings) else 1


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.reports", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--output", type=Path)
    return parser.parse_args(arguments)


async def run(url: str, postmaster: int, directory: Path, rows: int) -> Outcome:
    await migrate(url)
    filled = directory / _FILLED
    connection = await asyncpg.connect(url, server_settings={"search_path": "omna", "timezone": "UTC"})
    try:
        if not filled.exists():
            made = await seed(connection, rows, say, datetime.datetime.now(datetime.UTC))
            filled.write_text(json.dumps(asdict(made), default=str))
        made = read_seeded(filled)
        pool = await open_pool(url, Database(url=url))
        took = {}
        for name, job in (("usage-roll-up", usage_jobs.roll_up), ("ledger-lines", ledger_jobs.store_lines)):
            started = time.monotonic()
            await job(pool)
            took[name] = time.monotonic() - started
            say(f"{name}: {took[name]:.0f} s")
        await connection.execute("VACUUM (ANALYZE) usage_sums, ledger_lines")
        outcome = await measure(pool, made, postmaster)
        outcome.tables.append(await _sizes(connection, took))
        await pool.close()
    finally:
        await connection.close()
    return outcome


async def measure(pool: asyncpg.Pool, made: Seeded, postmaster: int) -> Outcome:
    """Ask for every page in the ways people do, and say how long the answers took."""
    with tempfile.TemporaryDirectory() as place:
        api = create_api(Settings(data=Path(place)))
    api.state.identity = Somebody(made)
    set_pool(api, pool, Keyring.from_text(secrets.token_hex(32)))
    workspace = f"/api/workspaces/{show('ws', made.workspace_id)}"
    outcome = Outcome()
    rows = []
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url="http://localhost:5108") as client:

        async def get(path: str, *, role: str = "owner", **query: object) -> httpx2.Response:
            return await client.get(
                f"{workspace}{path}",
                params={name.rstrip("_"): value for name, value in query.items()},
                headers={"cookie": f"{api.state.cookies.session}={role}"},
            )

        for name, path, query in await _pages(get, made):
            seconds = []
            before, ours = cpu_seconds(postmaster), time.process_time()
            for _ in range(ROUNDS):
                started = time.perf_counter()
                answer = await get(path, **query)
                seconds.append(time.perf_counter() - started)
                assert answer.status_code == 200, (name, answer.text[:500])
            spent = (cpu_seconds(postmaster) - before, time.process_time() - ours)
            processor = " + ".join(f"{each / ROUNDS * 1000:.0f}" for each in spent)
            p50, p95 = quantile(seconds, 0.5), quantile(seconds, 0.95)
            say(f"{name}: {p50 * 1000:.0f} / {p95 * 1000:.0f} ms, first {seconds[0] * 1000:.0f}, {processor}")
            rows.append(
                (name, f"{p50 * 1000:.0f}", f"{p95 * 1000:.0f}", f"{seconds[0] * 1000:.0f}", processor, _found(answer))
            )
            outcome.findings.append(Finding(name, "p95 < 200 ms", f"{p95 * 1000:.0f} ms", p95 < TARGET_SECONDS))
    outcome.tables = [
        Table("Pages", ("page", "p50 ms", "p95 ms", "first ms", "processor ms", "rows"), tuple(rows), _NOTE)
    ]
    return outcome


async def _pages(get: Get, made: Seeded) -> list[tuple[str, str, dict[str, object]]]:
    end = made.end + datetime.timedelta(seconds=1)

    def last(**length: int) -> dict[str, object]:
        return {"from_": (end - datetime.timedelta(**length)).isoformat(), "to": end.isoformat()}

    year, month, day = last(days=364), last(days=30), last(hours=24)
    rare = {"model": "rare"}
    key = {"key": show("key", made.keys[KEYS // 2])}
    page = (await get("/usage/requests", **year)).json()
    deep = {"cursor": page["next_cursor"]}
    request = page["items"][0]["id"]
    lines = (await get("/ledger/lines", group="none")).json()
    usage = next(line for line in lines["items"] if line["request"])
    hour = (await get("/ledger/lines", kind="usage")).json()["items"][1]["group"]
    months = (await get("/ledger/statements")).json()
    return [
        ("overview", "/overview", {}),
        ("cards, 24 hours", "/usage", day),
        ("cards, 30 days", "/usage", month),
        ("cards, a year", "/usage", year),
        ("cards, a year, one key", "/usage", {**year, **key}),
        ("cards, a year, a member's own", "/usage", {**year, "role": "member"}),
        ("chart, 24 hours by model", "/usage/series", day),
        ("chart, 30 days by key", "/usage/series", {**month, "by": "key"}),
        ("chart, 30 days by model, Asia/Shanghai", "/usage/series", {**month, "zone": "Asia/Shanghai"}),
        ("chart, 30 days by model, Asia/Kolkata", "/usage/series", {**month, "zone": "Asia/Kolkata"}),
        ("chart, a year by model", "/usage/series", year),
        ("chart, a year by member", "/usage/series", {**year, "by": "member"}),
        ("log, newest", "/usage/requests", year),
        ("log, next page", "/usage/requests", {**year, **deep}),
        ("log, 200 rows", "/usage/requests", {**year, "limit": 200}),
        ("log, one key", "/usage/requests", {**year, **key}),
        ("log, failed", "/usage/requests", {**year, "outcome": "failed"}),
        ("log, a rare model", "/usage/requests", {**year, **rare}),
        ("log, a rare model that failed", "/usage/requests", {**year, **rare, "outcome": "failed"}),
        ("log, a member's own", "/usage/requests", {**year, "role": "member"}),
        ("log, by id", "/usage/requests", {"request": request}),
        ("receipt", f"/usage/requests/{request}", {}),
        ("models", "/models", {}),
        ("ledger, head", "/ledger", {}),
        ("ledger, by hour", "/ledger/lines", {}),
        ("ledger, by day, Asia/Shanghai", "/ledger/lines", {"group": "day", "zone": "Asia/Shanghai"}),
        ("ledger, single requests", "/ledger/lines", {"group": "none"}),
        ("ledger, single requests, next page", "/ledger/lines", {"group": "none", "cursor": lines["next_cursor"]}),
        (
            "ledger, one hour opened",
            "/ledger/lines",
            {"group": "none", "kind": "usage", "first": hour["first"], "last": hour["last"]},
        ),
        ("ledger, recharges", "/ledger/lines", {"kind": "recharge"}),
        ("ledger, 30 days", "/ledger/lines", month),
        ("ledger, one line", f"/ledger/lines/{usage['id']}", {}),
        ("ledger, months", "/ledger/statements", {}),
        ("ledger, a month as CSV", f"/ledger/statements/{months[1]['month']}", {"format": "csv"}),
    ]


def _found(answer: httpx2.Response) -> str:
    if not answer.headers["content-type"].startswith("application/json"):
        return ""
    body = answer.json()
    return f"{len(body['items']):,}" if isinstance(body, dict) and "items" in body else ""


async def _sizes(connection: asyncpg.Connection, took: dict[str, float]) -> Table:
    found = await connection.fetch(
        """SELECT regexp_replace(c.relname, '_\\d{4}_\\d{2}$', '') AS name,
                  sum(pg_total_relation_size(c.oid))::bigint AS bytes, sum(greatest(c.reltuples, 0))::bigint AS rows
           FROM pg_class AS c WHERE c.relnamespace = 'omna'::regnamespace AND c.relkind = 'r'
           GROUP BY 1 HAVING sum(pg_total_relation_size(c.oid)) > 1000000 ORDER BY 2 DESC"""
    )
    rows = tuple((row["name"], f"{row['rows']:,}", f"{row['bytes'] / 1e6:,.0f}") for row in found)
    note = ", ".join(f"`{name}` took {seconds:.0f} s" for name, seconds in took.items())
    return Table("On disk", ("table", "rows", "MB"), rows, f"From nothing, {note}.")


def read_seeded(path: Path) -> Seeded:
    facts = json.loads(path.read_text("utf-8"))
    return Seeded(
        UUID(facts["workspace_id"]),
        UUID(facts["owner"]),
        UUID(facts["member"]),
        [UUID(key) for key in facts["keys"]],
        datetime.datetime.fromisoformat(facts["start"]),
        datetime.datetime.fromisoformat(facts["end"]),
    )


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
