"""SQL of payment methods."""

from typing import Protocol
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection


class Facts(Protocol):
    """What is written of a method."""

    @property
    def name(self) -> str: ...
    @property
    def name_zh(self) -> str: ...
    @property
    def instructions(self) -> str: ...
    @property
    def instructions_zh(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def usual_hours(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def retired(self) -> bool: ...


async def every(connection: Connection) -> list[Record]:
    return list(
        await connection.fetch(
            "SELECT method_id, name, name_zh, instructions, instructions_zh, currency, usual_hours, position,"
            " retired_at FROM payment_methods ORDER BY retired_at IS NOT NULL, position, method_id"
        )
    )


async def get(connection: Connection, method_id: UUID) -> Record | None:
    return await connection.fetchrow(
        "SELECT method_id, name, name_zh, instructions, instructions_zh, currency, usual_hours, position, retired_at"
        " FROM payment_methods WHERE method_id = $1",
        method_id,
    )


async def add(connection: Connection, method_id: UUID, facts: Facts) -> None:
    await connection.execute(
        "INSERT INTO payment_methods (method_id, name, name_zh, instructions, instructions_zh, currency, usual_hours,"
        " position, retired_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9 THEN now() END)",
        method_id,
        facts.name,
        facts.name_zh,
        facts.instructions,
        facts.instructions_zh,
        facts.currency,
        facts.usual_hours,
        facts.position,
        facts.retired,
    )


async def change(connection: Connection, method_id: UUID, facts: Facts) -> None:
    await connection.execute(
        "UPDATE payment_methods SET name = $2, name_zh = $3, instructions = $4, instructions_zh = $5, currency = $6,"
        " usual_hours = $7, position = $8, retired_at = CASE WHEN $9 THEN coalesce(retired_at, now()) END"
        " WHERE method_id = $1",
        method_id,
        facts.name,
        facts.name_zh,
        facts.instructions,
        facts.instructions_zh,
        facts.currency,
        facts.usual_hours,
        facts.position,
        facts.retired,
    )
