"""What is on sale, for pages that anybody may read: as the gateway would answer now; without a database, as it was."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from omna.accounts.desk import desk_of
from omna.catalog import service as catalog
from omna.catalog.model import Model, Snapshot
from omna.clock import monotonic, now
from omna.db.pool import borrow
from omna.errors import OmnaError

#: How long a page that names a few prices beside other things shows what was true before.
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Goods:
    """models    on sale and not hidden, by id
    stopped   scopes of emergency stops with what the operator says about each
    read_at   when this was true
    stale     the database does not answer, so it may have changed since
    """

    models: tuple[Model, ...]
    snapshot: Snapshot
    stopped: Mapping[str, str]
    read_at: datetime
    stale: bool = False

    def model(self, name: str) -> Model | None:
        """Return the model of an id or another name of it."""
        found = self.snapshot.model(name)
        return None if found is None or found.hidden else found

    def paused(self, model: Model) -> bool:
        """Return whether nobody is answered by it at present."""
        if not self.stopped.keys().isdisjoint(("all", "api", f"model:{model.model_id}")):
            return True
        return all(f"provider:{route.provider.name}" in self.stopped for route in model.routes)


class Shelf:
    """Reads the catalogue when it has changed, and remembers it."""

    def __init__(self) -> None:
        self._known: Goods | None = None
        self._until = 0.0
        self._reading = asyncio.Lock()

    async def glance(self, request: Request) -> Goods | None:
        """Return what is on sale, asking every two seconds at most; None when it was never read."""
        if monotonic() >= self._until:
            self._until = monotonic() + _SECONDS
            await self.look(request)
        return self._known

    async def look(self, request: Request) -> Goods | None:
        """Return what is on sale at this moment; None when it was never read."""
        async with self._reading:
            try:
                self._known = await self._read(request)
            except OmnaError:
                known = self._known
                if known is not None and not known.stale:
                    self._known = Goods(known.models, known.snapshot, known.stopped, known.read_at, stale=True)
            return self._known

    async def _read(self, request: Request) -> Goods:
        known = self._known
        async with borrow(desk_of(request).pool) as connection:
            stopped = await catalog.stopped_scopes(connection)
            if known is not None and await catalog.is_current(connection, known.snapshot):
                snapshot, models = known.snapshot, known.models
            else:
                snapshot = await catalog.load_snapshot(connection)
                models = tuple(sorted(
                    (model for model in snapshot.models.values() if not model.hidden), key=lambda model: model.model_id
                ))  # fmt: skip
        return Goods(models, snapshot, stopped, now())
