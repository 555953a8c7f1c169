"""/api/console/workspaces: tenants, what bounds them, and what staff do about them."""

from typing import Annotated

from fastapi import Path, Query

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import people_store, workspace_bodies
from omna.console.people_schemas import FreezeNew, PersonAct
from omna.console.workspace_schemas import (
    KeyEnding,
    LimitsChange,
    ShownWorkspaces,
    WorkspaceActed,
    WorkspaceOfStaff,
    WorkspaceRowOfStaff,
)
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden
from omna.http.access import Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.moments import parse_moment
from omna.http.paging import Cursor, Limit, Page, cut, decode_id
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import KeyId, WorkspaceId, show
from omna.keys import managing
from omna.membership import notices
from omna.money import Nanocredits, parse_credits
from omna.risk import service as risk
from omna.workspaces import service as workspaces
from omna.workspaces.model import Workspace

router = Router(prefix="/api/console/workspaces", tags=["console"])

Reader = Annotated[Person, StaffCan(StaffRight.SEE)]
Guard = Annotated[Person, StaffCan(StaffRight.FREEZE)]
WorkspacePath = Annotated[str, Path(description="The workspace: `ws_…`")]
KeyPath = Annotated[str, Path(description="The key: `key_…`")]


@router.get("")
async def list_workspaces(
    who: Reader,
    connection: Reading,
    show_: Annotated[ShownWorkspaces, Query(alias="show")] = "all",
    q: Annotated[str, Query(max_length=200, description="Part of a name, or of a member's address.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WorkspaceRowOfStaff]:
    """Return workspaces, newest first."""
    found = await people_store.workspaces(connection, show_, q.strip(), decode_id(cursor, "ws"), limit + 1)
    rows, following = cut(found, limit, lambda row: (show("ws", row["workspace_id"]),))
    return Page(items=[workspace_bodies.workspace_row(row, who) for row in rows], next_cursor=following)


@router.get("/{workspace}")
async def get_workspace(workspace: WorkspacePath, who: Reader, connection: Work, act: Act) -> WorkspaceOfStaff:
    """Return everything staff see of a workspace. Each reading is on record."""
    workspace_id = _workspace_id(workspace)
    facts = await workspace_bodies.of_workspace(connection, workspace_id, who)
    await audit.note_reading(connection, act(who), "workspace.read", show("ws", workspace_id))
    return WorkspaceOfStaff(**facts)


@router.post("/{workspace}/freeze")
async def freeze_workspace(
    workspace: WorkspacePath, body: FreezeNew, who: Guard, connection: Work, act: Act
) -> WorkspaceActed:
    """Refuse new requests of a workspace and cut its streams; its people are told by mail."""
    workspace_id = await _of_others(connection, workspace, who)
    until = None if body.until is None else parse_moment(body.until, "until")
    seq = await risk.freeze(
        connection, workspace_id, reason=body.reason, actor=act(who), until=until, message=body.message
    )
    await notices.tell_freeze(connection, workspace_id)
    return await _acted(connection, workspace_id, who, seq)


@router.post("/{workspace}/unfreeze")
async def unfreeze_workspace(
    workspace: WorkspacePath, body: PersonAct, who: Guard, connection: Work, act: Act
) -> WorkspaceActed:
    """End the freeze of a workspace; its people are told by mail."""
    workspace_id = await _of_others(connection, workspace, who)
    seq = await risk.unfreeze(connection, workspace_id, reason=body.reason, actor=act(who))
    if seq is None:
        raise Conflict("This workspace is not frozen.")
    await notices.tell_freeze(connection, workspace_id)
    return await _acted(connection, workspace_id, who, seq)


@router.post("/{workspace}/limits")
async def change_limits(
    workspace: WorkspacePath, body: LimitsChange, who: Guard, connection: Work, act: Act
) -> WorkspaceActed:
    """Bound what a workspace spends a day and runs at a time. Support lowers limits; an owner also raises them."""
    workspace_id = await _of_others(connection, workspace, who)
    await risk.lock_controls(connection)
    before = await workspaces.get(connection, workspace_id)
    daily = None if body.daily_limit is None else parse_credits(body.daily_limit)
    if StaffRight.OWN not in who.staff_rights:
        _require_lower(before, daily, body.max_running)
    seq = None
    if daily != before.daily_limit:
        limit = None if daily is None else Nanocredits(daily)
        seq = await risk.limit_daily(connection, workspace_id, limit, reason=body.reason, actor=act(who))
    if body.max_running != before.max_running:
        seq = await risk.limit_running(connection, workspace_id, body.max_running, reason=body.reason, actor=act(who))
    if seq is None:
        raise Conflict("These are the limits it has already.")
    return await _acted(connection, workspace_id, who, seq)


@router.post("/{workspace}/keys/{key}/revoke")
async def revoke_key(
    workspace: WorkspacePath, key: KeyPath, body: KeyEnding, who: Guard, connection: Work, act: Act
) -> WorkspaceActed:
    """End a key for ever, from the next request on; when it leaked, the owners are told by mail."""
    workspace_id = await _of_others(connection, workspace, who)
    key_id = KeyId(id_in_address(key, "key", "key"))
    seq = await managing.revoke_by_staff(
        connection, workspace_id, key_id, leaked=body.leaked, reason=body.reason, actor=act(who)
    )
    return await _acted(connection, workspace_id, who, seq)


async def _acted(connection: Connection, workspace_id: WorkspaceId, who: Person, seq: int) -> WorkspaceActed:
    return WorkspaceActed(**await workspace_bodies.of_workspace(connection, workspace_id, who), audit_seq=seq)


async def _of_others(connection: Connection, text: str, who: Person) -> WorkspaceId:
    """Return which workspace an act is about. Errors: NotFound; Conflict for one of one's own."""
    workspace_id = _workspace_id(text)
    await workspaces.get(connection, workspace_id)
    if await workspaces.role_of(connection, workspace_id, who.user_id) is not None:
        raise Conflict("You belong to this workspace. Ask somebody else of the staff.")
    return workspace_id


def _require_lower(before: Workspace, daily: int | None, running: int | None) -> None:
    pairs = ((before.daily_limit, daily), (before.max_running, running))
    if any(old is not None and (new is None or new > old) for old, new in pairs):
        raise Forbidden("Your role lowers limits; an owner of the staff raises them.")


def _workspace_id(text: str) -> WorkspaceId:
    return WorkspaceId(id_in_address(text, "ws", "workspace"))
