"""Bring the schema up to date: roles, numbered files, function files, the job library's tables. Forward only.

Everything lives in the schema `omna` and belongs to `omna_owner`; the application works as `omna_runtime`. Neither can
sign in: the login user of the URL is a member of both. One advisory lock makes a run safe from any number of replicas.

    db/migrations/NNNN_noun_verb.sql   applied once, in order, each in its own transaction, never edited afterwards
    FUNCTION_FILES                     CREATE OR REPLACE, applied again whenever their text has changed
"""

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import asyncpg

from omna.db.names import OWNER, RUNTIME, SCHEMA
from omna.errors import ServiceUnavailable

OLDEST_SERVER = 15

MIGRATIONS = Path(__file__).parent / "migrations"
SOURCES = Path(__file__).parents[1]

# In the order in which they need one another; paths below the package.
FUNCTION_FILES = (
    "ledger/booking.sql",
    "ledger/sealing.sql",
    "ledger/statement.sql",
    "risk/controls.sql",
    "gateway/admission.sql",
    "gateway/settlement.sql",
    "gateway/probing.sql",
    "usage/roll_up.sql",
    "usage/reports.sql",
)

_NAME = re.compile(r"(\d{4})_[a-z0-9]+(?:_[a-z0-9]+)*\.sql")

# Any number will do; it must only never change.
_ADVISORY_LOCK = 5108_0001


class MigrationError(Exception):
    """The schema cannot be brought up to date."""


@dataclass(frozen=True)
class Script:
    """A file of SQL. `number` is 0 for function files, which have no order of their own in time."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return the names, in order; [] when the schema was up to date.

    Errors  MigrationError with a sentence for the operator; ServiceUnavailable when the server cannot be reached
    """
    async with _connected(url) as connection:
        await connection.execute("SELECT set_config('lock_timeout', '0', false)")
        await connection.execute("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK)
        await connection.execute("SELECT set_config('lock_timeout', '5s', false)")
        await _make_roles(connection)
        await _make_schema(connection)
        await _become(connection, OWNER)
        await connection.execute("SELECT set_config('search_path', $1, false)", SCHEMA)
        await _make_records(connection)
        applied = await _apply_migrations(connection, migrations())
        applied += await _apply_functions(connection, function_files())
        applied += await _apply_job_tables(connection)
    return applied


async def pending(url: str) -> list[str]:
    """Return what `migrate` would apply, the job library's tables aside; [] says that the schema fits this release.

    Errors  MigrationError when an applied file was edited; ServiceUnavailable when the server cannot be reached
    """
    async with _connected(url) as connection:
        if await connection.fetchval("SELECT to_regclass('omna.schema_functions')") is None:
            return [script.name for script in migrations()] + [script.name for script in function_files()]
        await connection.execute("SELECT set_config('search_path', $1, false)", SCHEMA)
        missing = _missing_migrations(migrations(), await _applied_migrations(connection))
        return [script.name for script in missing + await _changed_functions(connection, function_files())]


def migrations() -> list[Script]:
    """Return the numbered files in order.

    A number may be missing: changes that are made side by side have theirs given in advance and arrive in any order.

    Errors  MigrationError when a name is malformed or a number is taken twice
    """
    scripts = [_numbered(path) for path in sorted(MIGRATIONS.glob("*.sql"))]
    for before, script in pairwise(scripts):
        if script.number == before.number:
            raise MigrationError(f"{script.name}: {before.name} has this number")
    return scripts


def function_files() -> list[Script]:
    """Return the function files that exist, in the order in which they need one another."""
    return [
        Script(0, name, (SOURCES / name).read_text("utf-8")) for name in FUNCTION_FILES if (SOURCES / name).exists()
    ]


def check_server(major: int) -> None:
    """Refuse a server that is too old for our SQL.

    Errors  MigrationError naming both versions
    """
    if major < OLDEST_SERVER:
        raise MigrationError(f"this server is PostgreSQL {major}; Omna needs {OLDEST_SERVER} or newer")


def _numbered(path: Path) -> Script:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise MigrationError(f"{path.name}: a migration is named like 0001_noun_verb.sql")
    return Script(int(match[1]), path.name, path.read_text("utf-8"))


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "omna migrate"})
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
        raise ServiceUnavailable(f"the database cannot be reached: {error}") from error
    except asyncpg.PostgresError as error:
        raise MigrationError(f"the database does not let us in: {error}") from error
    try:
        check_server(connection.get_server_version().major)
        yield connection
    finally:
        await connection.close()


async def _make_roles(connection: asyncpg.Connection) -> None:
    for role in (OWNER, RUNTIME):
        if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            try:
                await connection.execute(f"CREATE ROLE {role} NOLOGIN")
            except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                # Roles belong to the server: a run for another database of it was faster.
                continue
            except asyncpg.InsufficientPrivilegeError:
                raise MigrationError(await _instructions(connection)) from None


