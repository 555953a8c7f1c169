"""One beat a second for all streams of a process: heartbeats, silent starts, clients that stopped reading; and metrics.

A timer per stream would have to be moved with every chunk; walking a few thousand streams once a second costs nothing.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from omna.clock import monotonic
from omna.config import Gateway as GatewaySettings
from omna.observability.metrics import Metrics

_BEAT_SECONDS = 1.0
_BEATS_OF_LATENESS = 2


class Beating:
    """A stream the pulse looks after. It says when it sends; `heartbeat` is what it does when it has been silent."""

    def __init__(self, received_at: float) -> None:
        self.task = asyncio.current_task()
        self.received_at = received_at
        self.last_sent: float | None = None
        self.sending_since: float | None = None

    def sending(self) -> None:
        self.sending_since = monotonic()

    def sent(self) -> None:
        self.sending_since = None
        self.last_sent = monotonic()

    async def heartbeat(self) -> None:
        raise NotImplementedError


class Pulse:
    """The beat of a process. Start it once, close it last."""

    def __init__(self, settings: GatewaySettings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._streams: set[Beating] = set()
        self._heartbeats: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._late_beats = 0

    @property
    def is_late(self) -> bool:
        """Whether this process has been late with everything for two seconds: what is new would make it later."""
        return self._late_beats >= _BEATS_OF_LATENESS

    @contextmanager
    def beating(self, stream: Beating) -> Iterator[None]:
        """Look after a stream for as long as the block runs."""
        self._streams.add(stream)
        try:
            yield
        finally:
            self._streams.discard(stream)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._metrics.flush()

    async def _run(self) -> None:
        due = monotonic() + _BEAT_SECONDS
        while True:
            await asyncio.sleep(max(0.0, due - monotonic()))
            now = monotonic()
            self._late_beats = self._late_beats + 1 if now - due > self._settings.shed_lag_seconds else 0
            due = now + _BEAT_SECONDS
            self._metrics.flush()
            for stream in list(self._streams):
                self._look_after(stream, now)

    def _look_after(self, stream: Beating, now: float) -> None:
        settings = self._settings
        if stream.sending_since is not None:
            if now - stream.sending_since > settings.client_stall_seconds and stream.task is not None:
                # The client holds the connection and reads nothing: to the run it is a client that left.
                stream.task.cancel()
            return
        silent_since = stream.received_at if stream.last_sent is None else stream.last_sent
        patience = settings.commit_seconds if stream.last_sent is None else settings.heartbeat_seconds
        if now - silent_since >= patience:
            task = asyncio.get_running_loop().create_task(self._beat(stream, stream.last_sent))
            self._heartbeats.add(task)
            task.add_done_callback(self._heartbeats.discard)

    async def _beat(self, stream: Beating, last_sent: float | None) -> None:
        """Send a heartbeat, unless the stream has spoken or ended before this task had its turn."""
        if stream in self._streams and stream.sending_since is None and stream.last_sent == last_sent:
            await stream.heartbeat()
