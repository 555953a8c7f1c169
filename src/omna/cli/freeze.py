"""`omna freeze` and `omna unfreeze`"""

from typing import Annotated

from cyclopts import Parameter

from omna.accounts import service as accounts
from omna.accounts.model import User
from omna.cli.failures import CommandError
from omna.cli.output import print_facts, print_json
from omna.cli.parse import end_of
from omna.cli.session import DEFAULTS, Options, session
from omna.db.pool import Connection
from omna.ids import UserId, parse, show
from omna.membership import notices
from omna.risk import service as risk
from omna.workspaces import service as workspaces
from omna.workspaces.model import Workspace

Subject = Annotated[
    str, Parameter(name="ID_OR_EMAIL", help="Workspace id, or the mail address of its owner; with --user: of a person.")
]
AUser = Annotated[
    bool, Parameter(negative="", help="The person: their keys in every workspace, and all they could change.")
]


async def freeze(
    id_or_email: Subject,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; kept in the audit log. Without --message the customer reads it, too.")],
    message: Annotated[str, Parameter(help="What the customer reads.")] = "",
    until: Annotated[str | None, Parameter(help="When it ends by itself: a date (UTC), or a time.")] = None,
    user: AUser = False,
    options: Options = DEFAULTS,
) -> None:
    """Refuse the requests of a workspace, or of a person; when this returns, no replica admits one any more."""
    end = end_of(until, "--until")
    async with session(options) as work, work.connection.transaction():
        if user:
            person = await _person(work.connection, id_or_email)
            await risk.freeze_user(
                work.connection, person.user_id, reason=reason, actor=work.actor, until=end, message=message
            )
            again = await accounts.get(work.connection, person.user_id)
            if again.frozen_reason != person.frozen_reason:
                await notices.tell_user_freeze(work.connection, person.user_id)
            facts = _person_facts(again)
        else:
            before = await workspaces.find(work.connection, id_or_email)
            place = before.workspace_id
            await risk.freeze(work.connection, place, reason=reason, actor=work.actor, until=end, message=message)
            after = await workspaces.get(work.connection, place)
            if after.frozen_reason != before.frozen_reason:
                await notices.tell_freeze(work.connection, place)
            facts = _workspace_facts(after)
    _print(facts, options)


async def unfreeze(
    id_or_email: Subject,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; kept in the audit log.")] = "",
    user: AUser = False,
    options: Options = DEFAULTS,
) -> None:
    """Accept the requests of a workspace, or of a person, again."""
    async with session(options) as work, work.connection.transaction():
        if user:
            person = await _person(work.connection, id_or_email)
            await risk.unfreeze_user(work.connection, person.user_id, reason=reason, actor=work.actor)
            if person.frozen_reason is not None:
                await notices.tell_user_freeze(work.connection, person.user_id)
            facts = _person_facts(await accounts.get(work.connection, person.user_id))
        else:
            before = await workspaces.find(work.connection, id_or_email)
            await risk.unfreeze(work.connection, before.workspace_id, reason=reason, actor=work.actor)
            if before.frozen_reason is not None:
                await notices.tell_freeze(work.connection, before.workspace_id)
            facts = _workspace_facts(await workspaces.get(work.connection, before.workspace_id))
    _print(facts, options)


async def _person(connection: Connection, id_or_email: str) -> User:
    if "@" in id_or_email:
        user = await accounts.find_by_email(connection, id_or_email)
    else:
        try:
            user = await accounts.find(connection, UserId(parse(id_or_email.strip(), "usr")))
        except ValueError:
            raise CommandError(f"{id_or_email!r} is neither the id of a person (usr_…) nor a mail address") from None
    if user is None or user.deleted_at is not None:
        raise CommandError(f"there is no person {id_or_email}")
    return user


def _person_facts(user: User) -> dict[str, object]:
    return {
        "user": show("usr", user.user_id),
        "email": user.email,
        "frozen": user.frozen_reason,
        "until": user.frozen_until,
    }


def _workspace_facts(workspace: Workspace) -> dict[str, object]:
    return {
        "workspace": show("ws", workspace.workspace_id),
        "name": workspace.name,
        "frozen": workspace.frozen_reason,
        "until": workspace.frozen_until,
    }


def _print(facts: dict[str, object], options: Options) -> None:
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)
