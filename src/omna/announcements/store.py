"""SQL of announcements."""

from asyncpg import Record

from omna.announcements.model import Announcement
from omna.db.pool import Connection

_COLUMNS = """announcement_id, kind, text_en, text_zh, starts_at, ends_at, active, created_by, created_at,
              active AND starts_at <= now() AND coalesce(ends_at > now(), true) AS current"""


async def newest(connection: Connection, limit: int) -> list[Announcement]:
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM announcements ORDER BY created_at DESC, announcement_id DESC LIMIT $1",  # noqa: S608
        limit,
    )
    return [_announcement(row) for row in rows]


async def current(connection: Connection, limit: int) -> list[Announcement]:
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM announcements"  # noqa: S608
        " WHERE active AND starts_at <= now() AND coalesce(ends_at > now(), true)"
        " ORDER BY kind = 'warning' DESC, starts_at DESC, announcement_id LIMIT $1",
        limit,
    )
    return [_announcement(row) for row in rows]


async def lock(connection: Connection, announcement_id: object) -> Announcement | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM announcements WHERE announcement_id = $1 FOR UPDATE",  # noqa: S608
        announcement_id,
    )
    return None if row is None else _announcement(row)


async def put(connection: Connection, one: Announcement) -> None:
    await connection.execute(
        "INSERT INTO announcements (announcement_id, kind, text_en, text_zh, starts_at, ends_at, active, created_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (announcement_id) DO UPDATE SET kind = excluded.kind,"
        " text_en = excluded.text_en, text_zh = excluded.text_zh, starts_at = excluded.starts_at,"
        " ends_at = excluded.ends_at, active = excluded.active",
        one.announcement_id,
        one.kind,
        one.text_en,
        one.text_zh,
        one.starts_at,
        one.ends_at,
        one.active,
        one.created_by,
    )


def _announcement(row: Record) -> Announcement:
    return Announcement(
        announcement_id=row["announcement_id"],
        kind=row["kind"],
        text_en=row["text_en"],
        text_zh=row["text_zh"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        active=row["active"],
        current=row["current"],
        created_by=row["created_by"],
        created_at=row["created_at"],
    )
