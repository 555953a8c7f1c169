"""`omna user …`"""

import sys
from typing import Annotated

from cyclopts import App, Parameter

from omna.accounts import service as accounts
from omna.accounts.model import StaffRole
from omna.cli.failures import CommandError
from omna.cli.output import print_facts, print_json
from omna.cli.session import DEFAULTS, Options, session
from omna.ids import show
from omna.workspaces import service as workspaces

app = App(name="user", help="People and their personal workspaces.")


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


def _password() -> str:
    line = sys.stdin.readline()
    if not line.strip():
        raise CommandError("--password-stdin: there is no password on standard input")
    return line.rstrip("\r\n")
