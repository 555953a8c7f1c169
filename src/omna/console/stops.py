"""/api/console/stops: the emergency stop. Setting one and ending one are two acts, both of owners."""

from typing import Annotated, Any

from omna.audit.acting import Act
from omna.catalog import service as catalog
from omna.console.stop_schemas import (
    Level,
    StopEnd,
    StopEpisode,
    StopReach,
    StopRow,
    StopsActed,
    StopScope,
    StopsState,
    StopWish,
)
from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.risk import service as risk
from omna.risk.model import Episode

router = Router(prefix="/api/console/stops", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]


@router.get("")
async def list_stops(who: Onlooker, connection: Reading) -> StopsState:
    """Return the stops in force, the last ones that are over, and what could be stopped."""
    return StopsState(**await _state(connection))


@router.post("/preview")
async def preview_stop(body: StopScope, who: Onlooker, connection: Reading) -> StopReach:
    """Return what a stop of a scope would meet now. Nothing is stopped."""
    found = await risk.reach(connection, body.scope)
    return StopReach(running=found.running, last_hour=found.last_hour, affected=found.affected)


@router.post("")
async def set_stop(body: StopWish, who: Owner, connection: Work, confirm: Confirm, act: Act) -> StopsActed:
    """Stop a scope, or change the stop of it, after a step-up for `stop.set`. Then nothing is admitted."""
    if body.typed != body.scope:
        raise InvalidValue(f"Type {body.scope} as it stands there.", param="typed")
    await confirm(connection, who, "stop.set", body.scope)
    seq = await risk.stop(
        connection,
        body.scope,
        cut_streams=body.level == "cut",
        reason=body.reason,
        message=body.message,
        actor=act(who),
    )
    return StopsActed(**await _state(connection), audit_seq=seq)


@router.post("/resume")
async def resume_service(body: StopEnd, who: Owner, connection: Work, confirm: Confirm, act: Act) -> StopsActed:
    """End the stop of exactly this scope, after a step-up for `stop.resume`."""
    await confirm(connection, who, "stop.resume", body.scope)
    seq = await risk.resume(connection, body.scope, reason=body.reason, actor=act(who))
    return StopsActed(**await _state(connection), audit_seq=seq)


async def _state(connection: Connection) -> dict[str, Any]:
    found = await risk.episodes(connection)
    running = [one for one in found if one.ended_at is None]
    return {
        "in_force": [StopRow(**_facts(one)) for one in reversed(running)],
        "history": [
            StopEpisode(
                **_facts(one), ended_at=one.ended_at, ended_by=one.ended_by or "", ended_reason=one.ended_reason or ""
            )
            for one in found
            if one.ended_at is not None
        ],
        "providers": [one.name for one in await catalog.list_providers(connection)],
        "models": [one.model_id for one in await catalog.list_models(connection)],
    }


def _facts(one: Episode) -> dict[str, Any]:
    level: Level = "cut" if one.stop.cut_streams else "block"
    return {
        "scope": one.stop.scope,
        "level": level,
        "reason": one.stop.reason,
        "message": one.stop.message,
        "actor": one.stop.actor,
        "since": one.stop.since,
        "refused": one.refused,
    }
