"""SIGKILL to the gateway and to PostgreSQL in the middle of many streams: nothing acknowledged is lost."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from omna.db.embedded import EmbeddedServer
from omna.ids import RequestId, show
from omna.money import parse_credits
from tests.harness import depth
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, durable_server, until
from tests.harness.linter import Reading, read_stream
from tests.harness.replica import Replica
from tests.harness.wire import Connection, ServerClosed, ask, chat
from tests.upstream.server import Upstream

pytestmark = pytest.mark.slow

STREAMS = depth.of(60, 200)
ROUNDS = depth.of(1, 5)
TOKENS = 30
COST = 9 * PROMPT_TOKEN + TOKENS * COMPLETION_TOKEN


@dataclass
class Seen:
    """What a client knows of its request. `ended`: it saw [DONE]; `reading`: what the whole stream said."""

    request_id: str | None = None
    status: int | None = None
    ended: bool = False
    reading: Reading | None = None


@dataclass
class Field:
    """The installation under fire, on a PostgreSQL whose data survives."""

    house: Installation
    server: EmbeddedServer

    def kill_database(self) -> None:
        """End postmaster and backends with SIGKILL, and with them every promise that is not on the disk."""
        assert self.server.process_id is not None
        postmaster = self.server.process_id
        os.kill(postmaster, signal.SIGSTOP)  # no successor for a backend that dies first
        backends = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/stat")
            if (words := _stat(path)) is not None and words[1] == str(postmaster)
        ]
        for process_id in (*backends, postmaster):
            os.kill(process_id, signal.SIGKILL)
        self.server.wait()

    async def restart_database(self) -> None:
        # In a thread: the upstream lives in this loop, and a provider that stands still meanwhile is another test's.
        await asyncio.to_thread(self.server.start)
        self.house.connection.terminate()
        await self.house.connect()


def _stat(path: Path) -> list[str] | None:
    """Return state, parent and the rest of a process, None when it is gone."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return None


@pytest.fixture
async def field(tmp_path: Path) -> AsyncIterator[Field]:
    async with durable_server(tmp_path / "database") as server, Upstream() as upstream:
        house = Installation(server.url(), tmp_path / "house", upstream)
        async with house:
            yield Field(house, server)


async def run_client(port: int, key: str, model: str) -> Seen:
    """Ask for a stream and keep a log of what came."""
    seen = Seen()
    try:
        async with Connection(port) as connection:
            answer = await connection.stream(key, model, stream_options={"include_usage": True})
            seen.request_id, seen.status = answer.request_id, answer.status
            async for _ in answer.pieces():
                if b"data: [DONE]\n\n" in answer.body:
                    seen.ended = True
            if seen.status == 200:
                seen.reading = read_stream(answer.body, include_usage=True)
    except (ServerClosed, OSError):
        pass
    return seen


async def check_clients(house: Installation, log: list[Seen]) -> Counter[str]:
    """Compare what every client saw with usage rows and ledger; return how the requests ended."""
    rows = {show("req", RequestId(row["request_id"])): row for row in await house.requests()}
    revenue = await house.connection.fetch(
        """SELECT t.hold_id, count(*) AS times, sum(e.amount)::bigint AS amount
           FROM transfers AS t JOIN entries AS e USING (workspace_id, transfer_id)
           WHERE e.account = 'revenue' GROUP BY t.hold_id"""
    )
    charged = {show("req", RequestId(record["hold_id"])): (record["times"], record["amount"]) for record in revenue}
    outcomes: Counter[str] = Counter()
    for seen in log:
        if seen.status != 200:
            # A refusal has no line anywhere; a request whose answer never came was charged nothing, or its checkpoint.
            assert seen.status in (None, 503)
            if seen.status == 503 and seen.request_id in rows:
                assert rows[seen.request_id]["charge"] == 0
            continue
        assert seen.request_id is not None
        row = rows[seen.request_id]
        outcomes[row["outcome"]] += 1
        if seen.ended:
            assert seen.reading is not None
            if seen.reading.error is None:
                assert seen.reading.usage is not None
                assert row["charge"] == parse_credits(seen.reading.usage["cost_details"]["total"]) == COST
                assert charged[seen.request_id] == (1, COST)
                continue
        assert charged.get(seen.request_id, (0, 0)) == (int(row["charge"] > 0), row["charge"])
        assert row["charge"] <= COST * 2
    return outcomes


