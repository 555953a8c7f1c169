"""Who is of the staff, and as what. Nobody changes their own role, and there is always an owner."""

from omna.accounts import letters, staff_store, store
from omna.accounts.model import StaffRole
from omna.accounts.staff_store import Employee
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, NotFound
from omna.ids import UserId, show
from omna.mail.service import Kind

__all__ = ["Employee", "list_of", "set_role"]


async def list_of(connection: Connection) -> list[Employee]:
    """Return the staff, owners first."""
    return await staff_store.everybody(connection)


async def set_role(
    connection: Connection,
    user_id: UserId,
    role: StaffRole | None,
    *,
    by: UserId | None,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Give somebody another role in the console, or none, and tell them by mail. Returns the audit line.

    What a role allows is read with every request, so it holds at once; the console has to be opened anew.
    by      the owner who acts; None is the command line
    Errors  NotFound; Forbidden when the one who acts is an owner no more; Conflict for oneself, for the last owner, for
            an account that is closed or whose address is not proven, and for the role they have already
    """
    # All owners in one order: of two who act on one another, the second finds what the first has done.
    owners = await staff_store.lock_owners(connection)
    if by is not None and by not in owners:
        raise Forbidden("Your role changed meanwhile: this is for owners.")
    if by == user_id:
        raise Conflict("Nobody changes their own role. Ask another owner.")
    user = await store.lock(connection, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound("There is no such person.")
    if user.staff_role == role:
        raise Conflict("This is their role already." if role else "This person is no staff.")
    if user.staff_role is StaffRole.OWNER and not [one for one in owners if one != user_id]:
        raise Conflict("The last owner stays one: give the role to somebody else first.")
    if role is not None and not (user.verified and user.may_sign_in):
        raise Conflict("A role needs an account that is open and whose address is proven.")
    await staff_store.set_role(connection, user_id, role)
    await staff_store.close_doors(connection, user_id)
    await letters.plain(
        connection,
        Kind.STAFF_ROLE,
        user,
        {"name": user.name, "role": "none" if role is None else str(role), "at": await store.now(connection)},
    )
    return await audit.record(
        connection,
        actor,
        "staff.role",
        show("usr", user_id),
        reason=reason,
        before={"staff_role": user.staff_role},
        after={"staff_role": role},
    )
