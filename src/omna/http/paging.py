"""Lists: a cursor that carries where the next page begins. No offsets: a page never shifts while it is read."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

import msgspec
from fastapi import Query
from pydantic import BaseModel, Field

from omna.errors import InvalidValue
from omna.ids import parse

MOST_ROWS = 200

Item = TypeVar("Item")
Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Where the next page begins; null on the last one.")


def encode_cursor(*position: str | int) -> str:
    """Return the cursor of a position in the order of a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def cut(
    found: Sequence[Row], limit: int, position: Callable[[Row], tuple[str | int, ...]]
) -> tuple[list[Row], str | None]:
    """Return the rows of a page and its `next_cursor`, of rows of which one more than a page was asked for.

    position  of a row in the order of its list, as it is decoded again
    """
    shown = list(found[:limit])
    return shown, encode_cursor(*position(shown[-1])) if len(found) > limit else None


def decode_cursor(cursor: str | None) -> list[str | int] | None:
    """Return the position behind a cursor, None for the first page. Errors: InvalidValue."""
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[str | int])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise foreign_cursor() from None


def decode_id(cursor: str | None, *prefixes: str) -> UUID | None:
    """Return the id behind the cursor of a list in the order of ids. Errors: InvalidValue."""
    match decode_cursor(cursor):
        case None:
            return None
        case [str() as text]:
            return _id(text, prefixes)
    raise foreign_cursor()


def decode_moment(cursor: str | None, *prefixes: str) -> tuple[datetime, UUID] | None:
    """Return moment and id behind the cursor of a list in the order of moments. Errors: InvalidValue."""
    match decode_cursor(cursor):
        case None:
            return None
        case [str() as moment, str() as text]:
            return _moment(moment), _id(text, prefixes)
    raise foreign_cursor()


def foreign_cursor() -> InvalidValue:
    return InvalidValue("This cursor does not come from this list.", param="cursor")


def _id(text: str, prefixes: tuple[str, ...]) -> UUID:
    try:
        return parse(text, *prefixes)
    except ValueError:
        raise foreign_cursor() from None


def _moment(text: str) -> datetime:
    # To the microsecond, which is what rows are in order by.
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise foreign_cursor() from None
    if moment.tzinfo is None:
        raise foreign_cursor()
    return moment
