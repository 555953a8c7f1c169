"""The one thing protection may do by itself: stop the smallest scope. Resuming is for people."""

from datetime import timedelta

from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.risk import service as risk

ACTOR = "system:protection"
#: One automatic stop of a scope in this time: whoever resumed it knows something that the numbers do not.
PAUSE = timedelta(hours=1)


async def stop(connection: Connection, scope: str, *, reason: str, actor: audit.Actor) -> bool:
    """Stop a provider or a model; False when it is stopped, or was stopped by itself within the hour.

    Running streams finish. The caller has taken the controls lock.
    """
    assert scope.startswith(("provider:", "model:")), "nothing larger is ever stopped by itself"
    if any(one.scope == scope for one in await risk.stops(connection)):
        return False
    lately = await audit.by_actor(connection, ACTOR, "stop.set", now() - PAUSE)
    if any(entry.subject == scope for entry in lately):
        return False
    await risk.stop(connection, scope, cut_streams=False, reason=reason, actor=actor)
    return True


async def held(connection: Connection) -> set[str]:
    """Return the scopes that are stopped by protection now."""
    return {one.scope for one in await risk.stops(connection) if one.actor == ACTOR}
