"""The local journal: settlements that could not be booked, kept on disk until they are.

One JSON line per settlement, fsynced before anybody is told that it stands: ids and counts, never text. A process
writes its own file and holds a lock on it, so another one replays only what a dead process left.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec

from omna.observability.logs import get_logger

log = get_logger(__name__)


class Settlement(msgspec.Struct, frozen=True):
    """One request to settle: the parameters of gateway_settle(), in their order.

    transfer_id is the same on every try; usage is the gateway's part of the usage row.
    """

    request_id: UUID
    workspace_id: UUID
    transfer_id: UUID
    charge: int
    provider_charge: int
    usage: str


class Journal:
    """The journal file of this process. It exists only while something is owed."""

    def __init__(self, directory: Path, process_id: UUID) -> None:
        self._directory = directory
        self._path = directory / f"{process_id}.jsonl"
        self._file: int | None = None
        self._owed: set[UUID] = set()

    def __len__(self) -> int:
        return len(self._owed)

    def write(self, settlements: Iterable[Settlement]) -> None:
        """Keep settlements; on return they are on the disk. One that is kept already is not written twice.

        Errors  OSError when the disk refuses
        """
        new = [item for item in settlements if item.request_id not in self._owed]
        if not new:
            return
        file = self._open()
        os.write(file, b"".join(msgspec.json.encode(item) + b"\n" for item in new))
        os.fsync(file)
        self._owed.update(item.request_id for item in new)

    def booked(self, settlements: Iterable[Settlement]) -> None:
        """Forget settlements that are in the ledger; the last one takes the file with it."""
        if not self._owed:
            return
        self._owed.difference_update(item.request_id for item in settlements)
        if not self._owed and self._file is not None:
            # A crash between these two lines replays bookings that are there already: that changes nothing.
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        if self._file is None:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self._file


def left_behind(directory: Path) -> Iterator[tuple[Path, list[Settlement]]]:
    """Yield what dead processes still owe, file by file. The caller deletes a file when all of it is booked."""
    for path in sorted(directory.glob("*.jsonl")):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its process lives and settles by itself
            yield path, list(_read(path, file.read()))


def _read(path: Path, content: bytes) -> Iterator[Settlement]:
    for line in content.split(b"\n"):
        if not line:
            continue
        try:
            yield msgspec.json.decode(line, type=Settlement)
        except msgspec.DecodeError:
            # Only the last line can be torn, by a crash inside write(): nobody was told that it stands.
            log.warning("journal_line_unreadable", path=str(path))
