"""Mails about orders: to the one who made it, else to the people who answer for money in the workspace."""

from typing import Any

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId, show
from omna.mail import service as mail
from omna.mail.kinds import Kind
from omna.payments.recharges import people_store
from omna.payments.recharges.model import Recharge
from omna.workspaces import service as workspaces


async def tell(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId | None, kind: Kind, values: dict[str, Any]
) -> None:
    """Write a mail about money; `name`, `workspace` and `workspace_name` are filled in here."""
    names = await workspaces.names(connection, [workspace_id])
    common = {"workspace": show("ws", workspace_id), "workspace_name": names.get(workspace_id, "")}
    for person in await people_store.recipients(connection, workspace_id, user_id):
        await mail.enqueue(
            connection,
            kind,
            person["email_normalized"],
            person["language"],
            {"name": person["name"], **common, **values},
            user_id=UserId(person["user_id"]),
        )


async def tell_of(connection: Connection, recharge: Recharge, kind: Kind, **values: Any) -> None:
    """Write a mail about an order."""
    facts = {"recharge": show("rch", recharge.recharge_id), "reference": recharge.reference}
    await tell(connection, recharge.workspace_id, recharge.created_by, kind, {**facts, **values})
