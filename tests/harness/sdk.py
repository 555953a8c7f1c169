"""The transport of an official SDK under test: every stream that comes to its end goes through the linter."""

from collections.abc import AsyncIterator

import httpx2

from tests.harness.streams import came_to_its_end, lint


class LintedTransport(httpx2.AsyncHTTPTransport):
    """What the packages speak HTTP with, and a copy of each stream that passes."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Copied(response.stream, request)
        return response


class _Copied(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._stream = stream
        self._request = request
        self._raw = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            self._raw += piece
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
        # A package stops reading at the last event, or where its user does.
        if came_to_its_end(self._raw):
            lint(self._request.url.path, self._request.content, self._raw)
