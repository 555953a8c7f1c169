"""The catalogue in memory: one snapshot for all requests of a process, replaced when admission calls it stale."""

import asyncio
from datetime import UTC, datetime

import asyncpg

from omna.catalog import service as catalog
from omna.catalog.model import Model, Provider, Snapshot
from omna.db.pool import borrow
from omna.errors import ServiceUnavailable
from omna.ids import ProviderId
from omna.providers import registry
from omna.providers.base import Provider as Adapter
from omna.vault.keyring import Keyring

#: Later than every request: a snapshot without an announced price is true until the version changes.
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)


class Catalogue:
    """The current snapshot, and one adapter per provider, kept as long as the provider's row does not change."""

    def __init__(self, pool: asyncpg.Pool, keyring: Keyring, connections: int) -> None:
        self._pool = pool
        self._keyring = keyring
        self._connections = connections
        self._snapshot: Snapshot | None = None
        self._reloading: asyncio.Task[Snapshot] | None = None
        self._adapters: dict[ProviderId, tuple[Provider, Adapter]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot in memory. Errors: ServiceUnavailable when none was ever read."""
        if self._snapshot is None:
            raise ServiceUnavailable(retry_after=2)
        return self._snapshot

    @property
    def valid_until(self) -> datetime:
        return self.snapshot.valid_until or FAR_FUTURE

    def model(self, model_id: str) -> Model | None:
        """Return a model on sale, None when there is none of that id or alias."""
        return self.snapshot.model(model_id)

    async def reload(self) -> Snapshot:
        """Read the catalogue anew. Callers at the same time share one read."""
        if self._reloading is None:
            self._reloading = asyncio.get_running_loop().create_task(self._read())
        return await asyncio.shield(self._reloading)

    async def refresh(self) -> bool:
        """Read the catalogue anew if it has changed since; return whether it had.

        For answers that admission never decides: a list, a model this process has not heard of.
        """
        async with borrow(self._pool) as connection:
            row = await connection.fetchrow("SELECT version, now() AS at FROM catalog_state")
        assert row is not None, "the state is one row"
        known = self._snapshot
        if known is not None and row["version"] == known.version and row["at"] < self.valid_until:
            return False
        await self.reload()
        return True

    def adapter(self, provider: Provider) -> Adapter:
        """Return the adapter of a provider; a changed row gets a new one, with its new address and key."""
        known = self._adapters.get(provider.provider_id)
        if known is not None and known[0] == provider:
            return known[1]
        connections = provider.max_in_flight or self._connections
        adapter = registry.open_provider(provider.kind, catalog.endpoint(provider, self._keyring), connections)
        self._adapters[provider.provider_id] = (provider, adapter)
        if known is not None:
            self._retire(known[1])
        return adapter

    async def close(self) -> None:
        for _, adapter in self._adapters.values():
            await adapter.close()

    async def _read(self) -> Snapshot:
        try:
            async with borrow(self._pool) as connection:
                self._snapshot = await catalog.load_snapshot(connection)
            return self._snapshot
        finally:
            self._reloading = None

    def _retire(self, adapter: Adapter) -> None:
        # Requests that are running on the old adapter may finish: it is closed when the longest of them must be over.
        async def close_later() -> None:
            await asyncio.sleep(900)
            await adapter.close()

        task = asyncio.get_running_loop().create_task(close_later())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
