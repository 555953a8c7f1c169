"""Runs files of invariants: queries that return what is broken, and nothing when all is well."""

import re
from dataclasses import dataclass
from pathlib import Path

from omna.ledger.model import Finding
from omna.ledger.store import Connection

_HEADING = re.compile(r"^--> (\w+): (.+)$", re.MULTILINE)

# Rows shown for one broken invariant: enough to see the pattern, not a flood.
LARGEST_REPORT = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must hold, and the query for the rows that break it."""

    name: str
    sentence: str
    query: str


def read_invariants(path: Path) -> tuple[Invariant, ...]:
    """Return the invariants of a file; its form is described at its top."""
    parts = _HEADING.split(path.read_text("utf-8"))
    return tuple(
        Invariant(name, sentence, query.strip())
        for name, sentence, query in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    )


LEDGER_INVARIANTS = read_invariants(Path(__file__).with_name("verify.sql"))


async def findings(conn: Connection, invariants: tuple[Invariant, ...]) -> list[Finding]:
    """Return every broken invariant, in one consistent view of the data.

    A long read: it sets its own time limit, off the one of ordinary statements.
    """
    found = []
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute("SET LOCAL statement_timeout = '1h'")
        for invariant in invariants:
            rows = await conn.fetch(f"{invariant.query} LIMIT {LARGEST_REPORT}", timeout=3600)
            found += [Finding(invariant.name, invariant.sentence, row["subject"], row["detail"]) for row in rows]
    return found
