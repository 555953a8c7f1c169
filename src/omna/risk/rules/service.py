"""The door of the rules: what happened, judging and acting for the jobs, and what is known about a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.db.pool import Connection
from omna.http.origin import network_of
from omna.ids import UserId, WorkspaceId
from omna.risk.rules import case_store, store
from omna.risk.rules.acting import act
from omna.risk.rules.case_store import Case
from omna.risk.rules.judging import judge_events, judge_usage
from omna.risk.rules.model import Outcome
from omna.risk.rules.sentences import because
from omna.risk.rules.store import Hit

__all__ = [
    "ACTOR",
    "Flags",
    "Hit",
    "act",
    "because",
    "flags_of",
    "forget_person",
    "judge_events",
    "judge_usage",
    "note_sign_up",
    "prune",
    "waiting",
]

#: Who acts when a rule does.
ACTOR = "system:risk"
MOST_FLAGS = 50
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Flags:
    """What rules found about a workspace, newest first, its cases, and whether an owner vouches for it."""

    hits: Sequence[Hit]
    cases: Sequence[Case]
    trusted_since: datetime | None
    trusted_reason: str


async def note_sign_up(connection: Connection, user_id: UserId, workspace_id: WorkspaceId, origin: str) -> None:
    """Note that a new person proved their address, from where; a rule may count the accounts of a network."""
    await store.add_event(connection, "sign_up", workspace_id, user_id, network_of(origin))


async def forget_person(connection: Connection, user_id: UserId) -> None:
    """Forget which network a person came from."""
    await store.forget_networks(connection, user_id)


async def waiting(connection: Connection) -> Sequence[tuple[UUID, Outcome]]:
    """Return the next hits that nobody acted on, with what their rules say."""
    return await store.to_act(connection, MOST_AT_ONCE)


async def flags_of(connection: Connection, workspace_id: WorkspaceId) -> Flags:
    """Return what rules found about a workspace of late. `because(rule.kind, rule.parameters, numbers)` says why."""
    trusted = await store.trusted(connection, workspace_id)
    return Flags(
        hits=await store.hits_of_workspace(connection, workspace_id, MOST_FLAGS),
        cases=await case_store.of_workspace(connection, workspace_id),
        trusted_since=None if trusted is None else trusted["trusted_at"],
        trusted_reason="" if trusted is None else trusted["reason"],
    )


async def prune(connection: Connection, days: int) -> int:
    """Delete events and hits that are older than so many days; cases stay. Returns how many."""
    return await store.prune(connection, days)
