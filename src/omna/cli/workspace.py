"""`omna limit`"""

from typing import Annotated

from cyclopts import Parameter

from omna.cli.failures import CommandError
from omna.cli.output import credits_or_none, print_facts, print_json
from omna.cli.parse import limit_of, number_of
from omna.cli.session import DEFAULTS, Options, session
from omna.ids import show
from omna.risk import service as risk
from omna.workspaces import service as workspaces
from omna.workspaces.model import Workspace

Subject = Annotated[str, Parameter(name="ID_OR_EMAIL", help="Workspace id, or the mail address of its owner.")]


async def limit(
    id_or_email: Subject,
    /,
    *,
    daily: Annotated[str | None, Parameter(help="Credits a UTC day, or none.")] = None,
    concurrency: Annotated[str | None, Parameter(help="Requests running at the same time, or none.")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Set what a workspace may spend in a day, and how many requests it may have running."""
    if daily is None and concurrency is None:
        raise CommandError("name a limit: --daily or --concurrency")
    async with session(options) as work, work.connection.transaction():
        workspace = await workspaces.find(work.connection, id_or_email)
        place = workspace.workspace_id
        if daily is not None:
            await risk.limit_daily(work.connection, place, limit_of(daily, "--daily"), actor=work.actor)
        if concurrency is not None:
            await risk.limit_running(work.connection, place, number_of(concurrency, "--concurrency"), actor=work.actor)
        workspace = await workspaces.get(work.connection, workspace.workspace_id)
    _print(workspace, options)


def _print(workspace: Workspace, options: Options) -> None:
    facts = {
        "workspace": show("ws", workspace.workspace_id),
        "name": workspace.name,
        "daily_limit": credits_or_none(workspace.daily_limit),
        "concurrency": workspace.max_running,
        "frozen": workspace.frozen_reason,
    }
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)
