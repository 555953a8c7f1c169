"""Read the one file of a form into memory: nothing that people send touches a disk before it was looked at."""

from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from omna.errors import InvalidValue
from omna.uploads.service import MOST_BYTES, too_large

#: What boundaries, headers and the other fields may take beside the file.
OVERHEAD = 64 << 10
_LONGEST_FIELD = 1024
_MOST_FIELDS = 4


class Sent(NamedTuple):
    """The file, the name it was sent under, and the other fields."""

    data: bytes
    name: str
    fields: dict[str, str]


class _InMemory(MultiPartParser):
    spool_max_size = MOST_BYTES + OVERHEAD + 1


async def read(request: Request) -> Sent:
    """Return what a form holds. The door has bounded it in bytes and in time. Errors: InvalidValue, RequestTooLarge."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise InvalidValue("Send a form: content-type multipart/form-data, with the file in `file`.", param="file")
    parser = _InMemory(
        request.headers, request.stream(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD
    )
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeDecodeError, ValueError):
        raise InvalidValue("The form cannot be read. Send one file, in the field `file`.", param="file") from None
    except ClientDisconnect:
        raise InvalidValue("The form is cut off.", param="file") from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidValue("Choose a file: the form has none in its field `file`.", param="file")
    if file.size is not None and file.size > MOST_BYTES:
        raise too_large()
    data = await file.read()
    return Sent(data, file.filename or "", {name: value for name, value in form.items() if isinstance(value, str)})
