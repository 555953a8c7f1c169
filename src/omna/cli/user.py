"""`omna user …`"""

import sys
from typing import Annotated, Literal

from cyclopts import App, Parameter

from omna.accounts import service as accounts
from omna.accounts import staff as staff_roles
from omna.accounts import totp
from omna.accounts.model import StaffRole, User
from omna.cli.failures import CommandError
from omna.cli.output import print_facts, print_json, print_table
from omna.cli.session import DEFAULTS, Options, session
from omna.db.pool import Connection
from omna.ids import show
from omna.membership import arrival, asking
from omna.workspaces import service as workspaces

app = App(name="user", help="People and their personal workspaces.")

Email = Annotated[str, Parameter(help="Mail address of the person.")]


@app.command
async def create(
    email: Annotated[str, Parameter(help="Mail address; it identifies the person.")],
    /,
    *,
    name: Annotated[str, Parameter(help="How they are called.")] = "",
    password_stdin: Annotated[
        bool, Parameter(negative="", help="Read a password from standard input, one line.")
    ] = False,
    staff: Annotated[StaffRole | None, Parameter(help="Role in the console.")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Create a person with a personal workspace, and print both ids."""
    password = _password() if password_stdin else None
    passwords = accounts.Passwords(threads=1)
    try:
        async with session(options) as work, work.connection.transaction():
            user = await accounts.create_user(
                work.connection,
                email,
                actor=work.actor,
                name=name,
                password=password,
                passwords=passwords,
                staff_role=staff,
            )
            workspace = await workspaces.create_personal(
                work.connection, user.user_id, name or email, risk=work.settings.risk, actor=work.actor
            )
    finally:
        passwords.close()
    facts = {
        "user": show("usr", user.user_id),
        "workspace": show("ws", workspace.workspace_id),
        "email": user.email,
        "staff": user.staff_role,
    }
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)


@app.command
async def waiting(*, options: Options = DEFAULTS) -> None:
    """Show who waits for approval, longest first."""
    async with session(options) as work:
        people = await accounts.waiting(work.connection)
    if options.json:
        print_json(
            [
                {
                    "user": show("usr", user.user_id),
                    "email": user.email,
                    "name": user.name,
                    "verified": user.verified,
                    "since": user.created_at,
                }
                for user in people
            ]
        )
    else:
        print_table(
            ("email", "name", "verified", "since"),
            ((user.email, user.name, user.verified, user.created_at) for user in people),
        )


@app.command
async def approve(email: Email, /, *, options: Options = DEFAULTS) -> None:
    """Let somebody spend who signed up where accounts are approved; they hear of it by mail."""
    async with session(options) as work, work.connection.transaction():
        user = await _find(work.connection, email)
        if not await arrival.approve(work.connection, user, actor=work.actor):
            raise CommandError(f"{user.email} is approved already")
    _print(user, "approved", options)


@app.command
async def requests(*, options: Options = DEFAULTS) -> None:
    """Show who asked for access and has no account yet, newest first."""
    async with session(options) as work:
        asked = await asking.requests(work.connection)
    if options.json:
        print_json(
            [
                {"email": one.email, "name": one.name, "message": one.message, "requested_at": one.requested_at}
                for one in asked
            ]
        )
    else:
        print_table(
            ("email", "name", "message", "since"),
            ((one.email, one.name, one.message, one.requested_at) for one in asked),
        )


@app.command
async def disable(
    email: Email,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; kept in the audit log.")],
    options: Options = DEFAULTS,
) -> None:
    """Keep a person out: every session ends, no sign-in succeeds and no key of theirs works."""
    async with session(options) as work, work.connection.transaction():
        user = await _find(work.connection, email)
        await accounts.disable(work.connection, user, reason=reason, actor=work.actor)
    _print(user, "disabled", options)


@app.command
async def enable(email: Email, /, *, options: Options = DEFAULTS) -> None:
    """Let a disabled person in again."""
    async with session(options) as work, work.connection.transaction():
        user = await _find(work.connection, email)
        await accounts.enable(work.connection, user, actor=work.actor)
    _print(user, "enabled", options)


@app.command
async def role(
    email: Email,
    role: Annotated[StaffRole | Literal["none"], Parameter(help="Role in the console, or none.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; kept in the audit log.")],
    options: Options = DEFAULTS,
) -> None:
    """Give somebody a role in the console, or take theirs; they hear of it by mail."""
    given = None if role == "none" else StaffRole(role)
    async with session(options) as work, work.connection.transaction():
        user = await _find(work.connection, email)
        await staff_roles.set_role(work.connection, user.user_id, given, by=None, reason=reason, actor=work.actor)
    _print(user, "no staff" if given is None else str(given), options)


@app.command(name="clear-authenticator")
async def clear_authenticator(
    email: Email,
    /,
    *,
    reason: Annotated[str, Parameter(help="How you made sure who they are; kept in the audit log.")],
    options: Options = DEFAULTS,
) -> None:
    """Turn off the second factor of somebody who lost it. Every session of theirs ends."""
    async with session(options) as work, work.connection.transaction():
        user = await _find(work.connection, email)
        await totp.clear(work.connection, user, reason=reason, actor=work.actor)
    _print(user, "without an authenticator", options)


async def _find(connection: Connection, email: str) -> User:
    user = await accounts.find_by_email(connection, email)
    if user is None:
        raise CommandError(f"there is no user with the address {email}")
    return user


def _print(user: User, state: str, options: Options) -> None:
    facts = {"user": show("usr", user.user_id), "email": user.email, "state": state}
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)


def _password() -> str:
    line = sys.stdin.readline()
    if not line.strip():
        raise CommandError("--password-stdin: there is no password on standard input")
    return line.rstrip("\r\n")
