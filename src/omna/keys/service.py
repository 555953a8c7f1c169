"""What can be done with API keys. Every change is audited in its own transaction."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from omna import names
from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import (
    AccountFrozen,
    AwaitingApproval,
    EmailNotVerified,
    InvalidApiKey,
    InvalidValue,
    KeyDisabled,
    NotFound,
)
from omna.ids import KeyId, UserId, WorkspaceId, new_id, show
from omna.keys import store
from omna.keys.model import PERIODS, ApiKey, KeySettings, digest, generate, well_formed
from omna.money import LARGEST_AMOUNT, format_credits

_PREFIX_LENGTH = len("omna_") + 4
_LARGEST_RPM = 1_000_000
_MOST_RUNNING = 100_000


async def issue(
    connection: Connection,
    workspace_id: WorkspaceId,
    name: str,
    *,
    actor: audit.Actor,
    rpm: int | None = None,
    max_running: int | None = None,
    spend_limit: int | None = None,
    spend_period: str | None = None,
    allowed_models: Iterable[str] | None = None,
    expires_at: datetime | None = None,
    created_by: UserId | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which nobody can read again.

    Units   rpm in requests in any 60 s; max_running in requests at a time;
            spend_limit in nanocredits a `spend_period` (day, week, month; UTC)
    Errors  InvalidValue naming what is wrong
    """
    models = None if allowed_models is None else tuple(allowed_models)
    settings = KeySettings(name, rpm, max_running, spend_limit, spend_period, models, expires_at)
    return await issue_with(connection, workspace_id, settings, created_by=created_by, actor=actor)


