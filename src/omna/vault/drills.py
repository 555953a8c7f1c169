"""When this installation was backed up, restored, and when somebody last tried a restore: facts it remembers."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from omna.db.pool import Connection
from omna.vault import store

#: The last `omna backup`, the `omna restore` that made this database, and the last drill that somebody noted.
BACKUP, RESTORED, DRILL = "backup.last", "backup.restored", "backup.drill"


@dataclass(frozen=True, slots=True)
class Drill:
    """One of them. `what` is the name of a file, or words; `number` its bytes, or the problems a restore found."""

    at: datetime
    what: str
    number: int


async def note(connection: Connection, name: str, what: str, number: int) -> None:
    """Remember that it was done now, in place of the time before."""
    at = await connection.fetchval("SELECT clock_timestamp()")
    await store.put(connection, name, msgspec.json.encode(Drill(at, what, number)).decode())


async def last(connection: Connection, name: str) -> Drill | None:
    """Return when it was last done, or None."""
    text = await store.find(connection, name)
    return None if text is None else msgspec.json.decode(text, type=Drill)
