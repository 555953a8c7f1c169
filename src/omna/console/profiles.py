"""The bodies of people as staff see them."""

from typing import Any

from asyncpg import Record

from omna.accounts import service as accounts
from omna.accounts import sessions, user_agent
from omna.accounts.model import User
from omna.console import privacy
from omna.console import profile_store as store
from omna.console.people_schemas import Freeze, MembershipRow, SessionOfStaff, TicketOfStaff, UserRow, WaysIn
from omna.db.pool import Connection
from omna.http.principal import Person
from omna.ids import UserId, show


def user_row(row: Record, who: Person) -> UserRow:
    """Return a person in a list."""
    return UserRow(
        id=show("usr", row["user_id"]),
        email=privacy.email(who, row["email"]),
        name=privacy.text(who, row["name"]),
        staff_role=row["staff_role"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        verified=row["email_verified_at"] is not None,
        approved=row["approved_at"] is not None,
        disabled=row["disabled_at"] is not None,
        frozen=row["frozen_at"] is not None,
        workspace=None if row["workspace_id"] is None else show("ws", row["workspace_id"]),
        workspace_frozen=row["workspace_frozen_at"] is not None,
        available=row["available"],
        owed=row["owed"],
    )


async def of_user(connection: Connection, user_id: UserId, who: Person) -> dict[str, Any]:
    """Return the fields of a person's page. Errors: NotFound."""
    user = await accounts.get(connection, user_id)
    ways = await store.ways_in(connection, user_id)
    return {
        "id": show("usr", user_id),
        "email": privacy.email(who, user.email),
        "name": privacy.text(who, user.name),
        "language": user.language,
        "created_at": user.created_at,
        "verified_at": user.email_verified_at,
        "approved_at": user.approved_at,
        "disabled_at": user.disabled_at,
        "deleted_at": user.deleted_at,
        "staff_role": user.staff_role,
        "freeze": _freeze(user, who),
        "ways_in": WaysIn(password=user.has_password, **dict(ways)),
        "sessions": [
            SessionOfStaff(
                device=user_agent.describe(one.user_agent),
                origin=privacy.network(who, one.origin),
                method=one.method,
                created_at=one.created_at,
                last_seen_at=one.last_seen_at,
            )
            for one in await sessions.list_of(connection, user_id)
        ],
        "workspaces": [
            MembershipRow(
                id=show("ws", row["workspace_id"]),
                name=privacy.text(who, row["name"]),
                kind=row["kind"],
                role=row["role"],
                frozen=row["frozen_at"] is not None,
                pending=row["pending"],
                available=row["available"],
                owed=row["owed"],
            )
            for row in await store.memberships(connection, user_id)
        ],
        "tickets": [ticket_row(row, who) for row in await store.tickets_of_person(connection, user_id)],
        "you": user_id == who.user_id,
    }


def ticket_row(row: Record, who: Person) -> TicketOfStaff:
    """Return a request for support in a list."""
    return TicketOfStaff(
        id=show("tkt", row["ticket_id"]),
        subject=privacy.text(who, row["subject"]),
        category=row["category"],
        state=row["state"],
        updated_at=row["updated_at"],
    )


def _freeze(user: User, who: Person) -> Freeze | None:
    if user.frozen_at is None:
        return None
    return Freeze(
        since=user.frozen_at,
        until=user.frozen_until,
        message=privacy.text(who, user.frozen_reason or ""),
        reason=privacy.text(who, user.frozen_note),
    )
