"""SQL of what an owner decided about access in place of the configuration."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from omna.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided in the console; None: as it is configured."""

    sign_up: str | None
    starter_credits: int | None
    changed_at: datetime


async def decided(connection: Connection) -> Decided:
    row = await connection.fetchrow("SELECT sign_up, starter_credits, changed_at FROM access_policy")
    return _decided(row)


async def lock(connection: Connection) -> Decided:
    """Return what was decided while nobody else decides."""
    row = await connection.fetchrow("SELECT sign_up, starter_credits, changed_at FROM access_policy FOR UPDATE")
    return _decided(row)


async def decide(connection: Connection, sign_up: str | None, starter_credits: int | None) -> None:
    await connection.execute(
        "UPDATE access_policy SET sign_up = $1, starter_credits = $2, changed_at = now()", sign_up, starter_credits
    )


def _decided(row: Record | None) -> Decided:
    assert row is not None, "a migration made the row"
    return Decided(row["sign_up"], row["starter_credits"], row["changed_at"])
