"""What staff do: look through the queue, read, answer, note, assign, solve and reopen. All of it is on record."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.ids import TicketId, UserId, parse, show
from omna.support import letters, queue_store, service, store
from omna.support.model import Event, Side, State, Ticket, after, checked_text
from omna.support.queue_store import Queued, Wanted
from omna.support.service import Thread

__all__ = ["Queued", "Wanted", "answer", "assign", "counts", "note", "queue", "read", "reopen", "solve", "staff"]

#: What a search for an id may begin with.
_IDS = ("tkt", "ws", "usr", "rch", "rfd", "req", "tr", "key")
_SHORTEST_SEARCH = 2


async def queue(
    connection: Connection,
    reader: UserId,
    states: Sequence[State],
    *,
    assigned_to: UserId | None = None,
    nobody: bool = False,
    search: str = "",
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Queued]:
    """Return tickets: open ones with the first deadline first, all others with the last change first.

    search  an id (`tkt_…`, `ws_…`, `rch_…`, …), or part of a subject, an address, a reference, a workspace's name
    """
    search, found = search.strip(), None
    try:
        found = parse(search, *_IDS) if search else None
    except ValueError:
        if len(search) < _SHORTEST_SEARCH:
            raise InvalidValue("Search for two characters or more.", param="q") from None
    text = search if search and found is None else None
    wanted = Wanted([state.value for state in states], assigned_to, nobody, text, found)
    due = list(states) == [State.OPEN]
    return await queue_store.queue(connection, reader, wanted, oldest_due_first=due, after=after, limit=limit)


async def counts(connection: Connection, reader: UserId) -> dict[str, int]:
    """Return how many tickets are open, overdue, mine and unassigned."""
    return dict((await queue_store.counts(connection, reader)).items())


async def staff(connection: Connection) -> Sequence[tuple[UserId, str, str]]:
    """Return who may answer tickets: id, name, role."""
    return await queue_store.staff(connection)


async def read(
    connection: Connection, ticket_id: TicketId, reader: UserId, *, actor: audit.Actor
) -> tuple[Queued, Thread]:
    """Return a ticket with the notes in it. Errors: NotFound."""
    queued = await look(connection, ticket_id, reader)
    thread = await service.thread_of(connection, queued.ticket, internal=True)
    await store.set_read(connection, ticket_id, reader)
    await audit.record(connection, actor, "ticket.read", show("tkt", ticket_id))
    return queued, thread


async def look(connection: Connection, ticket_id: TicketId, reader: UserId) -> Queued:
    """Return a ticket as it stands in the queue. Errors: NotFound."""
    queued = await queue_store.one(connection, reader, ticket_id)
    if queued is None:
        raise service.missing()
    return queued


async def answer(connection: Connection, ticket_id: TicketId, text: str, *, by: UserId, actor: audit.Actor) -> int:
    """Reply to the customer, who is mailed and owes the next word then. Errors: NotFound, InvalidValue."""
    text = checked_text(text)
    ticket = await _locked(connection, ticket_id)
    await service.say(connection, ticket, by, Side.STAFF, text)
    changed = await store.set_state(connection, ticket_id, after(Event.STAFF_SPOKE), None, Side.STAFF)
    await store.set_read(connection, ticket_id, by)
    await letters.answered(connection, changed, text)
    return await audit.record(
        connection,
        actor,
        "ticket.reply",
        show("tkt", ticket_id),
        before={"state": ticket.state.value},
        after={"state": changed.state.value},
    )


async def note(connection: Connection, ticket_id: TicketId, text: str, *, by: UserId, actor: audit.Actor) -> int:
    """Write something for staff alone; nothing changes for the customer. Errors: NotFound, InvalidValue."""
    text = checked_text(text)
    ticket = await _locked(connection, ticket_id)
    await service.say(connection, ticket, by, Side.STAFF, text, internal=True)
    await store.set_read(connection, ticket_id, by)
    return await audit.record(connection, actor, "ticket.note", show("tkt", ticket_id))


async def assign(
    connection: Connection,
    ticket_id: TicketId,
    to: UserId | None,
    expected: UserId | None,
    *,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Give a ticket to somebody of the staff, or to nobody.

    expected  whose it was when the one who acts looked: of two who take it at once, one gets it
    Errors    NotFound; Conflict when it is somebody else's by now; InvalidValue for somebody who cannot answer it
    """
    ticket = await _locked(connection, ticket_id)
    people = {user_id: name for user_id, name, _ in await staff(connection)}
    if ticket.assigned_to != expected:
        now = "nobody's" if ticket.assigned_to is None else f"{people.get(ticket.assigned_to, 'somebody else')}'s"
        raise Conflict(f"This request is {now} by now.")
    if to is not None and to not in people:
        raise InvalidValue("Only staff who answer requests can have one.", param="assignee")
    await store.set_assigned(connection, ticket_id, to)
    return await audit.record(
        connection,
        actor,
        "ticket.assign",
        show("tkt", ticket_id),
        reason=reason,
        before={"assignee": _shown(expected)},
        after={"assignee": _shown(to)},
    )


async def solve(connection: Connection, ticket_id: TicketId, *, reason: str, actor: audit.Actor) -> int:
    """Call a ticket solved, and tell the customer. Errors: NotFound; Conflict when it is."""
    ticket = await _locked(connection, ticket_id)
    changed, seq = await service.change_state(connection, ticket, Event.SOLVED, None, actor=actor, reason=reason)
    await letters.solved(connection, changed)
    return seq


async def reopen(
    connection: Connection, ticket_id: TicketId, *, answer_within: timedelta, reason: str, actor: audit.Actor
) -> int:
    """Open a solved ticket again. Errors: NotFound; Conflict when it is not solved."""
    ticket = await _locked(connection, ticket_id)
    _, seq = await service.change_state(connection, ticket, Event.REOPENED, answer_within, actor=actor, reason=reason)
    return seq


async def _locked(connection: Connection, ticket_id: TicketId) -> Ticket:
    ticket = await store.lock(connection, ticket_id)
    if ticket is None:
        raise service.missing()
    return ticket


def _shown(user_id: UserId | None) -> str | None:
    return None if user_id is None else show("usr", user_id)
