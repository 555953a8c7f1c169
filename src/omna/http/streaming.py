"""An answer of /api that goes on for as long as something is said and somebody listens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)


class EventStream(Response):
    """Sends events until they end, or the client goes or stops reading; then they are closed, within a second.

    stall_seconds  how long a client may take to read one
    over           called at the end, whatever the end was, also when not one event was asked for
    """

    media_type = "text/event-stream"

    def __init__(
        self, events: AsyncIterator[bytes], stall_seconds: float, over: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self._over = over
        self._events = events
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            if self._over is not None:
                self._over()
            leaving.cancel()
            sending.cancel()
            with suppress(asyncio.CancelledError, TimeoutError, OSError):
                await sending

    async def _send(self, send: Send) -> None:
        async with aclosing(self._events) as events:  # type: ignore[type-var]
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            async for event in events:
                async with asyncio.timeout(self._stall_seconds):
                    await send({"type": "http.response.body", "body": event, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
