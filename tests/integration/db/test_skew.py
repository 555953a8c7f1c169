"""Replicas of two releases run side by side: the schema of this one serves the release before it.

At a release, commit the schema that it leaves behind: `OMNA_WRITE_SCHEMA=1 pytest tests/integration/db/test_skew.py`.
"""

import os
from pathlib import Path

import asyncpg
import msgspec

from tests.harness import skew

RELEASED = Path(__file__).with_name("released-schema.json")


async def test_schema_serves_the_release_before(connection: asyncpg.Connection) -> None:
    now = await skew.read(connection)
    if "OMNA_WRITE_SCHEMA" in os.environ:
        RELEASED.write_bytes(_one_line_each(now))
    released = msgspec.json.decode(RELEASED.read_bytes(), type=skew.Schema)
    assert skew.breaks(released, now) == []


async def test_what_the_release_asks_for_is_read_from_the_database(connection: asyncpg.Connection) -> None:
    before = await skew.read(connection)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(
            """SET LOCAL ROLE omna_owner;
               ALTER TABLE omna.wallets DROP COLUMN created_at;
               ALTER TABLE omna.users ADD COLUMN shoe_size integer NOT NULL;
               REVOKE INSERT ON omna.announcements FROM omna_runtime;
               DROP FUNCTION omna.ledger_lock(uuid[]);
               RESET ROLE"""
        )
        problems = skew.breaks(before, await skew.read(connection))
    finally:
        await transaction.rollback()
    assert [problem.split(" that reads")[0] for problem in problems] == [
        "the application may no longer INSERT in announcements",
        "column users.shoe_size is new and has to be named",
        "column wallets.created_at is gone",
        "no function serves a call of ledger_lock(uuid[])",
    ]


def _one_line_each(schema: skew.Schema) -> bytes:
    """Return the schema with a table or a function on a line, so that a change of it can be read."""

    def part(named: dict[str, skew.Table] | dict[str, list[skew.Function]]) -> bytes:
        return b",\n".join(msgspec.json.encode(name) + b": " + msgspec.json.encode(one) for name, one in named.items())

    return b'{"tables": {\n%b\n}, "functions": {\n%b\n}}\n' % (part(schema.tables), part(schema.functions))
