"""The beat of a process: who gets a heartbeat, and who must not any more."""

import asyncio

import pytest

from omna.clock import monotonic
from omna.config import Gateway
from omna.gateway.pulse import Beating, Pulse
from omna.observability.metrics import Metrics

SETTINGS = Gateway(commit_seconds=0.2, heartbeat_seconds=0.2)


class Silent(Beating):
    """A stream that counts its heartbeats."""

    heartbeats = 0

    async def heartbeat(self) -> None:
        self.heartbeats += 1
        self.sent()


async def test_silent_stream_gets_one_heartbeat_a_beat() -> None:
    pulse = Pulse(SETTINGS, Metrics())
    stream = Silent(monotonic())
    with pulse.beating(stream):
        pulse.start()
        async with asyncio.timeout(5):
            while stream.heartbeats < 2:
                await asyncio.sleep(0.05)
    await pulse.close()


@pytest.mark.parametrize("ends", [False, True])
async def test_stream_that_spoke_or_ended_in_the_last_moment_gets_none(ends: bool) -> None:
    pulse = Pulse(SETTINGS, Metrics())
    stream = Silent(monotonic() - 60)
    with pulse.beating(stream):
        pulse._look_after(stream, monotonic())
        if not ends:
            stream.sent()
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert stream.heartbeats == 0
