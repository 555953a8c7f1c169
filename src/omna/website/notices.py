"""What pages say on top: what is stopped, and what the operator announces."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from omna.accounts.desk import desk_of
from omna.announcements import service as announcements
from omna.clock import monotonic
from omna.db.pool import borrow
from omna.errors import OmnaError
from omna.risk import service as risk

#: How long pages show what was true before: a stop is seen within five seconds.
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Notice:
    """One line. Of a stop: `kind` is `stop` or the kind of its scope, `name` what is behind it, `texts` the message."""

    kind: str
    texts: tuple[tuple[str, str], ...]
    scope: str = ""
    name: str = ""

    def text(self, language: str) -> str:
        return dict(self.texts).get(language, "")


Ask = Callable[[Request], Awaitable[tuple[Notice, ...]]]


def remembered() -> Ask:
    """Return what asks for the notices of now, the database every two seconds at most; without one: none."""
    known: tuple[Notice, ...] = ()
    until = 0.0

    async def ask(request: Request) -> tuple[Notice, ...]:
        nonlocal known, until
        if monotonic() >= until:
            until = monotonic() + _SECONDS
            known = await _read(request)
        return known

    return ask


async def _read(request: Request) -> tuple[Notice, ...]:
    try:
        async with borrow(desk_of(request).pool) as connection:
            stops = await risk.stops(connection)
            lines = await announcements.current(connection)
    except OmnaError:
        return ()
    stopped = []
    for stop in sorted(stops, key=lambda one: (one.scope != "all", one.since)):
        scope, _, name = stop.scope.partition(":")
        stopped.append(Notice("stop", (("en", stop.message), ("zh", stop.message)), scope, name))
    return (*stopped, *(Notice(one.kind, (("en", one.text_en), ("zh", one.text_zh))) for one in lines))