async def _become(connection: asyncpg.Connection, role: str) -> None:
    try:
        await connection.execute(f"SET ROLE {role}")
    except asyncpg.InsufficientPrivilegeError:
        try:
            await connection.execute(f"GRANT {role} TO CURRENT_USER")
            await connection.execute(f"SET ROLE {role}")
        except asyncpg.InsufficientPrivilegeError:
            raise MigrationError(await _instructions(connection)) from None


async def _make_schema(connection: asyncpg.Connection) -> None:
    # Both memberships are proved here, so that the application does not find out later.
    for role in (RUNTIME, OWNER):
        await _become(connection, role)
        await connection.execute("RESET ROLE")
    owner = await connection.fetchval("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = $1", SCHEMA)
    if owner is None:
        try:
            await connection.execute(f"CREATE SCHEMA {SCHEMA} AUTHORIZATION {OWNER}")
        except asyncpg.InsufficientPrivilegeError:
            raise MigrationError(await _instructions(connection)) from None
    elif owner != OWNER:
        raise MigrationError(f"the schema {SCHEMA} belongs to {owner}; run: ALTER SCHEMA {SCHEMA} OWNER TO {OWNER};")


async def _instructions(connection: asyncpg.Connection) -> str:
    user = await connection.fetchval("SELECT quote_ident(session_user)")
    database = await connection.fetchval("SELECT quote_ident(current_database())")
    return (
        f"{user} may not prepare this database. As a superuser, run:"
        f" CREATE ROLE {OWNER} NOLOGIN; CREATE ROLE {RUNTIME} NOLOGIN; GRANT {OWNER}, {RUNTIME} TO {user};"
        f" GRANT CREATE ON DATABASE {database} TO {user};"
    )


async def _make_records(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {RUNTIME}")
        await connection.execute("""
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number     integer PRIMARY KEY,
                name       text NOT NULL,
                sha256     bytea NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            );
            CREATE TABLE IF NOT EXISTS schema_functions (
                name       text PRIMARY KEY,
                sha256     bytea NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            );
            GRANT SELECT ON schema_migrations, schema_functions TO omna_runtime;
        """)


async def _apply_migrations(connection: asyncpg.Connection, scripts: list[Script]) -> list[str]:
    missing = _missing_migrations(scripts, await _applied_migrations(connection))
    for script in missing:
        with _explained(script.name, script.text):
            async with connection.transaction():
                await connection.execute(script.text)
                await connection.execute(
                    "INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)",
                    script.number,
                    script.name,
                    script.digest,
                )
    return [script.name for script in missing]


async def _applied_migrations(connection: asyncpg.Connection) -> dict[int, tuple[str, bytes]]:
    rows = await connection.fetch("SELECT number, name, sha256 FROM schema_migrations")
    return {row["number"]: (row["name"], row["sha256"]) for row in rows}


def _missing_migrations(scripts: list[Script], applied: dict[int, tuple[str, bytes]]) -> list[Script]:
    newest = scripts[-1].number if scripts else 0
    if applied and max(applied) > newest:
        raise MigrationError(f"the database is at {applied[max(applied)][0]}, which a newer Omna made; update this one")
    for script in scripts:
        if script.number in applied and applied[script.number] != (script.name, script.digest):
            raise MigrationError(f"{script.name} was edited after it was applied; write a new migration instead")
    return [script for script in scripts if script.number not in applied]


async def _apply_functions(connection: asyncpg.Connection, scripts: list[Script]) -> list[str]:
    changed = await _changed_functions(connection, scripts)
    for script in changed:
        with _explained(script.name, script.text):
            async with connection.transaction():
                await connection.execute(script.text)
                await connection.execute(
                    "INSERT INTO schema_functions (name, sha256) VALUES ($1, $2)"
                    " ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()",
                    script.name,
                    script.digest,
                )
    return [script.name for script in changed]


async def _changed_functions(connection: asyncpg.Connection, scripts: list[Script]) -> list[Script]:
    rows = await connection.fetch("SELECT name, sha256 FROM schema_functions")
    applied = {row["name"]: row["sha256"] for row in rows}
    return [script for script in scripts if applied.get(script.name) != script.digest]


async def _apply_job_tables(connection: asyncpg.Connection) -> list[str]:
    # Here: the library takes a tenth of a second to import, and every process looks at the schema when it starts.
    from omna.db import job_tables

    with _explained("the tables of pgqueuer"):
        return await job_tables.apply(connection)


@contextmanager
def _explained(name: str, text: str = "") -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        position = getattr(error, "position", None)
        line = f" line {text.count(chr(10), 0, int(position)) + 1}" if position and text else ""
        raise MigrationError(f"{name}{line}: {error} ({error.sqlstate})") from error
