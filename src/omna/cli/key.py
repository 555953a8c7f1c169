"""`omna key …`"""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from omna.catalog import service as catalog
from omna.cli.output import credits_or_none, moment_or_none, print_facts, print_json
from omna.cli.parse import credits_of, end_of
from omna.cli.session import DEFAULTS, Options, session
from omna.errors import InvalidValue
from omna.ids import show
from omna.keys import service as keys
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
