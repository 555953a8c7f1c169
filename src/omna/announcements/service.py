"""Announce something to everybody, change it, take it away. Each act returns the number of its row in the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from omna.announcements import store
from omna.announcements.model import KINDS, Announcement, check_text
from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import InvalidValue, NotFound
from omna.ids import new_id, show

__all__ = ["Announcement", "Wish", "announce", "change", "current", "newest"]

#: Shown at a time: more than a few lines are read by nobody.
_MOST_SHOWN = 3
_MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be read. starts_at: None is now; ends_at: None until it is taken away."""

    kind: str
    text_en: str
    text_zh: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    active: bool = True


async def current(connection: Connection) -> list[Announcement]:
    """Return what everybody is shown now, warnings first."""
    return await store.current(connection, _MOST_SHOWN)


async def newest(connection: Connection) -> list[Announcement]:
    """Return the last announcements, those that are over, too."""
    return await store.newest(connection, _MOST_LISTED)


async def announce(connection: Connection, wish: Wish, *, reason: str, actor: audit.Actor) -> tuple[Announcement, int]:
    """Show something to everybody. Errors: InvalidValue."""
    return await _put(connection, new_id(), None, wish, reason, actor)


async def change(
    connection: Connection, announcement_id: UUID, wish: Wish, *, reason: str, actor: audit.Actor
) -> tuple[Announcement, int]:
    """Show something else, at other times, or nothing any more. Errors: NotFound, InvalidValue."""
    before = await store.lock(connection, announcement_id)
    if before is None:
        raise NotFound("There is no such announcement.")
    return await _put(connection, announcement_id, before, wish, reason, actor)


async def _put(
    connection: Connection,
    announcement_id: UUID,
    before: Announcement | None,
    wish: Wish,
    reason: str,
    actor: audit.Actor,
) -> tuple[Announcement, int]:
    if wish.kind not in KINDS:
        raise InvalidValue(f"An announcement is one of {', '.join(KINDS)}.", param="kind")
    starts_at = wish.starts_at or (now() if before is None else before.starts_at)
    if wish.ends_at is not None and wish.ends_at <= starts_at:
        raise InvalidValue("An announcement ends after it begins.", param="ends_at")
    made = Announcement(
        announcement_id=announcement_id,
        kind=wish.kind,
        text_en=check_text(wish.text_en, "text_en"),
        text_zh=check_text(wish.text_zh, "text_zh"),
        starts_at=starts_at,
        ends_at=wish.ends_at,
        active=wish.active,
        current=False,
        created_by=actor.name if before is None else before.created_by,
        created_at=starts_at if before is None else before.created_at,
    )
    await store.put(connection, made)
    stored = await store.lock(connection, announcement_id)
    assert stored is not None, "it was just written"
    seq = await audit.record(
        connection,
        actor,
        "announcement.create" if before is None else "announcement.change",
        show("ann", announcement_id),
        reason=reason,
        before=None if before is None else _shown(before),
        after=_shown(stored),
    )
    return stored, seq


def _shown(one: Announcement) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "text_en": one.text_en,
        "text_zh": one.text_zh,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "active": one.active,
    }
