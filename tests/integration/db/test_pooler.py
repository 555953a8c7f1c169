"""Omna behind PgBouncer in session mode."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from omna.config import Database
from omna.db.link import Link
from omna.db.pool import borrow, open_connection, open_pool
from omna.db.service_account import Account, choose_account
from tests.harness.installation import until
from tests.harness.replica import free_port

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs PgBouncer: apt-get install pgbouncer")


@pytest.fixture
async def pooled_url(database_url: str) -> AsyncIterator[str]:
    """The URL of the test's database behind a pooler with two connections to it."""
    there, port = urlsplit(database_url), free_port()
    database, socket = there.path.strip("/"), parse_qs(there.query)["host"][0]
    # It does not run as root, and the socket is for the server's own account.
    account = choose_account(Path(socket))
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(
            f"[databases]\n{database} = host={socket} dbname={database} user={there.username}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nunix_socket_dir =\n"
            "pool_mode = session\ndefault_pool_size = 2\nserver_reset_query = DISCARD ALL\n"
        )
        file.flush()
        if account.user is not None and account.group is not None:
            os.chown(file.name, account.user, account.group)
        async with pooler(file.name, account, f"postgresql://{there.username}@127.0.0.1:{port}/{database}") as url:
            yield url


@asynccontextmanager
async def pooler(file: str, account: Account, url: str) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), file, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, user=account.user,
        group=account.group, extra_groups=[] if account.is_other else None,
    )  # fmt: skip

    async def answers() -> bool | None:
        try:
            await (await asyncpg.connect(url, timeout=2, statement_cache_size=0)).close()
        except (OSError, asyncpg.PostgresError):
            return None
        return True

    try:
        await until(answers, "PgBouncer does not answer")
        yield url
    finally:
        process.kill()
        await process.wait()


async def test_session_has_role_and_limits_without_startup_parameters(pooled_url: str) -> None:
    settings = Database(pooled=True)
    pool = await open_pool(pooled_url, settings, max_size=1)
    try:
        async with borrow(pool) as connection:
            row = await connection.fetchrow(
                "SELECT current_user AS who, current_setting('search_path') AS path, current_setting('statement_timeout') AS time"
            )
    finally:
        await pool.close()
    assert tuple(row) == ("omna_runtime", "omna", "5s")


async def test_settings_of_one_customer_of_the_pooler_do_not_reach_the_next(pooled_url: str) -> None:
    first = await open_connection(pooled_url, Database(pooled=True))
    await first.close()
    plain = await asyncpg.connect(pooled_url)
    try:
        assert await plain.fetchval("SELECT current_setting('search_path')") != "omna"
    finally:
        await plain.close()


async def test_link_works_through_it(pooled_url: str) -> None:
    link = Link(pooled_url, Database(pooled=True))
    try:
        assert [row["n"] for row in await link.call("SELECT count(*) AS n FROM wallets")] == [0]
        assert [row["n"] for row in await link.call("SELECT count(*) AS n FROM wallets")] == [0]
    finally:
        await link.close()
