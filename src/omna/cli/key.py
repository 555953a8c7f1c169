"""`omna key …`"""

import sys
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from omna.catalog import service as catalog
from omna.cli.failures import CommandError
from omna.cli.output import credits_or_none, moment_or_none, print_facts, print_json, print_table
from omna.cli.parse import credits_of, end_of
from omna.cli.session import DEFAULTS, Options, session
from omna.clock import now
from omna.errors import InvalidValue
from omna.ids import KeyId, parse, show
from omna.keys import managing
from omna.keys import service as keys
from omna.keys.model import ApiKey
from omna.workspaces import service as workspaces

app = App(name="key", help="API keys.")


@app.command
async def create(
    *,
    workspace: Annotated[str, Parameter(help="Workspace id, or the mail address of its owner.")],
    name: Annotated[str, Parameter(help="What the key is for.")],
    rpm: Annotated[int | None, Parameter(help="Requests in any 60 seconds.")] = None,
    concurrency: Annotated[int | None, Parameter(help="Requests running at the same time.")] = None,
    spend_limit: Annotated[str | None, Parameter(help="Credits per period.")] = None,
    spend_period: Annotated[
        Literal["day", "week", "month", "total"] | None,
        Parameter(help="Period of the spend limit (UTC); total is the life of the key."),
    ] = None,
    models: Annotated[str | None, Parameter(help="Model ids the key may use, with commas between them.")] = None,
    expires: Annotated[str | None, Parameter(help="Last day the key is good for, for example 2030-12-31.")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Create a key and print it once; nobody can read it again."""
    allowed = None if models is None else [model.strip() for model in models.split(",") if model.strip()]
    async with session(options) as work, work.connection.transaction():
        owner = await workspaces.find(work.connection, workspace)
        if allowed and (unknown := await catalog.unknown_models(work.connection, allowed)):
            raise InvalidValue(f"There is no model {', '.join(unknown)}.", param="models")
        key, text = await keys.issue(
            work.connection,
            owner.workspace_id,
            name,
            rpm=rpm,
            max_running=concurrency,
            spend_limit=None if spend_limit is None else credits_of(spend_limit, "--spend-limit"),
            spend_period=spend_period,
            allowed_models=allowed,
            expires_at=end_of(expires, "--expires"),
            actor=work.actor,
        )
    facts = {
        "key": text,
        "id": show("key", key.key_id),
        "workspace": show("ws", key.workspace_id),
        "name": key.name,
        "rpm": key.rpm,
        "concurrency": key.max_running,
        "spend_limit": credits_or_none(key.spend_limit),
        "spend_period": key.spend_period,
        "models": None if key.allowed_models is None else list(key.allowed_models),
        "expires_at": moment_or_none(key.expires_at),
    }
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)


@app.command(name="list")
async def list_(
    workspace: Annotated[str, Parameter(name="ID_OR_EMAIL", help="Workspace id, or the mail address of its owner.")],
    /,
    *,
    options: Options = DEFAULTS,
) -> None:
    """List the keys of a workspace, ended ones included."""
    async with session(options) as work:
        owner = await workspaces.find(work.connection, workspace)
        found = [_facts(key) for key in await keys.list_of(work.connection, owner.workspace_id)]
    if options.json:
        print_json({"keys": found})
    else:
        print_table(("id", "name", "key", "state", "created"), ([row[n] for n in _COLUMNS] for row in found))


@app.command
async def find(*, options: Options = DEFAULTS) -> None:
    """Say whose a key is that was found somewhere; the whole key comes on standard input and is written nowhere."""
    text = sys.stdin.readline().strip()
    if not text:
        raise CommandError("there is no key on standard input")
    async with session(options) as work:
        facts = _facts(await keys.find(work.connection, text))
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)


@app.command
async def revoke(
    workspace: Annotated[str, Parameter(name="ID_OR_EMAIL", help="Workspace id, or the mail address of its owner.")],
    key: Annotated[str, Parameter(name="KEY", help="`key_…`, as in the list.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; kept in the audit log.")],
    leaked: Annotated[
        bool, Parameter(negative="", help="Somebody else may have it: its owners are told by mail.")
    ] = False,
    options: Options = DEFAULTS,
) -> None:
    """End a key for ever; when this returns, no replica takes it any more."""
    try:
        key_id = KeyId(parse(key, "key"))
    except ValueError as error:
        raise CommandError(f"KEY: {error}") from None
    async with session(options) as work, work.connection.transaction():
        owner = await workspaces.find(work.connection, workspace)
        await managing.revoke_by_staff(
            work.connection, owner.workspace_id, key_id, leaked=leaked, reason=reason, actor=work.actor
        )
        facts = _facts(await keys.get(work.connection, owner.workspace_id, key_id))
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)


_COLUMNS = ("id", "name", "key", "state", "created_at")


def _facts(key: ApiKey) -> dict[str, Any]:
    return {
        "id": show("key", key.key_id),
        "workspace": show("ws", key.workspace_id),
        "name": key.name,
        "key": key.label,
        "state": _state(key),
        "created_at": moment_or_none(key.created_at),
    }


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= now():
        return "expired"
    return "active" if key.disabled_at is None else "disabled"
