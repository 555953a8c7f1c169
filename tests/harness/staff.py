"""Staff: people with a role in the console, an authenticator app, and a console that is open."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import pyotp

from omna.accounts import codes, console_store, factor_store, second_step, sessions, step_up
from omna.ids import SessionId, UserId
from omna.vault.keyring import Keyring, Purpose
from tests.harness.browser import Visitor
from tests.harness.people import PASSWORD, People, Somebody, enter

STAFF_ROLES = ("owner", "finance", "support", "auditor")


@dataclass(frozen=True)
class Employee:
    """Somebody of the staff, signed in, with the console open. `password` signs them in."""

    somebody: Somebody
    role: str
    session_id: SessionId
    app: pyotp.TOTP
    password: str = PASSWORD


async def employ(connection: asyncpg.Connection, keyring: Keyring, user_id: UserId, role: str | None) -> pyotp.TOTP:
    """Give somebody a role in the console, and an authenticator app whose present code is unused. Needs a transaction."""
    await connection.execute("UPDATE users SET staff_role = $2 WHERE user_id = $1", user_id, role)
    secret = codes.make_secret()
    sealed = keyring.seal(Purpose.TOTP, secret, second_step.place(user_id))
    await factor_store.put_pending(connection, user_id, sealed, 900)
    await factor_store.confirm_pending(connection, user_id, sealed, 0)
    return pyotp.TOTP(secret)


async def open_console(connection: asyncpg.Connection, session_id: SessionId) -> None:
    """Open the console in a session, as if its person had just proven themselves."""
    await console_store.open_door(connection, session_id)


async def hire(people: People, role: str, name: str | None = None, *, opened: bool = True) -> Employee:
    """Make somebody of the staff. opened: the console is open in their session."""
    somebody = await people.arrive(name or role.title(), password=PASSWORD)
    connection = people.house.connection
    async with connection.transaction():
        app = await employ(connection, people.house.keyring, somebody.user_id, role)
        who = await sessions.resolve(connection, somebody.session, "127.0.0.1")
        if opened:
            await open_console(connection, who.session_id)
    return Employee(somebody, role, who.session_id, app)


async def prove(people: People, employee: Employee, action: str, target: str = "") -> None:
    """Store a fresh proof for one act, so that no step-up is asked for it."""
    async with people.house.connection.transaction():
        await step_up.grant(people.house.connection, employee.session_id, action, target)


async def fresh_code(people: People, employee: Employee) -> str:
    """Return the present code of somebody's authenticator, which counts even if it was used before."""
    await people.house.connection.execute(
        "UPDATE totp_factors SET last_step = 0 WHERE user_id = $1", employee.somebody.user_id
    )
    return employee.app.now()


async def sign_in_staff(person: Visitor, employee: Employee, path: str = "/console") -> None:
    """Open a page of the console as somebody of the staff."""
    await enter(person, employee.somebody, path)


async def confirm_step_up(person: Visitor, people: People, employee: Employee) -> None:
    """Answer the dialog that asks for a fresh proof."""
    dialog: Any = person.page.get_by_role("dialog").filter(has_text="Confirm that it is you")
    await dialog.get_by_label("Password", exact=True).fill(employee.password)
    await dialog.get_by_label("Code").fill(await fresh_code(people, employee))
    await dialog.get_by_role("button", name="Confirm").click()
