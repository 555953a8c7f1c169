"""Emergency stops: set, changed and ended, each on record; what one would reach, and what those that were refused."""

from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.db.pool import Connection
from omna.errors import ModelNotFound, NotFound
from omna.risk import stop_store, store
from omna.risk.model import Episode, Reach, Stop, check_message, check_reason, split_scope

#: Stops that are over and are told of.
_MOST_EPISODES = 100


async def stops(connection: Connection) -> list[Stop]:
    """Return the stops in force, oldest first."""
    return await store.stops(connection)


async def episodes(connection: Connection) -> list[Episode]:
    """Return the last stops there were, in force or over, newest first, with what each of them refused."""
    return await stop_store.episodes(connection, _MOST_EPISODES)


async def reach(connection: Connection, scope: str) -> Reach:
    """Return what a stop of a scope would meet: what runs now, and what came in the last hour.

    Errors  InvalidValue, NotFound
    """
    kind, name = await _check_scope(connection, scope)
    match kind:
        case "recharge":
            return await stop_store.reach_of_recharges(connection)
        case "signup":
            return await stop_store.reach_of_sign_ups(connection)
        case _:
            return await stop_store.reach_of_requests(connection, kind, name)


async def stop(
    connection: Connection, scope: str, *, cut_streams: bool, reason: str, actor: audit.Actor, message: str = ""
) -> int:
    """Refuse new requests of a scope, and with `cut_streams` end the running ones within seconds.

    scope    all, api, chat, recharge, signup, provider:NAME or model:ID
    reason   for staff and the audit log
    message  what everybody reads beside what is stopped
    Errors   InvalidValue, NotFound when no such provider or model exists: a misspelt stop would stop nothing
    Returns the number of its row in the audit log.
    """
    reason, message = check_reason(reason), check_message(message)
    await store.lock(connection)
    await _check_scope(connection, scope)
    before = await store.stop(connection, scope)
    await store.put_stop(connection, scope, cut_streams, reason, message, actor.name)
    return await audit.record(
        connection,
        actor,
        "stop.set",
        scope,
        reason=reason,
        before=None if before is None else _shown(before),
        after={"cut_streams": cut_streams, "message": message},
    )


async def resume(connection: Connection, scope: str, *, reason: str, actor: audit.Actor) -> int:
    """End the stop of exactly this scope; others stay in force. Returns the number of its row in the audit log.

    Errors  InvalidValue, NotFound
    """
    split_scope(scope)
    await store.lock(connection)
    before = await store.stop(connection, scope)
    refused = None if before is None else await store.end_stop(connection, scope, reason, actor.name)
    if before is None or refused is None:
        in_force = ", ".join(one.scope for one in await store.stops(connection)) or "none"
        raise NotFound(f"There is no stop of scope {scope!r}; in force: {in_force}.")
    return await audit.record(
        connection,
        actor,
        "stop.end",
        scope,
        reason=reason,
        before=_shown(before) | {"since": before.since},
        after={"refused": refused},
    )


async def _check_scope(connection: Connection, scope: str) -> tuple[str, str | None]:
    kind, name = split_scope(scope)
    if kind == "provider" and name is not None:
        await catalog.find_provider(connection, name)
    if kind == "model" and name is not None and await catalog.unknown_models(connection, [name]):
        raise ModelNotFound(f"There is no model {name!r}.")
    return kind, name


def _shown(stop: Stop) -> dict[str, object]:
    return {"cut_streams": stop.cut_streams, "reason": stop.reason, "message": stop.message}
