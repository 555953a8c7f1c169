"""Put mails into the outbox, read them there, and keep account of the attempts to send them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.ids import UserId, new_id
from omna.mail import address, store
from omna.mail.kinds import KINDS, Kind, language_of
from omna.mail.outcome import PATIENCE, Outcome, Verdict, pause_after
from omna.mail.rendering import render
from omna.mail.store import Mail

__all__ = ["Kind", "Mail", "backlog", "claim", "enqueue", "get", "keep_all", "newest", "settle", "standing", "sweep"]

#: Mails of limited kinds to one address in an hour.
HOURLY = 3

#: Longer than any attempt, so that two workers never have the same mail in their hands.
LEASE = timedelta(minutes=5)
#: How long the subjects of mails are remembered.
MEMORY = timedelta(days=90)
#: Characters of a server's answer that are remembered.
_LONGEST_REPLY = 500


async def enqueue(
    connection: Connection,
    kind: Kind | str,
    to: str,
    language: str | None,
    values: Mapping[str, Any],
    *,
    user_id: UserId | None = None,
) -> UUID | None:
    """Write a mail in the caller's transaction; a worker sends it after the commit.

    values      as `kinds.KINDS` says; a token, never a link: links are made from the public address when it is sent
    language    en or zh; anything else is English
    Returns     the id of the mail, or None when the address has had its three of the hour: what was sent before must
                then stay valid, and the answer to the client must not differ
    Errors      ValueError for values that do not fit the kind, InvalidValue for an address that is none
    """
    assert connection.is_in_transaction(), "a mail and what it tells of are one transaction"
    kind, sort = Kind(kind), KINDS[Kind(kind)]
    try:
        recipient = address.normalize(to)
    except ValueError as error:
        raise InvalidValue(str(error), param="email") from None
    if sort.limited:
        kinds = [str(other) for other, its in KINDS.items() if its.limited == sort.limited]
        if await store.recent(connection, recipient, kinds) >= HOURLY:
            return None
        if sort.most is not None and await store.recent(connection, recipient, [str(kind)]) >= sort.most:
            return None
    chosen = language_of(language)
    mail = render(kind, chosen, values)
    mail_id = new_id()
    await store.add(
        connection, mail_id, kind, recipient, user_id, chosen, mail.subject, mail.text, mail.html, sort.lifetime
    )
    return mail_id


async def get(connection: Connection, mail_id: UUID) -> Mail | None:
    """Return a mail of the outbox, or None."""
    return await store.get(connection, mail_id)


async def standing(connection: Connection, mail_ids: Collection[UUID]) -> list[Mail]:
    """Return those of some mails that are still remembered, in no order."""
    return await store.these(connection, mail_ids)


async def newest(connection: Connection, to: str | None = None, limit: int = 20) -> list[Mail]:
    """Return mails of the outbox, newest first; of one address, or all. Errors: InvalidValue."""
    try:
        recipient = None if to is None else address.normalize(to)
    except ValueError as error:
        raise InvalidValue(str(error), param="email") from None
    return await store.newest(connection, recipient, limit)


async def page(
    connection: Connection,
    *,
    state: str | None = None,
    to: str | None = None,
    kind: str | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Mail]:
    """Return mails of the outbox, newest first; `before` continues a page. Errors: InvalidValue."""
    try:
        recipient = None if to is None else address.normalize(to)
    except ValueError as error:
        raise InvalidValue(str(error), param="to") from None
    return await store.page(connection, state, recipient, kind, before, limit)


async def counts(connection: Connection) -> list[tuple[str, int, datetime]]:
    """Return how many mails are in each state, and since when the oldest is."""
    return await store.counts(connection)


async def send_again(connection: Connection, mail_id: UUID) -> None:
    """Have a mail that was given up or kept sent again, as if it were new. Errors: Conflict."""
    if not await store.requeue(connection, mail_id):
        raise Conflict("This mail cannot be sent again: it was sent, it waits, or the link in it has ended.")


async def backlog(connection: Connection) -> tuple[int, int, int]:
    """Return how many mails of a day wait, how many of those for an hour or more, and how many were given up."""
    return await store.backlog(connection)


async def claim(connection: Connection) -> Mail | None:
    """Return a mail that is due, for this worker alone until its lease ends; None when there is none."""
    await store.fail_late(connection)
    return await store.claim(connection, LEASE)


async def settle(connection: Connection, mail: Mail, outcome: Outcome) -> None:
    """Note what became of an attempt: delivered mails lose their text, refused ones are given up, others wait."""
    reply = "".join(character if character.isprintable() else " " for character in outcome.reply)[:_LONGEST_REPLY]
    match outcome.verdict:
        case Verdict.SENT:
            await store.set_sent(connection, mail.mail_id)
        case Verdict.REFUSED:
            await store.set_failed(connection, mail.mail_id, reply)
        case Verdict.LATER | Verdict.UNREACHABLE:
            await store.set_later(connection, mail.mail_id, reply, pause_after(mail.attempts), PATIENCE)


async def keep_all(connection: Connection) -> int:
    """Leave waiting mails to the operator, where there is no mail server; return how many."""
    return await store.keep(connection)


async def sweep(connection: Connection) -> tuple[int, int]:
    """Take away texts whose links have ended and delete what is old; return how many of each."""
    return await store.take_texts(connection), await store.delete_older(connection, MEMORY)
