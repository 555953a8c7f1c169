"""Bytes of an upstream's answer, from the connection and within bounds. What they mean is a normaliser's business."""

import asyncio
from typing import Protocol

from aiohttp import ClientError, StreamReader

from omna.providers.base import Chunk, Failure, FailureKind
from omna.providers.openai_errors import Reason, read_reason
from omna.providers.sse import Event, EventReader, Oversized
from omna.providers.watch import Watch

MAX_BODY_BYTES = 64 << 20
MAX_REASON_BYTES = 64 << 10

#: Seconds for the body of a failed answer: the status says most, its reason is not worth a long wait.
REASON_SECONDS = 5.0

_BLANKS = b" \t\r\n\xef\xbb\xbf"


class Normaliser(Protocol):
    """Turns one answer into chunks; PURE, made anew for every call.

    done                no event after this one matters: the upstream said that it is through
    finished            every choice has its finish reason: only usage and the end mark can still come
    system_fingerprint  the upstream's, when it stated one
    Errors              Failure: REPORTED, MALFORMED, and TRUNCATED from `finish`; never anything else
    """

    done: bool
    system_fingerprint: str | None

    @property
    def finished(self) -> bool: ...

    def take(self, event: Event) -> Chunk | None:
        """Return the chunk that one event of a stream stands for, or None when it says nothing."""
        ...

    def take_whole(self, body: bytes) -> Chunk:
        """Return the one chunk of an answer that is a single JSON body."""
        ...

    def finish(self) -> Chunk:
        """Return the last chunk, with the finish reason of every choice."""
        ...


async def read_head(content: StreamReader) -> bytes:
    """Return the first bytes of an answer from its first significant one on; empty when it has none.

    Errors  Failure when the answer is markup
    """
    seen = 0
    while piece := await content.readany():
        seen += len(piece)
        head = piece.lstrip(_BLANKS)
        if head[:1] == b"<":
            raise Failure(FailureKind.MALFORMED, "the provider answered with a page")
        if head or seen > MAX_REASON_BYTES:
            return head
    return b""


async def read_all(
    content: StreamReader, head: bytes = b"", watch: Watch | None = None, progress: float = 0.0
) -> bytes:
    """Return a body to its end.

    Errors  Failure when it is larger than MAX_BODY_BYTES
    """
    pieces = [head]
    size = len(head)
    while piece := await content.readany():
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise Failure(FailureKind.MALFORMED, "the provider's answer is too large")
        pieces.append(piece)
        if watch is not None:
            watch.expect(FailureKind.PROGRESS, progress)
    return b"".join(pieces)


async def read_failure(content: StreamReader) -> Reason:
    """Return the reason that the body of a failed answer gives, as far as it comes in time."""
    body = b""
    try:
        async with asyncio.timeout(REASON_SECONDS):
            while len(body) < MAX_REASON_BYTES and (piece := await content.readany()):
                body += piece
    except (ClientError, OSError, TimeoutError):
        pass  # what came of it is enough: the status is the failure
    return read_reason(body[:MAX_REASON_BYTES])


def read_chunks(body: bytes, normaliser: Normaliser) -> list[Chunk]:
    """Return the chunks of a body that was asked for as JSON: one, or the many of a server that only streams."""
    head = body[:64].lstrip(_BLANKS)
    if head[:1] in (b"{", b"["):
        return [normaliser.take_whole(body.lstrip(_BLANKS))]
    if head[:1] == b"<":
        raise Failure(FailureKind.MALFORMED, "the provider answered with a page")
    reader = EventReader()
    try:
        events = reader.feed(body) + reader.finish()
    except Oversized as error:
        raise Failure(FailureKind.MALFORMED, f"the provider sent too much: {error}") from None
    if not events:
        raise Failure(FailureKind.MALFORMED, "the provider sent neither JSON nor events")
    return [chunk for event in events if (chunk := normaliser.take(event)) is not None]
