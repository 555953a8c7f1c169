"""The filters of every usage route, from the address to what reports understand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.http.principal import Member, Right
from omna.ids import UserId, parse
from omna.usage import reports
from omna.usage.periods import Range, parse_range
from omna.usage.report_model import Filter, outcome_names
from omna.usage.schemas import OutcomeName, SourceName

From = Annotated[str | None, Query(alias="from", max_length=40, description="ISO 8601; default: 24 hours before `to`.")]
Until = Annotated[str | None, Query(alias="to", max_length=40, description="ISO 8601, exclusive; default: now.")]
Zone = Annotated[str, Query(max_length=60, description="IANA name of the zone whose days are meant.")]

#: Values of one filter: more than anybody picks, fewer than hurt.
MOST_VALUES = 100


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """What an address asks for, texts still unread. Repeated names are any of them."""

    start: str | None
    end: str | None
    keys: Sequence[str]
    models: Sequence[str]
    members: Sequence[str]
    sources: Sequence[str]
    outcomes: Sequence[str]

    async def read(self, connection: Connection, who: Member) -> tuple[Range, Filter]:
        """Return the period and the filter as far as `who` may see. Errors: InvalidValue."""
        now: datetime = await reports.now(connection)
        wanted = Filter(
            ids(self.keys, "key", "key") or None,
            list(self.models) or None,
            list(self.sources) or None,
            outcome_names(self.outcomes),
        )
        members = [UserId(member) for member in ids(self.members, "usr", "member")]
        return parse_range(self.start, self.end, now), await narrowed(connection, who, wanted, members)


async def narrowed(connection: Connection, who: Member, wanted: Filter, members: Sequence[UserId] = ()) -> Filter:
    """Return the filter narrowed to members, and to one's own keys and chats for whoever may see no others'."""
    only = None if who.may(Right.ALL_USAGE) else who.user_id
    return await reports.visible(connection, who.workspace_id, wanted, members=members, only=only)


def ids(texts: Sequence[str], prefix: str, name: str) -> list[UUID]:
    """Return the ids behind public forms. Errors: InvalidValue naming the field."""
    try:
        return [parse(text, prefix) for text in texts]
    except ValueError as error:
        raise InvalidValue(f"{error}.", param=name) from None


def _query(
    start: From = None,
    end: Until = None,
    key: Annotated[list[str], Query(max_length=MOST_VALUES)] = [],  # noqa: B006 - FastAPI copies defaults
    model: Annotated[list[str], Query(max_length=MOST_VALUES)] = [],  # noqa: B006
    member: Annotated[list[str], Query(max_length=MOST_VALUES)] = [],  # noqa: B006
    source: Annotated[list[SourceName], Query(max_length=MOST_VALUES)] = [],  # noqa: B006
    outcome: Annotated[list[OutcomeName], Query(max_length=MOST_VALUES)] = [],  # noqa: B006
) -> UsageQuery:
    return UsageQuery(start, end, key, model, member, source, outcome)


#: The filters of a usage route.
Wanted = Annotated[UsageQuery, Depends(_query)]
