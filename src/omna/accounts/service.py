"""People: create them, find them, check their password."""

from collections.abc import Sequence
from datetime import datetime

from omna import names
from omna.accounts import credentials, factor_store, staff_store, store
from omna.accounts.model import (
    APPROVERS,
    SHORTEST_BESIDE_SECOND_FACTOR,
    SHORTEST_PASSWORD,
    StaffRole,
    User,
)
from omna.accounts.password_rules import check_password
from omna.accounts.passwords import Passwords
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.ids import UserId, new_id, show
from omna.mail import address

__all__ = [
    "Passwords",
    "StaffRole",
    "User",
    "approve",
    "approvers",
    "create_user",
    "disable",
    "enable",
    "find",
    "find_by_email",
    "freezes_ended",
    "get",
    "has_second_factor",
    "hold",
    "is_last_owner",
    "mark_verified",
    "owners",
    "password_matches",
    "set_frozen",
    "set_password",
    "shortest_password",
    "waiting",
]

#: Longest name of a person.
LONGEST_NAME = 200


async def create_user(
    connection: Connection,
    email: str,
    *,
    actor: audit.Actor,
    name: str = "",
    password: str | None = None,
    passwords: Passwords | None = None,
    staff_role: StaffRole | None = None,
    language: str | None = None,
) -> User:
    """Create a person as the operator does: the address counts as proven and the account as approved.

    Their personal workspace is the caller's next step, in the same transaction.

    password, passwords   both or neither: who has no password signs in by other means or chooses one by mail
    Errors                InvalidValue, Conflict when the address is taken
    """
    normalized = normalize(email)
    name = check_name(name)
    password_hash = None
    if password is not None:
        assert passwords is not None, "a password needs someone to hash it"
        password_hash = await passwords.hash(check_password(password, normalized))
    user = await store.add(
        connection,
        UserId(new_id()),
        email.strip(),
        normalized,
        name,
        password_hash,
        staff_role,
        verified=True,
        approved=True,
        language=language,
        terms_version=None,
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


async def find(connection: Connection, user_id: UserId) -> User | None:
    """Return a person, or None."""
    return await store.by_id(connection, user_id)


async def find_all(connection: Connection, user_ids: Sequence[UserId]) -> dict[UserId, User]:
    """Return people by their ids; who is nobody is not in it."""
    return {user.user_id: user for user in await store.by_ids(connection, user_ids)}


async def get(connection: Connection, user_id: UserId) -> User:
    """Return a person. Errors: NotFound."""
    user = await store.by_id(connection, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    return user


async def hold(connection: Connection, user_id: UserId) -> User:
    """Return a person whom nobody else changes until this transaction ends. Errors: NotFound."""
    user = await store.lock(connection, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    return user


async def mark_verified(connection: Connection, user_id: UserId, *, actor: audit.Actor) -> bool:
    """Note that a person reads mails to their address. Returns True exactly once in their life."""
    first = await store.set_verified(connection, user_id)
    if first:
        await audit.record(connection, actor, "user.verify", show("usr", user_id))
    return first


async def approve(connection: Connection, user_id: UserId, *, actor: audit.Actor) -> bool:
    """Let a person who waits for the operator's decision spend. Returns True exactly once in their life."""
    first = await store.set_approved(connection, user_id)
    if first:
        await audit.record(connection, actor, "user.approve", show("usr", user_id))
    return first


async def has_second_factor(connection: Connection, user_id: UserId) -> bool:
    """Return whether a sign-in by password asks the person for something else, too."""
    return await factor_store.totp_is_on(connection, user_id)


async def shortest_password(connection: Connection, user_id: UserId) -> int:
    """Return how many characters a new password of a person needs."""
    beside = await has_second_factor(connection, user_id)
    return SHORTEST_BESIDE_SECOND_FACTOR if beside else SHORTEST_PASSWORD


def stands_alone(password: str) -> bool:
    """Return whether a password is long enough without a second factor."""
    return len(password) >= SHORTEST_PASSWORD


async def waiting(connection: Connection, limit: int = 200) -> list[User]:
    """Return who waits for the operator's approval, longest first."""
    return await store.waiting(connection, limit)


async def disable(connection: Connection, user: User, *, reason: str, actor: audit.Actor) -> int:
    """Keep a person out: every session ends, and no sign-in succeeds and no key of theirs works until `enable`.

    Returns the audit line
    Errors  Conflict when the person is out already, or is the last staff owner
    """
    if await is_last_owner(connection, user):
        raise Conflict("The last staff owner cannot be kept out.")
    if not await store.set_disabled(connection, user.user_id, True):
        raise Conflict("This account is disabled already.")
    await credentials.changed(connection, user.user_id, keep_session=None)
    return await audit.record(connection, actor, "user.disable", show("usr", user.user_id), reason=reason)


async def enable(connection: Connection, user: User, *, reason: str = "", actor: audit.Actor) -> int:
    """Let a person in again. Returns the audit line. Errors: Conflict when they are not kept out."""
    if not await store.set_disabled(connection, user.user_id, False):
        raise Conflict("This account is not disabled.")
    return await audit.record(connection, actor, "user.enable", show("usr", user.user_id), reason=reason)


async def is_last_owner(connection: Connection, user: User) -> bool:
    """Return whether nobody else of the staff could do what belongs to an owner; the owners are held until the end."""
    able = user.staff_role is StaffRole.OWNER and user.may_sign_in and user.frozen_at is None
    return able and await staff_store.lock_owners(connection) == [user.user_id]


async def set_frozen(
    connection: Connection, user_id: UserId, reason: str | None, *, note: str = "", until: datetime | None = None
) -> None:
    """Store a freeze, or end it with None. `risk` calls this under the controls lock."""
    await store.set_frozen(connection, user_id, reason, note, until)


async def freezes_ended(connection: Connection, limit: int) -> list[UserId]:
    """Return people whose freeze is past its end, by the database's clock."""
    return await store.freezes_ended(connection, limit)


def normalize(email: str) -> str:
    """Return the form of an address that identifies its person. Errors: InvalidValue."""
    try:
        return address.normalize(email)
    except ValueError as error:
        raise InvalidValue(str(error), param="email") from None


def check_name(name: str) -> str:
    """Return a name as it is stored. Errors: InvalidValue."""
    name = name.strip()
    if len(name) > LONGEST_NAME:
        raise InvalidValue(f"A name has at most {LONGEST_NAME} characters.", param="name")
    return names.visible(name)


async def set_password(
    connection: Connection, user: User, password: str, *, passwords: Passwords, actor: audit.Actor
) -> None:
    """Give a person a new password. Errors: InvalidValue when it is not good enough."""
    password_hash = await passwords.hash(check_password(password, user.email_normalized))
    await store.set_password_hash(connection, user.user_id, password_hash, alone=True)
    await audit.record(connection, actor, "user.password", show("usr", user.user_id))


async def password_matches(connection: Connection, user: User, password: str, *, passwords: Passwords) -> bool:
    """Return whether this is the person's password."""
    password_hash = await store.password_hash(connection, user.user_id)
    return password_hash is not None and await passwords.verify(password_hash, password)


async def approvers(connection: Connection) -> int:
    """Return how many staff members could approve manual money."""
    return await store.with_role(connection, APPROVERS)


async def owners(connection: Connection) -> list[User]:
    """Return the owners among staff who can sign in, the oldest first."""
    return await store.staff(connection, [StaffRole.OWNER])
