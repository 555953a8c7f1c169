"""Lists: a cursor that carries where the next page begins. No offsets: a page never shifts while it is read."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar

import msgspec
from fastapi import Query
from pydantic import BaseModel, Field

from omna.errors import InvalidValue

MOST_ROWS = 200

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Where the next page begins; null on the last one.")


def encode_cursor(*position: str | int) -> str:
    """Return the cursor of a position in the order of a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> list[str | int] | None:
    """Return the position behind a cursor, None for the first page. Errors: InvalidValue."""
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[str | int])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise InvalidValue("This cursor does not come from this list.", param="cursor") from None
