"""What people do with the keys of a workspace: make, change, replace, end, hand over. Audited, and told by mail."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.http.principal import Member, Right
from omna.ids import KeyId, UserId, WorkspaceId, show
from omna.keys import letters, service, store
from omna.keys.model import ApiKey, KeySettings

#: Live keys of a workspace: the list stays one that people can read.
MOST_KEYS = 500
#: Longest time a replaced key may still work.
LONGEST_OVERLAP_HOURS = 168


async def create(
    connection: Connection, settings: KeySettings, *, by: Member, actor: audit.Actor
) -> tuple[ApiKey, str]:
    """Make a key of the one who acts, and return it with its text. Errors: InvalidValue, Conflict."""
    await _require_models(connection, settings)
    if len(await store.live_of(connection, by.workspace_id, None)) >= MOST_KEYS:
        raise Conflict(f"A workspace has at most {MOST_KEYS} keys. Delete those that nobody uses.")
    key, text = await service.issue_with(connection, by.workspace_id, settings, created_by=by.user_id, actor=actor)
    await letters.created(connection, key)
    return key, text


async def reachable(connection: Connection, key_id: KeyId, *, by: Member) -> ApiKey:
    """Return a key the one who acts may manage: any with the right, else their own.

    Errors  NotFound, as for a key that is not there
    """
    key = await service.get(connection, by.workspace_id, key_id)
    if not by.may(Right.ALL_KEYS) and key.created_by != by.user_id:
        raise NotFound("There is no such key.")
    return key


async def change(
    connection: Connection, key_id: KeyId, settings: KeySettings, *, by: Member, actor: audit.Actor
) -> ApiKey:
    """Change the settings of a key, from the next request on.

    Errors  NotFound, InvalidValue, Conflict for a key that has ended
    """
    before = await _locked(connection, key_id, by)
    if before.expires_at == settings.expires_at:
        settings = replace(service.checked(replace(settings, expires_at=None)), expires_at=before.expires_at)
    else:
        settings = service.checked(settings)
    if before.rotated_to is not None and settings.expires_at != before.expires_at:
        raise Conflict("This key was replaced; it ends when its overlap does.")
    await _require_models(connection, settings)
    after = replace(before, **asdict(settings))
    if after != before:
        await store.change(connection, after)
        await audit.record(
            connection,
            actor,
            "key.change",
            show("key", key_id),
            before=service.described(before),
            after=service.described(after),
        )
    return after


async def rotate(
    connection: Connection, key_id: KeyId, overlap_hours: int, *, by: Member, actor: audit.Actor
) -> tuple[ApiKey, str]:
    """Return a new key with the same settings, and its text; the old one works for some hours more (0: no longer).

    A key that expires is replaced by one that lives as long. Errors: NotFound, InvalidValue, Conflict
    """
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
        raise InvalidValue(f"The old key can work for 0 to {LONGEST_OVERLAP_HOURS} hours more.", param="overlap_hours")
    old = await _locked(connection, key_id, by)
    if old.rotated_to is not None:
        raise Conflict("This key was replaced already.")
    if old.disabled_at is not None:
        raise Conflict("This key is switched off. Switch it on first, or delete it.")
    key, text = await service.issue_with(
        connection,
        by.workspace_id,
        KeySettings(
            name=old.name,
            rpm=old.rpm,
            max_running=old.max_running,
            spend_limit=old.spend_limit,
            spend_period=old.spend_period,
            allowed_models=old.allowed_models,
            expires_at=_same_lifetime(old),
        ),
        # A key of the operator becomes one of the person who now has it.
        created_by=old.created_by or by.user_id,
        actor=actor,
    )
    await store.set_rotated(connection, by.workspace_id, key_id, key.key_id, overlap_hours)
    await audit.record(
        connection,
        actor,
        "key.rotate",
        show("key", key_id),
        after={"replaced_by": show("key", key.key_id), "overlap_hours": overlap_hours},
    )
    await letters.created(connection, key)
    return key, text


async def disable(connection: Connection, key_id: KeyId, *, by: Member, actor: audit.Actor) -> ApiKey:
    """Switch a key off, from the next request on. Errors: NotFound."""
    await reachable(connection, key_id, by=by)
    return await service.disable(connection, by.workspace_id, key_id, reason="", actor=actor)


async def enable(connection: Connection, key_id: KeyId, *, by: Member, actor: audit.Actor) -> ApiKey:
    """Switch a key on again. Errors: NotFound, Conflict for one that has ended."""
    await _locked(connection, key_id, by)
    return await service.enable(connection, by.workspace_id, key_id, reason="", actor=actor)


async def delete(connection: Connection, key_id: KeyId, typed_name: str, *, by: Member, actor: audit.Actor) -> None:
    """End a key for ever; its usage stays. Errors: NotFound, InvalidValue when the name is not the key's."""
    key = await reachable(connection, key_id, by=by)
    if typed_name.strip() != key.name:
        raise InvalidValue("Type the name of the key as it stands there.", param="name")
    await service.revoke(connection, by.workspace_id, key_id, reason="deleted", actor=actor)


