"""A ZIP file that is made while it is sent: no part of it is ever whole in memory or on disk."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZipFile

#: Bytes that are gathered before they are sent.
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file of an archive: its name, and its bytes in pieces."""

    name: str
    pieces: AsyncIterator[bytes]


async def archive(files: Sequence[ArchiveFile]) -> AsyncIterator[bytes]:
    """Yield a ZIP file in pieces."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as target:
        for file in files:
            with target.open(file.name, "w", force_zip64=True) as entry:
                async for piece in file.pieces:
                    entry.write(piece)
                    if sink.size >= _PIECE:
                        yield sink.take()
                    # Compressing is work: others get their turn between two pieces.
                    await asyncio.sleep(0)
    yield sink.take()


class _Sink:
    """What ZipFile writes to; it cannot go back, so sizes stand behind each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is open here."""

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces, self.size = [], 0
        return taken
