"""Take files in, lend them, note that they are used, and forget what nobody used."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from omna.db.pool import Connection
from omna.errors import NotFound, TooManyAttempts, UploadRefused
from omna.ids import UploadId, UserId, WorkspaceId, new_id, parse
from omna.uploads import names, store
from omna.uploads.content import MOST_BYTES, TEXT, FileType, allowed, check, too_large
from omna.uploads.model import Upload

__all__ = [
    "MOST_BYTES",
    "Upload",
    "add",
    "allowed",
    "claim",
    "content",
    "delete",
    "erase_person",
    "find",
    "get",
    "inspect",
    "parse_id",
    "same_content",
    "sweep",
    "too_large",
]

#: Of one workspace: more than people need, less than a disk.
MOST_A_DAY = 200
MOST_BYTES_A_DAY = 200 << 20
UNUSED_FOR = timedelta(days=2)
#: Rows one turn of the sweep deletes; each may be ten megabytes of log.
_SWEPT = 50
#: Files with the same content that are named to whoever looks for duplicates.
_SAME = 50
_DAY = timedelta(days=1)


def inspect(data: bytes, name: str, *, text: bool = False) -> FileType:
    """Return what a file is. text: plain text is welcome. No I/O, but work: keep it off the event loop.

    Errors  UploadRefused naming the file, what is wrong and what is allowed; RequestTooLarge
    """
    try:
        return check(data, text=text)
    except UploadRefused as refused:
        label = names.quoted(name)
        raise UploadRefused(f"{label or 'This file'}: {refused.message}", param="file") from None


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    uploaded_by: UserId,
    name: str,
    kind: FileType,
    data: bytes,
    *,
    private: bool = False,
) -> Upload:
    """Keep a file that was inspected.

    private  only who lends it decides who reads it; text keeps its ending, by which its readers know what it is
    Errors   TooManyAttempts when the workspace has handed in a day's worth
    """
    await store.lock_workspace(connection, workspace_id)
    files, size = await store.recent(connection, workspace_id, _DAY)
    if files >= MOST_A_DAY or size + len(data) > MOST_BYTES_A_DAY:
        raise TooManyAttempts(
            f"A workspace hands in at most {MOST_A_DAY} files and {MOST_BYTES_A_DAY >> 20} MiB in 24 hours."
            " Try again later.",
            retry_after=3600,
        )
    return await store.add(
        connection,
        workspace_id,
        UploadId(new_id()),
        uploaded_by,
        names.shown(name, kind, any_ending=private and kind == TEXT),
        kind.media_type,
        hashlib.sha256(data).digest(),
        data,
        private=private,
    )


async def total(connection: Connection) -> tuple[int, int]:
    """Return how many files there are, of how many bytes."""
    return await store.total(connection)


async def get(connection: Connection, workspace_id: WorkspaceId, upload_id: UploadId) -> Upload:
    """Return a file of a workspace without its content, whoever may read it. Errors: NotFound."""
    return _there(await store.get(connection, workspace_id, upload_id))


async def find(connection: Connection, upload_id: UploadId) -> Upload:
    """Return a file of any workspace, for staff. Errors: NotFound, also for what is private."""
    upload = _there(await store.find(connection, upload_id))
    if upload.private:
        raise _missing()
    return upload


async def content(connection: Connection, upload: Upload) -> bytes:
    """Return the bytes of a file. Errors: NotFound when it was deleted meanwhile."""
    data = await store.content(connection, upload.workspace_id, upload.upload_id)
    if data is None:
        raise _missing()
    return data


async def same_content(connection: Connection, sha256: bytes) -> Sequence[Upload]:
    """Return the files of every workspace that have this content, oldest first: the asker's own is among them."""
    return await store.same_content(connection, sha256, _SAME)


async def claim(
    connection: Connection,
    upload_id: UploadId,
    workspace_id: WorkspaceId,
    *,
    by: UserId | None = None,
    text: bool = False,
    private: bool = False,
) -> Upload:
    """Note that something refers to a file from now on, so that it stays; a second time changes nothing.

    by       who must have handed it in, when that matters
    text     plain text is welcome here
    private  what was handed in as private, and nothing else, is lent here
    Errors   NotFound, also for somebody else's; UploadRefused
    """
    upload = _there(await store.set_used(connection, workspace_id, upload_id, private=private))
    if by is not None and upload.uploaded_by != by:
        raise _missing()
    if upload.media_type == TEXT.media_type and not text:
        raise UploadRefused(f"{upload.name}: plain text is not accepted here. {allowed()}", param="file")
    return upload


async def delete(connection: Connection, upload_ids: Sequence[UploadId]) -> int:
    """Delete files that nothing refers to any more; return how many there were."""
    return await store.delete(connection, upload_ids)


async def erase_person(connection: Connection, user_id: UserId) -> None:
    """Delete what a person handed in and nothing refers to. What belongs to an order stays as long as the order."""
    await store.delete_unused_of(connection, user_id)


async def sweep(connection: Connection) -> int:
    """Delete some of the files that nothing has referred to for two days; return how many."""
    return await store.delete_unused(connection, UNUSED_FOR, _SWEPT)


def parse_id(text: str) -> UploadId:
    """Return the id behind `upl_…`. Errors: NotFound."""
    try:
        return UploadId(parse(text, "upl"))
    except ValueError:
        raise _missing() from None


def _there(upload: Upload | None) -> Upload:
    if upload is None:
        raise _missing()
    return upload


def _missing() -> NotFound:
    return NotFound("There is no such file.")
