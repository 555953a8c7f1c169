"""Management keys: what programs use /api of one workspace with."""

from collections.abc import Sequence
from datetime import datetime

from omna import names
from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound, Unauthenticated
from omna.http.principal import Member, Role
from omna.ids import ManagementKeyId, UserId, WorkspaceId, new_id, show
from omna.keys import management_store as store
from omna.keys.model import ManagementKey, digest, generate_management, well_formed_management

__all__ = ["ManagementKey", "authenticate", "create", "list_of", "revoke", "revoke_all"]

_PREFIX_LENGTH = len("omna_mgmt_") + 4
MOST_KEYS = 50


async def create(
    connection: Connection,
    name: str,
    role: Role,
    expires_at: datetime | None = None,
    *,
    by: Member,
    actor: audit.Actor,
) -> tuple[ManagementKey, str]:
    """Make a management key of the one who acts, and return it with its text, which nobody can read again.

    role    what it may at most; what its maker may not, it may not either
    Errors  InvalidValue; Conflict when there are too many
    """
    name = names.one_line(name)
    if not 0 < len(name) <= 100:
        raise InvalidValue("A key needs a name of at most 100 characters.", param="name")
    if expires_at is not None and expires_at <= now():
        raise InvalidValue("The key would have expired already.", param="expires_at")
    if role == Role.OWNER:
        raise InvalidValue("A management key is admin, billing or member.", param="role")
    if len(await store.live_of(connection, by.workspace_id, None)) >= MOST_KEYS:
        raise Conflict(f"A workspace has at most {MOST_KEYS} management keys.")
    text = generate_management()
    key = ManagementKey(
        management_key_id=ManagementKeyId(new_id()),
        workspace_id=by.workspace_id,
        name=name,
        prefix=text[:_PREFIX_LENGTH],
        last_four=text[-4:],
        role=role,
        created_by=by.user_id,
        creator_name=None,
        expires_at=expires_at,
        last_used_at=None,
        created_at=now(),
    )
    await store.add(connection, key, digest(text))
    await audit.record(
        connection,
        actor,
        "management_key.create",
        show("mgk", key.management_key_id),
        after={
            "workspace": show("ws", by.workspace_id),
            "name": name,
            "label": key.label,
            "role": str(role),
            "expires_at": expires_at,
        },
    )
    return (await store.live_ones(connection, by.workspace_id, key.management_key_id))[0], text


async def list_of(connection: Connection, workspace_id: WorkspaceId) -> Sequence[ManagementKey]:
    """Return the management keys of a workspace, newest first; expired ones, too."""
    return await store.live_ones(connection, workspace_id)


async def revoke(
    connection: Connection,
    workspace_id: WorkspaceId,
    management_key_id: ManagementKeyId,
    *,
    reason: str = "",
    actor: audit.Actor,
) -> None:
    """End a management key for ever. Errors: NotFound."""
    if not await store.revoke(connection, workspace_id, management_key_id):
        raise NotFound("There is no such management key.")
    await audit.record(
        connection,
        actor,
        "management_key.revoke",
        show("mgk", management_key_id),
        reason=reason,
        after={"workspace": show("ws", workspace_id)},
    )


async def revoke_all(
    connection: Connection,
    workspace_id: WorkspaceId,
    created_by: UserId | None = None,
    *,
    reason: str,
    actor: audit.Actor,
) -> None:
    """End every management key of a workspace, or of one member."""
    for key_id in await store.live_of(connection, workspace_id, created_by):
        await revoke(connection, workspace_id, key_id, reason=reason, actor=actor)


async def authenticate(connection: Connection, text: str) -> ManagementKey:
    """Return the management key of a text a client sent, and note its use.

    Errors  Unauthenticated when it is malformed, unknown, revoked or expired
    """
    # The shape is checked first: what cannot be a key costs no database call.
    found = await store.by_digest(connection, digest(text)) if well_formed_management(text) else None
    if found is None:
        raise Unauthenticated("This management key is not known, was revoked, or has expired.")
    await store.note_use(connection, found.workspace_id, found.management_key_id)
    return found
