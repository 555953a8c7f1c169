"""/api/workspaces/{workspace}/keys and …/management-keys."""

from typing import Annotated

from fastapi import Path, Query

from omna.audit.acting import Act
from omna.db.pool import Connection
from omna.errors import AwaitingApproval, EmailNotVerified, NotFound
from omna.http.access import Can, Confirm, Reading, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page
from omna.http.principal import Member, Right, Role
from omna.http.router import Router
from omna.ids import KeyId, ManagementKeyId, parse, show
from omna.keys import listing, management, managing, model
from omna.keys.schemas import (
    KeyMade,
    KeyRevocation,
    KeyRotation,
    KeyRow,
    KeySettings,
    KeySort,
    KeyStatus,
    ManagementKeyMade,
    ManagementKeyNew,
    ManagementKeyRow,
)
from omna.money import parse_credits

router = Router(prefix="/api/workspaces/{workspace}", tags=["keys"])

#: Whose keys are meant follows from the right: members see and change their own.
KeyHolder = Annotated[Member, Can(Right.OWN_KEYS, Right.ALL_KEYS)]
KeyMaster = Annotated[Member, Can(Right.MANAGEMENT_KEYS, people_only=True)]
#: Who takes a key away, also while everything else is frozen.
KeyEnder = Annotated[Member, Can(Right.OWN_KEYS, Right.ALL_KEYS, while_frozen=True)]
MasterEnder = Annotated[Member, Can(Right.MANAGEMENT_KEYS, people_only=True, while_frozen=True)]
KeyPath = Annotated[str, Path(description="The key: `key_…`")]

#: What the step-up of a key without a spend limit is called.
_UNLIMITED = "key.create_unlimited"


@router.get("/keys")
async def list_keys(
    who: KeyHolder,
    connection: Reading,
    limit: Limit = 50,
    cursor: Cursor = None,
    sort: KeySort = "-created_at",
    search: Annotated[
        str | None, Query(max_length=100, description="Part of a name, or of what is shown of a key.")
    ] = None,
    status: Annotated[KeyStatus | None, Query(description="Without one: all but revoked ones.")] = None,
) -> Page[KeyRow]:
    """The keys you may manage: all of the workspace, or your own."""
    rows, next_cursor = await listing.page(
        connection, by=who, limit=limit, cursor=cursor, sort=sort, search=search, status=status
    )
    return Page(items=[_row(row, who) for row in rows], next_cursor=next_cursor)


@router.post("/keys", status_code=201)
async def create_key(body: KeySettings, who: KeyHolder, connection: Work, confirm: Confirm, act: Act) -> KeyMade:
    """Make a key. Its secret is in this answer and nowhere else."""
    await _require_active(connection, who)
    if body.spend_limit is None:
        await confirm(connection, who, _UNLIMITED)
    key, secret = await managing.create(connection, _settings(body), by=who, actor=act(who))
    return KeyMade(key=await _one(connection, key.key_id, who), secret=secret)


@router.get("/keys/{key}")
async def get_key(
    key: Annotated[str, Path(description="The key: `key_…`, or the SHA-256 of its secret in hex")],
    who: KeyHolder,
    connection: Reading,
) -> KeyRow:
    """One key, with what it spent."""
    key_id = await managing.id_of(connection, key, by=who) if len(key) == 64 else _key_id(key)
    if key_id is None:
        raise NotFound("There is no such key.")
    return await _one(connection, key_id, who)


@router.put("/keys/{key}")
async def change_key(
    key: KeyPath, body: KeySettings, who: KeyHolder, connection: Work, confirm: Confirm, act: Act
) -> KeyRow:
    """Set everything about a key, from the next request on."""
    key_id = _key_id(key)
    before = await managing.reachable(connection, key_id, by=who)
    if body.spend_limit is None and before.spend_limit is not None:
        await confirm(connection, who, _UNLIMITED, show("key", key_id))
    await managing.change(connection, key_id, _settings(body), by=who, actor=act(who))
    return await _one(connection, key_id, who)


@router.post("/keys/{key}/disable")
async def disable_key(key: KeyPath, who: KeyEnder, connection: Work, act: Act) -> KeyRow:
    """Switch a key off, from the next request on."""
    await managing.disable(connection, _key_id(key), by=who, actor=act(who))
    return await _one(connection, _key_id(key), who)


@router.post("/keys/{key}/enable")
async def enable_key(key: KeyPath, who: KeyHolder, connection: Work, act: Act) -> KeyRow:
    """Switch a key on again."""
    await managing.enable(connection, _key_id(key), by=who, actor=act(who))
    return await _one(connection, _key_id(key), who)


