"""Connections to PostgreSQL and transactions on them; a fault of the database becomes ServiceUnavailable here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec

from omna import processes
from omna.config import Database
from omna.db.names import RUNTIME, SCHEMA
from omna.errors import ServiceUnavailable

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy

# Jobs and exports set their own, in their transaction: SET LOCAL statement_timeout.
SESSION_SETTINGS = {
    "search_path": SCHEMA,
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
    "timezone": "UTC",
}

_FAULTS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    # The server ended the connection in the moment it was used: its last words meet our question.
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    # A primary that was demoted while we were connected to it.
    asyncpg.ReadOnlySQLTransactionError,
)

_COMMIT_UNKNOWN = "The database was lost while a change was being saved; look whether it is there before you repeat it."


class Pool(asyncpg.Pool):
    """A pool that waits for a free connection no longer than its setting, wherever it is asked for one."""

    __slots__ = ("_acquire_timeout",)

    def __init__(self, url: str, settings: Database, role: str, *, min_size: int, max_size: int) -> None:
        super().__init__(
            url,
            min_size=min_size,
            max_size=max_size,
            # A session that is replaced has to prepare its statements again: seldom, then.
            max_queries=1_000_000,
            max_inactive_connection_lifetime=0,
            init=_preparation(settings, role),
            reset=_keep,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
            **_connect_options(settings, role),
        )
        self._acquire_timeout = settings.acquire_timeout

    def acquire(self, *, timeout: float | None = None) -> asyncpg.pool.PoolAcquireContext:
        return super().acquire(timeout=timeout or self._acquire_timeout)


async def open_pool(
    url: str, settings: Database, *, role: str = RUNTIME, min_size: int = 1, max_size: int | None = None
) -> asyncpg.Pool:
    """Return a pool whose connections work as `role` in the schema omna, with jsonb as Python values.

    Settings made with SET outlive a transaction and reach the next user of the connection: use SET LOCAL.
    Errors  ServiceUnavailable when the server cannot be reached
    """
    largest = max_size or settings.pool_size
    pool = Pool(url, settings, role, min_size=min(min_size, largest), max_size=largest)
    try:
        await pool
    except BaseException as error:
        pool.terminate()
        if is_fault(error):
            raise ServiceUnavailable() from error
        raise
    return pool


async def open_connection(url: str, settings: Database, *, role: str = RUNTIME) -> asyncpg.Connection:
    """Return one connection of the same kind, for a command or for LISTEN. The caller closes it.

    Errors  ServiceUnavailable when the server cannot be reached
    """
    try:
        connection: asyncpg.Connection = await asyncpg.connect(url, **_connect_options(settings, role))
    except Exception as error:
        if is_fault(error):
            raise ServiceUnavailable() from error
        raise
    await _preparation(settings, role)(connection)
    return connection


def session_settings(role: str) -> dict[str, str]:
    """Return what every session starts with; `role` decides its rights, whoever signed in."""
    return {**SESSION_SETTINGS, "role": role, "application_name": processes.name()}


def is_fault(error: BaseException, connection: Connection | None = None) -> bool:
    """Return whether an error says that the database is away or too slow, and nothing about the request."""
    if isinstance(error, asyncpg.InterfaceError):
        # asyncpg's word for a closed connection and for our own mistakes alike.
        return _is_lost(connection) if connection is not None else not isinstance(error, ValueError)
    return isinstance(error, _FAULTS)


@asynccontextmanager
async def borrow(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Lend a connection without a transaction: for reads, and for calls that are one statement.

    A connection is given up, never returned, when its use was cancelled or timed out.
    Errors  ServiceUnavailable when the database is away or too slow
    """
    connection: Any = None
    try:
        connection = await pool.acquire()
        yield connection
    except BaseException as error:
        fault = is_fault(error, connection)
        if connection is not None and not _is_lost(connection) and (fault or not isinstance(error, Exception)):
            connection.terminate()
        if fault:
            raise ServiceUnavailable() from error
        raise
    finally:
        if connection is not None:
            await pool.release(connection)


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Lend a connection inside one transaction: committed when the block ends, rolled back when it raises.

    Errors  ServiceUnavailable when the database is away or too slow; when that happens at the commit, the message says
            that the outcome is unknown
    """
    committing = False
    try:
        async with borrow(pool) as connection:
            work = connection.transaction()
            await work.start()
            try:
                yield connection
            except BaseException as error:
                # borrow() ends a connection that was cancelled or lost, and PostgreSQL then rolls back by itself.
                if isinstance(error, Exception) and not is_fault(error, connection):
                    await work.rollback()
                raise
            committing = True
            await work.commit()
    except ServiceUnavailable as error:
        if committing:
            raise ServiceUnavailable(_COMMIT_UNKNOWN) from error
        raise


def _connect_options(settings: Database, role: str) -> dict[str, Any]:
    return {
        "timeout": settings.acquire_timeout,
        "command_timeout": settings.command_timeout,
        # A pooler refuses to pass them on.
        "server_settings": {} if settings.pooled else session_settings(role),
        # Prepared statements are the speed of the hot path: they are never dropped for their age.
        "max_cached_statement_lifetime": 0,
        "statement_cache_size": 256,
    }


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool took the connection back by itself when it broke.
        return True


def _preparation(settings: Database, role: str) -> Any:
    """Return what is done to every new connection: a coroutine function of it."""

    async def prepare(connection: Connection) -> None:
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=_encode, decoder=msgspec.json.decode, format="text"
        )
        if settings.pooled:
            chosen = session_settings(role)
            await connection.execute(
                "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS given (name, value)",
                list(chosen),
                list(chosen.values()),
            )

    return prepare


async def _keep(connection: Connection) -> None:
    """Spare asyncpg's round trip of RESET ALL on every return: open transactions it ends before this is called."""


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()
