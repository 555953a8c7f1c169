"""The outbox: what is written with the transaction, and what is not written."""

import asyncpg
import pytest

from omna.errors import InvalidValue
from omna.mail import service as mail
from omna.mail.service import Kind
from tests.unit.mail.made import values


async def enqueue(connection: asyncpg.Connection, kind: Kind, to: str = "Ann@Example.com") -> object:
    async with connection.transaction():
        return await mail.enqueue(connection, kind, to, "en", values(kind))


async def test_a_mail_waits_in_the_outbox(connection: asyncpg.Connection) -> None:
    await enqueue(connection, Kind.VERIFY_EMAIL)
    [row] = await mail.newest(connection, "ann@example.com")
    assert (row.kind, row.recipient, row.state, row.attempts) == ("verify_email", "ann@example.com", "queued", 0)
    assert row.text is not None
    assert "/verify-email?token=Tok3n-" in row.text
    assert (row.expires_at - row.created_at).total_seconds() == 24 * 3600


async def test_a_mail_goes_with_the_transaction_that_it_tells_of(connection: asyncpg.Connection) -> None:
    transaction = connection.transaction()
    await transaction.start()
    await mail.enqueue(connection, Kind.RESET_UNKNOWN, "ann@example.com", "zh", {})
    await transaction.rollback()
    assert await mail.newest(connection) == []


async def test_three_account_mails_an_hour_for_an_address(connection: asyncpg.Connection) -> None:
    kinds = (Kind.VERIFY_EMAIL, Kind.RESET_PASSWORD, Kind.ALREADY_REGISTERED, Kind.VERIFY_EMAIL)
    sent = [await enqueue(connection, kind) for kind in kinds]
    assert [mail_id is not None for mail_id in sent] == [True, True, True, False]
    # Invitations are others' doing: they must not keep somebody from a new password, nor the other way round.
    assert await enqueue(connection, Kind.INVITATION) is not None
    assert await enqueue(connection, Kind.VERIFY_EMAIL, "bob@example.com") is not None
    await connection.execute("UPDATE mail_outbox SET created_at = created_at - interval '61 minutes'")
    assert await enqueue(connection, Kind.VERIFY_EMAIL) is not None


async def test_strangers_who_sign_up_with_an_address_leave_room_for_a_new_password(
    connection: asyncpg.Connection,
) -> None:
    sent = [await enqueue(connection, Kind.ALREADY_REGISTERED) for _ in range(3)]
    assert [mail_id is not None for mail_id in sent] == [True, False, False]
    assert await enqueue(connection, Kind.RESET_PASSWORD) is not None
    assert await enqueue(connection, Kind.RESET_PASSWORD) is not None
    assert await enqueue(connection, Kind.RESET_PASSWORD) is None


async def test_warnings_are_never_dropped(connection: asyncpg.Connection) -> None:
    for _ in range(10):
        assert await enqueue(connection, Kind.PASSWORD_CHANGED) is not None
    assert await enqueue(connection, Kind.RESET_PASSWORD) is not None


@pytest.mark.parametrize("to", ["ann", "ann@example.com\r\nBcc: all@example.com", "a@b@c", ""])
async def test_what_is_no_address_gets_nothing(connection: asyncpg.Connection, to: str) -> None:
    with pytest.raises(InvalidValue):
        await enqueue(connection, Kind.RESET_UNKNOWN, to)
