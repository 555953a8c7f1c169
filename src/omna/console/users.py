"""/api/console/users: people, and what staff do about them."""

from typing import Annotated

from fastapi import Path, Query

from omna.accounts import helping, staff
from omna.accounts import service as accounts
from omna.accounts.model import StaffRole
from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import people_store, profiles
from omna.console.people_schemas import (
    FactorReset,
    FreezeNew,
    PersonAct,
    RoleChange,
    ShownUsers,
    UserActed,
    UserDetail,
    UserRow,
)
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.moments import parse_moment
from omna.http.paging import Cursor, Limit, Page, cut, decode_id
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import UserId, show
from omna.membership import notices
from omna.risk import service as risk

router = Router(prefix="/api/console/users", tags=["console"])

Reader = Annotated[Person, StaffCan(StaffRight.SEE)]
Guard = Annotated[Person, StaffCan(StaffRight.FREEZE)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
UserPath = Annotated[str, Path(description="The person: `usr_…`")]


@router.get("")
async def list_users(
    who: Reader,
    connection: Reading,
    show_: Annotated[ShownUsers, Query(alias="show")] = "all",
    q: Annotated[str, Query(max_length=200, description="Part of an address or a name.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[UserRow]:
    """Return people, newest first."""
    found = await people_store.users(connection, show_, q.strip(), decode_id(cursor, "usr"), limit + 1)
    rows, following = cut(found, limit, lambda row: (show("usr", row["user_id"]),))
    return Page(items=[profiles.user_row(row, who) for row in rows], next_cursor=following)


@router.get("/{user}")
async def get_user(user: UserPath, who: Reader, connection: Work, act: Act) -> UserDetail:
    """Return everything staff see of a person. Each reading is on record."""
    user_id = _user_id(user)
    facts = await profiles.of_user(connection, user_id, who)
    await audit.note_reading(connection, act(who), "user.read", show("usr", user_id))
    return UserDetail(**facts)


@router.post("/{user}/freeze")
async def freeze_user(user: UserPath, body: FreezeNew, who: Guard, connection: Work, act: Act) -> UserActed:
    """Refuse what somebody's keys ask for, cut their streams, and leave them reading. They are told by mail."""
    user_id = await _somebody_else(connection, user, who)
    until = None if body.until is None else parse_moment(body.until, "until")
    seq = await risk.freeze_user(
        connection, user_id, reason=body.reason, actor=act(who), until=until, message=body.message
    )
    await notices.tell_user_freeze(connection, user_id)
    return await _acted(connection, user_id, who, seq)


@router.post("/{user}/unfreeze")
async def unfreeze_user(user: UserPath, body: PersonAct, who: Guard, connection: Work, act: Act) -> UserActed:
    """End the freeze of a person; they are told by mail."""
    user_id = await _somebody_else(connection, user, who)
    seq = await risk.unfreeze_user(connection, user_id, reason=body.reason, actor=act(who))
    if seq is None:
        raise Conflict("This person is not frozen.")
    await notices.tell_user_freeze(connection, user_id)
    return await _acted(connection, user_id, who, seq)


@router.post("/{user}/sign-out")
async def sign_out_user(user: UserPath, body: PersonAct, who: Guard, connection: Work, act: Act) -> UserActed:
    """End every session of somebody; they are told by mail."""
    user_id = await _somebody_else(connection, user, who)
    seq = await helping.sign_out_everywhere(connection, user_id, reason=body.reason, actor=act(who))
    return await _acted(connection, user_id, who, seq)


@router.post("/{user}/reset-factor")
async def reset_factor(
    user: UserPath, body: FactorReset, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> UserActed:
    """Take the second factor from somebody who lost it, after a step-up for `user.reset_factor`; every session ends."""
    user_id = await _somebody_else(connection, user, who)
    await confirm(connection, who, "user.reset_factor", show("usr", user_id))
    seq = await helping.reset_second_factor(
        connection, user_id, passkeys=body.passkeys, reason=body.reason, actor=act(who)
    )
    return await _acted(connection, user_id, who, seq)


@router.post("/{user}/disable")
async def disable_user(user: UserPath, body: PersonAct, who: Owner, connection: Work, act: Act) -> UserActed:
    """Keep somebody out: every session ends, no sign-in succeeds and no key of theirs works."""
    user_id = await _somebody_else(connection, user, who)
    person = await accounts.get(connection, user_id)
    seq = await accounts.disable(connection, person, reason=body.reason, actor=act(who))
    return await _acted(connection, user_id, who, seq)


@router.post("/{user}/enable")
async def enable_user(user: UserPath, body: PersonAct, who: Owner, connection: Work, act: Act) -> UserActed:
    """Let somebody in again."""
    user_id = await _somebody_else(connection, user, who)
    person = await accounts.get(connection, user_id)
    seq = await accounts.enable(connection, person, reason=body.reason, actor=act(who))
    return await _acted(connection, user_id, who, seq)


@router.post("/{user}/role")
async def change_role(
    user: UserPath, body: RoleChange, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> UserActed:
    """Give somebody a role in the console, or take theirs, after a step-up for `staff.role`; they are told by mail."""
    user_id = _user_id(user)
    await confirm(connection, who, "staff.role", show("usr", user_id))
    role = None if body.role is None else StaffRole(body.role)
    seq = await staff.set_role(connection, user_id, role, by=who.user_id, reason=body.reason, actor=act(who))
    return await _acted(connection, user_id, who, seq)


async def _acted(connection: Connection, user_id: UserId, who: Person, seq: int) -> UserActed:
    return UserActed(**await profiles.of_user(connection, user_id, who), audit_seq=seq)


async def _somebody_else(connection: Connection, text: str, who: Person) -> UserId:
    """Return whom an act is about.

    Errors  NotFound; Conflict for oneself; Forbidden for somebody of the staff, about whom owners decide
    """
    user_id = _user_id(text)
    if user_id == who.user_id:
        raise Conflict("Nobody does this to themselves. Ask somebody else of the staff.")
    person = await accounts.get(connection, user_id)
    if person.staff_role is not None and StaffRight.OWN not in who.staff_rights:
        raise Forbidden("This is somebody of the staff: an owner decides about them.")
    return user_id


def _user_id(text: str) -> UserId:
    return UserId(id_in_address(text, "usr", "person"))