async def report_leaked(connection: Connection, key_id: KeyId, *, by: Member, actor: audit.Actor) -> None:
    """End a key at once because somebody else may have it, and tell the owners. Errors: NotFound."""
    before = await reachable(connection, key_id, by=by)
    if before.revoked_at is None:
        ended = await service.revoke(connection, by.workspace_id, key_id, reason="reported as leaked", actor=actor)
        await letters.leaked(connection, ended)


async def revoke_by_staff(
    connection: Connection, workspace_id: WorkspaceId, key_id: KeyId, *, leaked: bool, reason: str, actor: audit.Actor
) -> int:
    """End a key of a workspace for ever, as the operator decides. Returns the audit line.

    leaked  somebody else may have it: the owners, and whose key it was, are told
    Errors  NotFound; Conflict when it has ended already
    """
    if (await service.held_back(connection, workspace_id, key_id)).revoked_at is not None:
        raise Conflict("This key was revoked already.")
    moment = await store.set_revoked(connection, workspace_id, key_id)
    if leaked:
        await letters.leaked(connection, await service.get(connection, workspace_id, key_id))
    return await audit.record(
        connection,
        actor,
        "key.revoke",
        show("key", key_id),
        reason=reason,
        before={"revoked_at": None},
        after={"revoked_at": moment, "leaked": leaked},
    )


async def live_keys(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> int:
    """Return how many keys of a member were not revoked."""
    return len(await store.live_of(connection, workspace_id, user_id))


async def revoke_all(
    connection: Connection,
    workspace_id: WorkspaceId,
    created_by: UserId | None = None,
    *,
    reason: str,
    actor: audit.Actor,
) -> int:
    """End every key of a workspace, or of one member, and return how many."""
    ended = await store.live_of(connection, workspace_id, created_by)
    for key_id in ended:
        await service.revoke(connection, workspace_id, key_id, reason=reason, actor=actor)
    return len(ended)


async def hand_over(
    connection: Connection, workspace_id: WorkspaceId, old: UserId, new: UserId, *, actor: audit.Actor
) -> int:
    """Make the keys of one member those of another, who answers for what they spend from now on."""
    await store.lock_controls(connection)
    handed = await store.live_of(connection, workspace_id, old)
    if handed:
        await store.set_creator(connection, workspace_id, handed, new)
        await audit.record(
            connection,
            actor,
            "key.hand_over",
            show("usr", old),
            before={"keys": [show("key", key_id) for key_id in handed]},
            after={"workspace": show("ws", workspace_id), "to": show("usr", new)},
        )
    return len(handed)


async def pending_of(connection: Connection, workspace_id: WorkspaceId) -> str | None:
    """Return what the person of a workspace waits for; no key is made there until it is None."""
    return await store.pending_of(connection, workspace_id)


async def id_of(connection: Connection, text: str, *, by: Member) -> KeyId | None:
    """Return the key of the workspace with a SHA-256 in hex; None when there is none."""
    try:
        key_digest = bytes.fromhex(text)
    except ValueError:
        return None
    return await store.id_of_digest(connection, by.workspace_id, key_digest)


async def _locked(connection: Connection, key_id: KeyId, by: Member) -> ApiKey:
    """Return a key that still works while nobody else changes it, and nobody is admitted with it."""
    await reachable(connection, key_id, by=by)
    key = await service.held_back(connection, by.workspace_id, key_id)
    if await store.has_ended(connection, by.workspace_id, key_id):
        raise Conflict("This key has ended; it cannot be changed any more.")
    return key


async def _require_models(connection: Connection, settings: KeySettings) -> None:
    unknown: Sequence[str] = []
    if settings.allowed_models:
        unknown = await store.without_model(connection, settings.allowed_models)
    if unknown:
        raise InvalidValue(f"There is no model {', '.join(unknown)}.", param="allowed_models")


def _same_lifetime(key: ApiKey) -> datetime | None:
    return None if key.expires_at is None else now() + (key.expires_at - key.created_at)


__all__ = [
    "change",
    "create",
    "delete",
    "disable",
    "enable",
    "hand_over",
    "id_of",
    "live_keys",
    "pending_of",
    "reachable",
    "report_leaked",
    "revoke_all",
    "revoke_by_staff",
    "rotate",
]
