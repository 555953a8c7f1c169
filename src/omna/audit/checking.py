"""Prove that nobody rewrote the audit log, and keep what was found."""

import hmac
from collections.abc import Mapping, Sequence

from omna.audit import check_store, store
from omna.audit.model import GENESIS, Chain, Entry, Finding, Head, Report, Request, Scope, Standing, seal
from omna.db.pool import Connection

#: Rows read and sealed again at once: what a check needs of memory.
BATCH = 500
#: Findings that are named; the others are counted.
MOST_NAMED = 100


async def verify(connection: Connection, keys: Sequence[bytes]) -> list[Finding]:
    """Return rows that were changed, slipped in or are missing; an empty list is a log nobody rewrote.

    keys    every key that ever sealed a row, oldest first: once a newer one is in use, an older one seals nothing
    """
    return list((await check(connection, keys)).named)


async def check(
    connection: Connection, keys: Sequence[bytes], *, scope: Scope = "all", witness: Head | None = None
) -> Report:
    """Seal rows again and compare: all of them, or those since the last check. Writers are not held up.

    witness     a row and its seal as somebody noted them elsewhere, for example from the logs
    """
    known = await check_store.heads(connection)
    if witness is not None:
        known[witness.seq] = witness.seal
    until = await store.head(connection)
    start = Head(0, GENESIS)
    if scope == "new" and known:
        start = Head(max(known), known[max(known)])
    walk = _Walk(keys, start, known)
    if 0 < start.seq <= until.seq:
        await walk.revisit(connection)
    while batch := await store.in_order(connection, walk.at.seq, until.seq, BATCH):
        for entry, mac in batch:
            walk.step(entry, mac)
    walk.end(until)
    return Report(scope, walk.rows, walk.findings, walk.named, until)


async def note(connection: Connection, report: Report) -> None:
    """Remember what a check found; of checks of new rows, those of a day."""
    await check_store.add(connection, report)
    await check_store.forget(connection)


async def standing(connection: Connection) -> Standing:
    """Return what the checks so far say about the log."""
    last, last_full = await check_store.newest(connection, None), await check_store.newest(connection, "all")
    whole_at, since = await check_store.whole_until(connection), None
    broken = await check_store.newest_broken(connection, whole_at)
    if broken is not None:
        since = await check_store.first_broken(connection, whole_at)
    return Standing(last, last_full, whole_at, since, broken)


async def ask(connection: Connection, chain: Chain, by: str) -> bool:
    """Ask a worker to check a chain now; False when somebody did already and it is not over."""
    return await check_store.ask(connection, chain, by)


async def asked(connection: Connection) -> Sequence[Request]:
    """Return the checks that somebody waits for."""
    return await check_store.asked(connection)


async def begin(connection: Connection) -> Chain | None:
    """Take up a check that somebody asked for; nobody else does it then."""
    return await check_store.begin(connection)


async def finish(connection: Connection, chain: Chain) -> None:
    """Note that a check is over."""
    await check_store.finish(connection, chain)


class _Walk:
    """Goes over the rows in their order."""

    def __init__(self, keys: Sequence[bytes], start: Head, known: Mapping[int, bytes]) -> None:
        self.at = start
        self.rows = 0
        self.findings = 0
        self.named: list[Finding] = []
        self._keys = keys
        self._key_in_use = 0
        self._known = known

    async def revisit(self, connection: Connection) -> None:
        """Look whether the row at which the walk begins has the seal it was checked with."""
        found = await store.in_order(connection, self.at.seq - 1, self.at.seq, 1)
        if not found:
            self._find(self.at.seq, "a row that was checked before is missing")
        elif not hmac.compare_digest(found[0][1], self.at.seal):
            self._find(self.at.seq, "the seal is another than when the row was checked before")

    def step(self, entry: Entry, mac: bytes) -> None:
        expected, last = self.at.seq + 1, entry.seq - 1
        if expected == last:
            self._find(expected, f"row {expected} is missing")
        elif expected < last:
            self._find(expected, f"rows {expected} to {last} are missing")
        if not self._fits(entry, mac):
            self._find(entry.seq, "the seal does not fit the row, or the row before it was changed")
        elif entry.seq in self._known and not hmac.compare_digest(mac, self._known[entry.seq]):
            self._find(entry.seq, "the seal is another than when the row was checked before")
        self.at = Head(entry.seq, mac)
        self.rows += 1

    def end(self, until: Head) -> None:
        """Look whether rows at the end are gone that were there once."""
        newest = max(self._known, default=0)
        if newest > until.seq:
            self._find(until.seq + 1, f"rows {until.seq + 1} to {newest} are missing")

    def _fits(self, entry: Entry, mac: bytes) -> bool:
        for number in range(self._key_in_use, len(self._keys)):
            if hmac.compare_digest(mac, seal(entry, self.at.seal, self._keys[number])):
                self._key_in_use = number
                return True
        return False

    def _find(self, seq: int, problem: str) -> None:
        self.findings += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(Finding(seq, problem))