async def issue_with(
    connection: Connection,
    workspace_id: WorkspaceId,
    settings: KeySettings,
    *,
    created_by: UserId | None,
    actor: audit.Actor,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which nobody can read again. Errors: InvalidValue."""
    settings = checked(settings)
    text = generate()
    key = await store.add(
        connection,
        ApiKey(
            key_id=KeyId(new_id()),
            workspace_id=workspace_id,
            name=settings.name,
            prefix=text[:_PREFIX_LENGTH],
            last_four=text[-4:],
            rpm=settings.rpm,
            spend_limit=settings.spend_limit,
            spend_period=settings.spend_period,
            allowed_models=settings.allowed_models,
            expires_at=settings.expires_at,
            disabled_at=None,
            revoked_at=None,
            created_by=created_by,
            created_at=now(),
            max_running=settings.max_running,
        ),
        digest(text),
    )
    await audit.record(connection, actor, "key.issue", show("key", key.key_id), after=described(key))
    return key, text


def checked(settings: KeySettings) -> KeySettings:
    """Return settings as they are stored. Errors: InvalidValue naming what is wrong."""
    name = names.one_line(settings.name)
    models = None if settings.allowed_models is None else tuple(sorted(set(settings.allowed_models)))
    if not 0 < len(name) <= 100:
        raise InvalidValue("A key needs a name of at most 100 characters.", param="name")
    if settings.rpm is not None and not 0 < settings.rpm <= _LARGEST_RPM:
        raise InvalidValue(f"Requests per minute are a number from 1 to {_LARGEST_RPM:,}.", param="rpm")
    if settings.max_running is not None and not 0 < settings.max_running <= _MOST_RUNNING:
        raise InvalidValue(f"Requests at a time are a number from 1 to {_MOST_RUNNING:,}.", param="max_running")
    if (settings.spend_limit is None) != (settings.spend_period is None):
        raise InvalidValue("A spend limit needs a period, and a period a limit.", param="spend_period")
    if settings.spend_limit is not None and not 0 <= settings.spend_limit <= LARGEST_AMOUNT:
        raise InvalidValue("A spend limit cannot be negative.", param="spend_limit")
    if settings.spend_period is not None and settings.spend_period not in PERIODS:
        raise InvalidValue("A spend period is day, week, month or total.", param="spend_period")
    if models == ():
        raise InvalidValue("Name at least one model, or none for every model.", param="allowed_models")
    if settings.expires_at is not None and settings.expires_at <= now():
        raise InvalidValue("The key would have expired already.", param="expires_at")
    return replace(settings, name=name, allowed_models=models)


async def authenticate(connection: Connection, text: str) -> ApiKey:
    """Return the key of a text a client sent.

    Errors  InvalidApiKey when it is malformed, unknown, revoked or expired; KeyDisabled, also when its maker may not
            have keys here any more; AccountFrozen; EmailNotVerified, AwaitingApproval
    """
    # The shape is checked first: what cannot be a key costs no database call.
    if not well_formed(text):
        raise InvalidApiKey
    key_digest = digest(text)
    found = await store.by_digest(connection, key_digest)
    if found is None or not hmac.compare_digest(found.digest, key_digest):
        raise InvalidApiKey
    if found.expired or found.gone or found.key.revoked_at is not None:
        raise InvalidApiKey
    if found.key.disabled_at is not None:
        raise KeyDisabled
    if found.orphaned:
        raise KeyDisabled("Whoever made this key may not have keys in this workspace any more.")
    if found.frozen_reason is not None:
        raise AccountFrozen(f"This workspace is frozen: {found.frozen_reason}")
    if found.maker_frozen_reason is not None:
        raise AccountFrozen(f"The account of whoever made this key is frozen: {found.maker_frozen_reason}")
    if found.pending is not None:
        raise EmailNotVerified if found.pending == "verification" else AwaitingApproval
    return found.key


async def find(connection: Connection, text: str) -> ApiKey:
    """Return the key of a text, whatever became of it. Errors: InvalidApiKey when there is none."""
    found = await store.by_digest(connection, digest(text)) if well_formed(text) else None
    if found is None:
        raise InvalidApiKey
    return found.key


async def get(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId) -> ApiKey:
    """Return a key of a workspace. Errors: NotFound, also for a key of another workspace."""
    key = await store.get(connection, workspace_id, key_id)
    if key is None:
        raise NotFound("There is no such key.")
    return key


async def list_of(connection: Connection, workspace_id: WorkspaceId) -> Sequence[ApiKey]:
    """Return the keys of a workspace in the order they were issued, revoked ones included."""
    return await store.list_of(connection, workspace_id)


async def revoke(
    connection: Connection, workspace_id: WorkspaceId, key_id: KeyId, *, reason: str, actor: audit.Actor
) -> ApiKey:
    """End a key for ever, from the next request on. Ending it twice changes nothing."""
    before = await held_back(connection, workspace_id, key_id)
    if before.revoked_at is None:
        moment = await store.set_revoked(connection, workspace_id, key_id)
        await audit.record(
            connection,
            actor,
            "key.revoke",
            show("key", key_id),
            reason=reason,
            before={"revoked_at": None},
            after={"revoked_at": moment},
        )
    return await get(connection, workspace_id, key_id)


async def disable(
    connection: Connection, workspace_id: WorkspaceId, key_id: KeyId, *, reason: str, actor: audit.Actor
) -> ApiKey:
    """Switch a key off, from the next request on."""
    return await _switch(connection, workspace_id, key_id, disabled=True, reason=reason, actor=actor)


async def enable(
    connection: Connection, workspace_id: WorkspaceId, key_id: KeyId, *, reason: str, actor: audit.Actor
) -> ApiKey:
    """Switch a key on again. A revoked key stays revoked."""
    return await _switch(connection, workspace_id, key_id, disabled=False, reason=reason, actor=actor)


async def _switch(
    connection: Connection,
    workspace_id: WorkspaceId,
    key_id: KeyId,
    *,
    disabled: bool,
    reason: str,
    actor: audit.Actor,
) -> ApiKey:
    before = await held_back(connection, workspace_id, key_id)
    if disabled != (before.disabled_at is not None):
        await store.set_disabled(connection, workspace_id, key_id, disabled)
        await audit.record(
            connection,
            actor,
            "key.disable" if disabled else "key.enable",
            show("key", key_id),
            reason=reason,
            before={"disabled": not disabled},
            after={"disabled": disabled},
        )
    return await get(connection, workspace_id, key_id)


async def held_back(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId) -> ApiKey:
    """Return a key while nobody can be admitted with it. The controls lock is also what its other writers wait for."""
    await store.lock_controls(connection)
    return await get(connection, workspace_id, key_id)


def described(key: ApiKey) -> dict[str, object]:
    """Return a key as the audit log holds it."""
    return {
        "workspace": show("ws", key.workspace_id),
        "name": key.name,
        "label": key.label,
        "rpm": key.rpm,
        "max_running": key.max_running,
        "spend_limit": None if key.spend_limit is None else format_credits(key.spend_limit),
        "spend_period": key.spend_period,
        "allowed_models": key.allowed_models,
        "expires_at": key.expires_at,
    }
