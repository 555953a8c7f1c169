"""Recovery to a moment: the base backup and the archived log bring back what was committed until then, and no more."""

import asyncio
from pathlib import Path

import pytest

from omna.db.migrate import migrate
from omna.ids import parse
from tests.harness import depth
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation, until
from tests.harness.wire import chat
from tests.trials.pair import Node
from tests.upstream.server import Upstream

pytestmark = [pytest.mark.slow, depth.full_only]


async def test_database_comes_back_as_it_was_at_a_moment(tmp_path: Path) -> None:
    place = tmp_path / "servers"
    first, second = Node(place, "first"), Node(place, "second")
    archive = place / "archive"
    await asyncio.to_thread(first.initialize)
    archive.mkdir(mode=0o777)
    archive.chmod(0o777)
    try:
        first.start(
            archive_mode="on", archive_command=f"test ! -f {archive}/%f && cp %p {archive}/%f", archive_timeout="1s"
        )
        await first.answers()
        await first.ask("CREATE DATABASE omna")
        await migrate(first.url())
        async with Upstream() as upstream, Installation(first.url(), tmp_path / "house", upstream) as house:
            model = await house.model("ok")
            async with house.replica(SETTINGS) as replica:
                await asyncio.to_thread(second.copy, first)
                kept = [(await chat(replica.port, house.tenant.key, model)).request_id for _ in range(3)]
                await house.quiet()
                moment = await first.ask("SELECT clock_timestamp()::text")
                lost = [(await chat(replica.port, house.tenant.key, model)).request_id for _ in range(2)]
                await house.quiet()
            # The segment with all of this is in the archive before the server is gone for good.
            segment = await first.ask("SELECT pg_walfile_name(pg_current_wal_lsn())")
            await first.ask("SELECT pg_switch_wal()")

            async def archived() -> bool | None:
                return (archive / str(segment)).exists() or None

            await until(archived, "the log is not archived", 30)
            first.kill()
            second.recover(archive, str(moment))
            second.start()
            await second.answers()

            async def recovered() -> bool | None:
                return None if await second.ask("SELECT pg_is_in_recovery()") else True

            await until(recovered, "recovery does not end", 60)
            back = Installation(second.url(), tmp_path / "house", upstream)
            back.master_key, back.settings = house.master_key, house.settings
            await back.connect()
            found = {row["request_id"] for row in await back.connection.fetch("SELECT request_id FROM requests")}
            back.connection.terminate()
            for command in ("ledger", "audit"):
                assert (await back.omna(command, "verify")).code == 0
        assert {parse(one, "req") for one in kept} == found
        assert not {parse(one, "req") for one in lost} & found
    finally:
        first.stop()
        second.stop()
