"""What a person says about themselves: name, language, zone, theme, and which mails they want."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from omna.accounts import service, store
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.http.principal import Person
from omna.ids import show
from omna.mail import kinds


@dataclass(frozen=True, slots=True)
class Change:
    """Fields to change. `fields` holds those that were named: language and zone may be None, which is a value."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    notifications: Mapping[str, bool] = field(default_factory=dict)


async def change(connection: Connection, desk: Desk, who: Person, wanted: Change) -> User:
    """Change what is named and return the person. Errors: InvalidValue."""
    user = await store.lock(connection, who.user_id)
    assert user is not None, "a session belongs to somebody"
    named = wanted.fields
    name: str = user.name if named.get("name") is None else named["name"]
    zone: str | None = named.get("zone", user.zone)
    if zone is not None:
        check_zone(zone)
    try:
        notifications = kinds.change_preferences(user.notifications, wanted.notifications)
    except ValueError as error:
        raise InvalidValue(str(error), param="notifications") from None
    await store.set_profile(
        connection,
        who.user_id,
        name=service.check_name(name),
        language=named.get("language", user.language),
        theme=named.get("theme") or user.theme,
        zone=zone,
        notifications=notifications if wanted.notifications else user.notifications,
    )
    # Which fields, not what stands in them: names are personal, and the log is kept for ever.
    changed = sorted({*named, *(["notifications"] if wanted.notifications else [])})
    if changed:
        actor = desk.actor(who.user_id, who.origin)
        await audit.record(connection, actor, "user.profile", show("usr", who.user_id), after={"changed": changed})
    return await service.get(connection, who.user_id)


def check_zone(zone: str) -> None:
    """Errors: InvalidValue for a zone that nobody knows."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise InvalidValue("There is no such time zone; zones are named like Asia/Shanghai.", param="zone") from None
