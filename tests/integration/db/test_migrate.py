"""Bringing a schema up to date on a real server."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder
from pgqueuer.queries import Queries

from omna.db import migrate as module
from omna.db.embedded import EmbeddedServer, make_url, running_socket
from omna.db.job_tables import job_settings
from omna.db.migrate import FUNCTION_FILES, MigrationError, migrate, migrations, pending
from omna.errors import ServiceUnavailable

_numbers = itertools.count(1)


@pytest.fixture
async def administrator(database_server: EmbeddedServer) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_server.url(database="postgres"))
    yield connection
    await connection.close()


@pytest.fixture
async def empty_database(administrator: asyncpg.Connection) -> AsyncIterator[str]:
    name = f"empty_{next(_numbers)}"
    await administrator.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield name
    await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_url(database_server: EmbeddedServer, empty_database: str) -> str:
    return database_server.url(database=empty_database)


async def test_empty_database_gets_everything_once(empty_url: str) -> None:
    expected = [script.name for script in migrations()] + list(FUNCTION_FILES)
    assert await pending(empty_url) == expected
    assert await migrate(empty_url) == [*expected, "pgqueuer"]
    assert await pending(empty_url) == []
    assert await migrate(empty_url) == []


async def test_replicas_that_migrate_at_once_apply_each_file_once(empty_url: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_url) for _ in range(5)))
    assert sorted(map(len, applied)) == [0, 0, 0, 0, len(migrations()) + len(FUNCTION_FILES) + 1]


async def test_everything_belongs_to_the_owner_role(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    strangers = await connection.fetch("""
        SELECT relname FROM pg_class
        WHERE relnamespace = 'omna'::regnamespace AND relowner <> 'omna_owner'::regrole
        UNION ALL
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'omna'::regnamespace AND proowner <> 'omna_owner'::regrole
        UNION ALL
        SELECT typname FROM pg_type
        WHERE typnamespace = 'omna'::regnamespace AND typowner <> 'omna_owner'::regrole
    """)
    assert [row[0] for row in strangers] == []
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relnamespace = 'omna'::regnamespace") > 30
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    await connection.close()


async def test_edited_migration_is_refused(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE omna.schema_migrations SET sha256 = sha256('another text') WHERE number = 2")
    await connection.close()
    for run in (migrate, pending):
        with pytest.raises(MigrationError, match=r"0002_keys_create\.sql was edited"):
            await run(database_url)


async def test_database_of_a_newer_release_is_left_alone(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("""
        INSERT INTO omna.schema_migrations (number, name, sha256) VALUES (9000, '9000_future_create.sql', '\\x00');
        UPDATE omna.schema_functions SET sha256 = '\\x00';
    """)
    with pytest.raises(MigrationError, match=r"9000_future_create\.sql, which a newer Omna made"):
        await migrate(database_url)
    assert await connection.fetchval("SELECT bool_and(sha256 = '\\x00') FROM omna.schema_functions")
    await connection.close()


async def test_changed_function_file_is_applied_again(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "answer.sql").write_text("CREATE OR REPLACE FUNCTION answer() RETURNS integer LANGUAGE sql RETURN 41;")
    monkeypatch.setattr(module, "SOURCES", tmp_path)
    monkeypatch.setattr(module, "FUNCTION_FILES", ("answer.sql",))
    assert await migrate(database_url) == ["answer.sql"]
    (tmp_path / "answer.sql").write_text("CREATE OR REPLACE FUNCTION answer() RETURNS integer LANGUAGE sql RETURN 42;")
    assert await pending(database_url) == ["answer.sql"]
    assert await migrate(database_url) == ["answer.sql"]
    assert await migrate(database_url) == []
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT omna.answer()") == 42
    await connection.close()


async def test_broken_migration_leaves_nothing_behind_and_says_where(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_first_create.sql").write_text("CREATE TABLE first (id integer);")
    (tmp_path / "0002_second_create.sql").write_text("CREATE TABLE second (id integer);\n\nCREATE TABLE ;\n")
    monkeypatch.setattr(module, "MIGRATIONS", tmp_path)
    with pytest.raises(MigrationError, match=r"0002_second_create\.sql line 3: syntax error"):
        await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    assert await connection.fetchval("SELECT to_regclass('omna.first') IS NOT NULL")
    assert await connection.fetchval("SELECT to_regclass('omna.second') IS NULL")
    await connection.close()


async def test_user_without_rights_is_told_what_to_run(
    database_server: EmbeddedServer, administrator: asyncpg.Connection, empty_database: str
) -> None:
    user = f"visitor_{empty_database}"
    await administrator.execute(f"CREATE ROLE {user} LOGIN")
    url = database_server.url(user=user, database=empty_database)
    with pytest.raises(MigrationError) as refused:
        await migrate(url)
    message = str(refused.value)
    assert f"GRANT omna_owner, omna_runtime TO {user}" in message
    # The sentence is a recipe: following it must be enough.
    recipe = message.partition("run: ")[2]
    for statement in recipe.rstrip(";").split(";"):
        if "CREATE ROLE" not in statement:
            await administrator.execute(statement)
    assert await migrate(url)
    await administrator.execute(f"DROP DATABASE {empty_database} WITH (FORCE)")
    await administrator.execute(f"CREATE DATABASE {empty_database}")
    await administrator.execute(f"DROP ROLE {user}")


async def test_runtime_role_uses_the_job_tables_and_nothing_else_of_the_owner(connection: asyncpg.Connection) -> None:
    queries = Queries(
        AsyncpgDriver(connection), QueryBuilderEnvironment(job_settings()), QueryQueueBuilder(job_settings())
    )
    ids = await queries.enqueue("test", b"payload")
    assert len(ids) == 1
    assert sum(row.count for row in await queries.queue_size()) == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE mine (id integer)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("UPDATE wallets SET available_paid = 1")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM schema_migrations")


async def test_server_that_is_away_is_unavailable(tmp_path: Path, database_server: EmbeddedServer) -> None:
    with pytest.raises(ServiceUnavailable):
        await migrate(make_url(tmp_path, "omna", "omna"))
    assert running_socket(tmp_path) is None
