"""Erase a person: whatever says who they were or lets them in. Their id stays, because bookings and records name it."""

from omna.accounts import erasure_store as store
from omna.accounts import store as users
from omna.accounts import ways
from omna.accounts.model import StaffRole, User
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, NotFound
from omna.ids import UserId, show


async def erase(connection: Connection, user_id: UserId, *, actor: audit.Actor) -> User:
    """Erase a person for ever and return who they were. What they own elsewhere is the caller's, before this.

    Errors  NotFound, also for somebody who is gone; Conflict for the last owner of the installation
    """
    owners = await store.lock_owners(connection)
    user = await users.lock(connection, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound("There is no such person.")
    if user.staff_role is StaffRole.OWNER and owners == 1:
        raise Conflict("You are the only owner of this installation. Make somebody else one first.")
    await ways.close_all(connection, user_id)
    await store.forget(connection, user_id)
    await audit.record(connection, actor, "user.delete", show("usr", user_id))
    return user