@router.post("/keys/{key}/rotation", status_code=201)
async def rotate_key(
    key: KeyPath, body: KeyRotation, who: KeyHolder, connection: Work, confirm: Confirm, act: Act
) -> KeyMade:
    """Make a key that takes the place of this one, which works for some hours more."""
    await _require_active(connection, who)
    key_id = _key_id(key)
    # Its answer holds a new secret: without a limit, no less than one of a new key.
    if (await managing.reachable(connection, key_id, by=who)).spend_limit is None:
        await confirm(connection, who, _UNLIMITED, show("key", key_id))
    made, secret = await managing.rotate(connection, key_id, body.overlap_hours, by=who, actor=act(who))
    return KeyMade(key=await _one(connection, made.key_id, who), secret=secret)


@router.post("/keys/{key}/revocation", status_code=204)
async def revoke_key(key: KeyPath, body: KeyRevocation, who: KeyEnder, connection: Work, act: Act) -> None:
    """Delete a key for ever, or report that somebody else may have it: it stops at once, and its owners are told."""
    if body.leaked:
        await managing.report_leaked(connection, _key_id(key), by=who, actor=act(who))
    else:
        await managing.delete(connection, _key_id(key), body.name, by=who, actor=act(who))


@router.get("/management-keys")
async def list_management_keys(who: KeyMaster, connection: Reading) -> list[ManagementKeyRow]:
    """The management keys of a workspace, newest first."""
    return [_management_row(key) for key in await management.list_of(connection, who.workspace_id)]


@router.post("/management-keys", status_code=201)
async def create_management_key(
    body: ManagementKeyNew, who: KeyMaster, connection: Work, confirm: Confirm, act: Act
) -> ManagementKeyMade:
    """Make a management key. Needs a fresh proof that it is you."""
    await confirm(connection, who, "management_key.create")
    key, secret = await management.create(
        connection, body.name, Role(body.role), body.expires_at, by=who, actor=act(who)
    )
    return ManagementKeyMade(key=_management_row(key), secret=secret)


@router.delete("/management-keys/{key}", status_code=204)
async def revoke_management_key(
    key: Annotated[str, Path(description="The key: `mgk_…`")], who: MasterEnder, connection: Work, act: Act
) -> None:
    """End a management key for ever."""
    try:
        key_id = ManagementKeyId(parse(key, "mgk"))
    except ValueError:
        raise NotFound("There is no such management key.") from None
    await management.revoke(connection, who.workspace_id, key_id, actor=act(who))


async def _one(connection: Connection, key_id: KeyId, who: Member) -> KeyRow:
    return _row(await listing.one(connection, key_id, by=who), who)


async def _require_active(connection: Connection, who: Member) -> None:
    pending = await managing.pending_of(connection, who.workspace_id)
    if pending is not None:
        raise EmailNotVerified if pending == "verification" else AwaitingApproval


def _settings(body: KeySettings) -> model.KeySettings:
    return model.KeySettings(
        name=body.name,
        rpm=body.rpm,
        max_running=body.max_running,
        spend_limit=None if body.spend_limit is None else parse_credits(body.spend_limit),
        spend_period=body.spend_period,
        allowed_models=None if body.allowed_models is None else tuple(body.allowed_models),
        expires_at=body.expires_at,
    )


def _row(row: model.KeyRow, who: Member) -> KeyRow:
    key = row.key
    return KeyRow(
        id=show("key", key.key_id),
        name=key.name,
        label=key.label,
        status=row.status,  # type: ignore[arg-type]
        created_by=None if key.created_by is None else show("usr", key.created_by),
        creator_name=row.creator_name,
        created_at=key.created_at,
        last_used_at=row.last_used_at,
        expires_at=key.expires_at,
        rpm=key.rpm,
        max_running=key.max_running,
        spend_limit=key.spend_limit,
        spend_period=key.spend_period,  # type: ignore[arg-type]
        spent_in_period=row.spent_in_period,
        held=row.held,
        resets_at=row.resets_at,
        allowed_models=None if key.allowed_models is None else list(key.allowed_models),
        requests_24h=row.requests_24h,
        spent_24h=row.spent_24h,
        requests_30d=row.requests_30d,
        spent_30d=row.spent_30d,
        replaced_by=None if key.rotated_to is None else show("key", key.rotated_to),
        yours=key.created_by == who.user_id,
    )


def _management_row(key: model.ManagementKey) -> ManagementKeyRow:
    return ManagementKeyRow(
        id=show("mgk", key.management_key_id),
        name=key.name,
        label=key.label,
        role=key.role,  # type: ignore[arg-type]
        creator_name=key.creator_name,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
    )


def _key_id(text: str) -> KeyId:
    return KeyId(id_in_address(text, "key", "key"))