async def storm(replica: Replica, house: Installation, model: str) -> list["asyncio.Task[Seen]"]:
    """Start many streams and return when all of them deliver."""
    before = len(house.upstream.journal)
    clients = [asyncio.create_task(run_client(replica.port, house.tenant.key, model)) for _ in range(STREAMS)]

    async def all_deliver() -> bool | None:
        arrived = house.upstream.journal[before:]
        return True if len(arrived) == STREAMS and all(one.tokens_sent > 2 for one in arrived) else None

    await until(all_deliver, "not all streams began", 30)
    return clients


async def test_gateway_and_database_are_killed_again_and_again_under_streams(field: Field) -> None:
    house = field.house
    model = await house.model("pace", upstream_model=f"long-{TOKENS}-10")
    log: list[Seen] = []
    async with house.replica(SETTINGS, workers=2) as replica:
        for _ in range(ROUNDS):
            clients = await storm(replica, house, model)
            killed = replica.kill_workers()
            assert len(killed) == 2
            log += await asyncio.gather(*clients)
            await replica.ready_again(killed)
            # The reaper is still sorting out what the dead workers left when the database goes as well.
            clients = await storm(replica, house, model)
            field.kill_database()
            await refuses_at_once(replica)
            await field.restart_database()
            log += await asyncio.gather(*clients)
            assert await chat_until_admitted(replica, house, model) == 200
        await house.books_are_right(patience=40)
        outcomes = await check_clients(house, log)
    # Every stream of a killed worker was resolved from its checkpoint; every stream of a killed database was completed.
    assert outcomes == {"crashed": ROUNDS * STREAMS, "completed": ROUNDS * STREAMS}
    assert (await house.omna("ledger", "verify")).code == 0


async def test_database_is_killed_under_streams_and_they_settle_when_it_is_back(field: Field) -> None:
    house = field.house
    model = await house.model("pace", upstream_model=f"long-{TOKENS}-10")
    async with house.replica(SETTINGS) as replica:
        await chat(replica.port, house.tenant.key, model)
        clients = await storm(replica, house, model)
        field.kill_database()
        await refuses_at_once(replica)
        log = await asyncio.gather(*clients)
        # The journal stood for the database: every client got its whole answer.
        assert [seen.reading.error for seen in log if seen.reading is not None] == [None] * STREAMS
        assert list((replica.data / "journal").glob("*.jsonl"))
        await field.restart_database()
        await house.books_are_right(patience=40)
        outcomes = await check_clients(house, log)
        assert outcomes == {"completed": STREAMS}

        async def journal_is_empty() -> bool | None:
            return None if list((replica.data / "journal").glob("*.jsonl")) else True

        await until(journal_is_empty, "the journal stays")


async def test_gateway_killed_with_a_full_journal_books_it_once_when_it_is_back(field: Field) -> None:
    house = field.house
    model = await house.model("pace", upstream_model=f"long-{TOKENS}-10")
    async with house.replica(SETTINGS) as replica:
        clients = await storm(replica, house, model)
        field.kill_database()
        log = await asyncio.gather(*clients)
        journal = list((replica.data / "journal").glob("*.jsonl"))
        assert sum(len(path.read_bytes().splitlines()) for path in journal) == STREAMS
        await replica.kill()
        # A replay that was cut short is replayed again; and a torn last line was promised to nobody.
        copy = {path: path.read_bytes() for path in journal}
        await field.restart_database()
        await replica.start()
        await house.books_are_right(patience=40)
        assert not list((replica.data / "journal").glob("*.jsonl"))
        await replica.kill()
        for path, content in copy.items():
            path.write_bytes(content + b'{"request_id":"01')
        await replica.start()
        await house.books_are_right(patience=40)
        assert not list((replica.data / "journal").glob("*.jsonl"))
        assert await check_clients(house, log) == {"completed": STREAMS}


