"""People: create them, find them, check their password."""

from omna.accounts import store
from omna.accounts.model import APPROVERS, StaffRole, User, check_password
from omna.accounts.passwords import Passwords
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.ids import UserId, new_id, show
from omna.mail import address

__all__ = ["Passwords", "StaffRole", "User", "approvers", "create_user", "find_by_email", "set_password"]


async def create_user(
    connection: Connection,
    email: str,
    *,
    actor: audit.Actor,
    name: str = "",
    password: str | None = None,
    passwords: Passwords | None = None,
    staff_role: StaffRole | None = None,
) -> User:
    """Create a person; their personal workspace is the caller's next step, in the same transaction.

    password, passwords   both or neither: who has no password signs in by a mailed link or not at all
    Errors                InvalidValue, Conflict when the address is taken
    """
    try:
        normalized = address.normalize(email)
    except ValueError as error:
        raise InvalidValue(str(error), param="email") from None
    if len(name) > 200:
        raise InvalidValue("A name has at most 200 characters.", param="name")
    password_hash = None
    if password is not None:
        assert passwords is not None, "a password needs someone to hash it"
        password_hash = await passwords.hash(check_password(password, normalized))
    user = await store.add(
        connection, UserId(new_id()), email.strip(), normalized, name.strip(), password_hash, staff_role
    )
    if user is None:
        raise Conflict(f"There is a user with the address {normalized} already.", param="email")
    await audit.record(
        connection,
        actor,
        "user.create",
        show("usr", user.user_id),
        after={"staff_role": staff_role, "has_password": user.has_password},
    )
    return user


async def find_by_email(connection: Connection, email: str) -> User | None:
    """Return the person with an address, or None; a text that is no address has nobody."""
    try:
        return await store.by_email(connection, address.normalize(email))
    except ValueError:
        return None


async def set_password(
    connection: Connection, user: User, password: str, *, passwords: Passwords, actor: audit.Actor
) -> None:
    """Give a person a new password. Errors: InvalidValue when it is not good enough."""
    password_hash = await passwords.hash(check_password(password, user.email_normalized))
    await store.set_password_hash(connection, user.user_id, password_hash)
    await audit.record(connection, actor, "user.password", show("usr", user.user_id))


async def password_matches(connection: Connection, user: User, password: str, *, passwords: Passwords) -> bool:
    """Return whether this is the person's password."""
    password_hash = await store.password_hash(connection, user.user_id)
    return password_hash is not None and await passwords.verify(password_hash, password)


async def approvers(connection: Connection) -> int:
    """Return how many staff members could approve manual money."""
    return await store.with_role(connection, APPROVERS)
