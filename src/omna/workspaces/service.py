"""Tenants: create them with their wallet, find them by what an operator types."""

from omna.audit import service as audit
from omna.config import Risk
from omna.db.pool import Connection
from omna.errors import InvalidValue, NotFound
from omna.ids import UserId, WorkspaceId, new_id, parse, show
from omna.ledger import service as ledger
from omna.mail import address
from omna.money import parse_credits
from omna.workspaces import store
from omna.workspaces.model import Workspace

__all__ = ["Workspace", "create_personal", "find", "get", "set_daily_limit", "set_frozen", "set_max_running"]


async def create_personal(
    connection: Connection, user_id: UserId, name: str, *, risk: Risk, actor: audit.Actor
) -> Workspace:
    """Create the personal workspace of a person, its membership and its wallet, with the default daily limit."""
    workspace_id = WorkspaceId(new_id())
    limit = parse_credits(risk.default_daily_limit) if risk.default_daily_limit else None
    await store.add(connection, workspace_id, "personal", name, user_id, limit)
    await store.add_member(connection, workspace_id, user_id, "owner")
    await ledger.open_wallet(connection, workspace_id)
    await audit.record(
        connection,
        actor,
        "workspace.create",
        show("ws", workspace_id),
        after={"kind": "personal", "owner": show("usr", user_id), "daily_limit": risk.default_daily_limit or None},
    )
    return await get(connection, workspace_id)


async def get(connection: Connection, workspace_id: WorkspaceId) -> Workspace:
    """Return a workspace. Errors: NotFound."""
    workspace = await store.get(connection, workspace_id)
    if workspace is None:
        raise NotFound("There is no such workspace.")
    return workspace


async def find(connection: Connection, id_or_email: str) -> Workspace:
    """Return the workspace with an id (`ws_…` or a plain UUID), or the personal one of a mail address.

    Errors  InvalidValue when the text is neither, NotFound
    """
    text = id_or_email.strip()
    try:
        if "@" in text:
            workspace = await store.personal_of(connection, address.normalize(text))
        else:
            workspace = await store.get(connection, WorkspaceId(parse(text, "ws")))
    except ValueError:
        raise InvalidValue(f"{text!r} is neither a workspace id (ws_…) nor a mail address.") from None
    if workspace is None:
        raise NotFound(f"There is no workspace {text}.")
    return workspace


async def set_frozen(connection: Connection, workspace_id: WorkspaceId, reason: str | None) -> None:
    """Store a freeze, or end it with None. `risk` calls this under the controls lock."""
    await store.set_frozen(connection, workspace_id, reason)


async def set_daily_limit(connection: Connection, workspace_id: WorkspaceId, daily_limit: int | None) -> None:
    """Store a daily limit in nanocredits, None for no limit. `risk` calls this under the controls lock."""
    await store.set_daily_limit(connection, workspace_id, daily_limit)


async def set_max_running(connection: Connection, workspace_id: WorkspaceId, max_running: int | None) -> None:
    """Store how many requests may run at a time, None for no limit. `risk` calls this under the controls lock."""
    await store.set_max_running(connection, workspace_id, max_running)