async def test_dead_gateway_leaves_no_hold_open_past_its_lease(field: Field) -> None:
    house = field.house
    model = await house.model("hang-mid-stream", upstream_model="hang-mid-stream")
    other = await house.model("hang-after-headers")
    async with house.replica(SETTINGS) as survivor, house.replica(SETTINGS) as victim:
        delivering = asyncio.create_task(run_client(victim.port, house.tenant.key, model))
        silent = asyncio.create_task(run_client(victim.port, house.tenant.key, other))
        await house.wait_for_running(2)

        async def checkpointed() -> bool | None:
            return await house.connection.fetchval(
                "SELECT true FROM running_requests WHERE model_id = $1 AND completion_tokens > 0", model
            )

        await until(checkpointed, "no checkpoint")
        await victim.kill()
        killed_at = time.monotonic()
        await asyncio.gather(delivering, silent)
        await house.quiet(patience=30)
        assert time.monotonic() - killed_at < 6 + 1 + 4  # lease, reaper, and a busy machine
        rows = {row["model_id"]: row for row in await house.requests()}
        assert (rows[model]["outcome"], rows[model]["estimated"]) == ("crashed", True)
        assert rows[model]["charge"] == rows[model]["prompt_tokens"] * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
        assert (rows[other]["outcome"], rows[other]["charge"]) == ("crashed", 0)
        await house.books_are_right()
        assert (await survivor.ask("GET", "/readyz")).status == 200


async def refuses_at_once(replica: Replica) -> None:
    """Without its database a gateway answers 503, never 401 or 402 and makes nobody wait."""
    began = time.monotonic()
    answer = await chat(replica.port, KEY_OF_NOBODY, "pace")
    assert answer.code == (503, "service_unavailable")
    assert answer.header("retry-after") is not None
    assert time.monotonic() - began < 2
    assert (await ask(replica.port, "GET", "/v1/models", key=KEY_OF_NOBODY)).code == (503, "service_unavailable")
    assert (await ask(replica.port, "GET", "/readyz")).status == 503
    assert (await ask(replica.port, "GET", "/healthz")).status == 200


#: Well-formed and unknown: with a database this is a 401.
KEY_OF_NOBODY = "omna_" + "0" * 43 + "_04Ppzy"


async def chat_until_admitted(replica: Replica, house: Installation, model: str) -> int:
    async def admitted() -> int | None:
        try:
            status = (await chat(replica.port, house.tenant.key, model, stream=True)).status
        except (ServerClosed, OSError):
            return None
        assert status in (200, 503)
        return status if status == 200 else None

    status: int = await until(admitted, "nothing is admitted", 30)
    return status


async def test_workers_born_during_an_outage_wait_for_its_end(field: Field) -> None:
    house = field.house
    model = await house.model("ok")
    async with house.replica(SETTINGS, workers=2) as replica:
        killed = replica.kill_workers()
        field.kill_database()

        async def alive() -> bool | None:
            try:
                answer = await ask(replica.port, "GET", "/healthz")
            except (ServerClosed, OSError):
                return None
            return answer.status == 200 or None

        await until(alive, "no worker took the place of the dead ones", 20)
        await refuses_at_once(replica)
        assert not set(killed) & set(replica.worker_pids())
        await field.restart_database()
        await replica.ready()
        assert await chat_until_admitted(replica, house, model) == 200
        replica.terminate()
        assert await replica.ended() == 0
    await house.books_are_right()
