"""The jobs of the outbox, with a mail server that refuses, stalls and hangs up."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from omna import config
from omna.config import Settings
from omna.db.pool import transaction
from omna.mail import service as mail
from omna.mail.service import Kind, Mail
from omna.worker.mail import send_mails, sweep_outbox
from tests.harness.smtp import MailServer, mail_server
from tests.unit.mail.made import values


def job(server: MailServer | None) -> Callable[[asyncpg.Pool], Awaitable[None]]:
    url = "" if server is None else f"smtp://127.0.0.1:{server.port}"
    return send_mails(Settings(data=Path("/"), mail=config.Mail(smtp_url=url)))


async def enqueue(pool: asyncpg.Pool, kind: Kind = Kind.RESET_PASSWORD, to: str = "ann@example.com") -> None:
    async with transaction(pool) as connection:
        await mail.enqueue(connection, kind, to, "en", values(kind))


async def outbox(pool: asyncpg.Pool) -> list[Mail]:
    async with pool.acquire() as connection:
        return await mail.newest(connection)


async def make_due(pool: asyncpg.Pool) -> None:
    await pool.execute("UPDATE mail_outbox SET due_at = now()")


async def test_a_sent_mail_loses_its_text_and_is_sent_once(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    async with mail_server() as server:
        await job(server)(pool)
        await job(server)(pool)
    assert len(server.arrived) == 1
    [row] = await outbox(pool)
    assert (row.state, row.text, row.html, row.attempts) == ("sent", None, None, 1)
    assert row.sent_at is not None
    assert row.subject


async def test_a_mail_that_was_not_committed_is_not_sent(pool: asyncpg.Pool) -> None:
    async with mail_server() as server, pool.acquire() as connection:
        open_one = connection.transaction()
        await open_one.start()
        await mail.enqueue(connection, Kind.RESET_UNKNOWN, "ann@example.com", "en", {})
        await job(server)(pool)
        await open_one.rollback()
        await job(server)(pool)
    assert server.arrived == []


async def test_a_busy_server_is_asked_again_with_the_same_message_id(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    async with mail_server() as server:
        server.data.append("451 later")
        await job(server)(pool)
        [row] = await outbox(pool)
        assert (row.state, row.attempts, row.last_error) == ("queued", 1, "451 later")
        assert timedelta(seconds=25) < row.due_at - row.created_at < timedelta(seconds=60)
        await job(server)(pool)
        assert server.arrived == []
        await make_due(pool)
        await job(server)(pool)
    [row] = await outbox(pool)
    assert (row.state, row.attempts, row.last_error) == ("sent", 2, None)
    assert server.arrived[0]["Message-ID"] == f"<mail_{row.mail_id.hex}@localhost>"


async def test_a_refused_mail_is_given_up_at_once(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    await enqueue(pool, Kind.PASSWORD_CHANGED)
    async with mail_server() as server:
        server.recipients.append("550 no such user")
        await job(server)(pool)
    second, first = await outbox(pool)
    assert (first.state, first.last_error, first.attempts) == ("failed", "550 no such user", 1)
    assert second.state == "sent"


async def test_a_dropped_connection_costs_nothing_but_time(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    async with mail_server() as server:
        server.hang_up = 1
        await job(server)(pool)
        assert [row.state for row in await outbox(pool)] == ["queued"]
        await make_due(pool)
        await job(server)(pool)
    assert len(server.arrived) == 1


async def test_a_server_that_is_away_is_asked_once_a_turn(pool: asyncpg.Pool) -> None:
    for _ in range(3):
        await enqueue(pool)
    async with mail_server() as server:
        port = server.port
    await job(MailServer(port=port))(pool)
    assert sorted(row.attempts for row in await outbox(pool)) == [0, 0, 1]


async def test_trying_ends_with_the_link_or_after_a_day(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    await enqueue(pool, Kind.INVITATION)
    async with mail_server() as server:
        # 8 minutes and 32 minutes are the next pauses: too late for a link of half an hour.
        await pool.execute("UPDATE mail_outbox SET attempts = 3 WHERE kind = 'reset_password'")
        await pool.execute(
            "UPDATE mail_outbox SET attempts = 8, created_at = created_at - interval '19 hours' WHERE kind = 'invitation'"
        )
        server.data.extend(["451 later", "451 later"])
        await job(server)(pool)
        assert {row.kind: row.state for row in await outbox(pool)} == {
            "reset_password": "failed",
            "invitation": "failed",
        }
        await enqueue(pool, Kind.NEW_DEVICE)
        await pool.execute("UPDATE mail_outbox SET expires_at = now() - interval '1 s' WHERE kind = 'new_device'")
        await job(server)(pool)
    assert server.arrived == []
    assert all(row.state == "failed" for row in await outbox(pool))


async def test_two_workers_never_send_the_same_mail(pool: asyncpg.Pool) -> None:
    for number in range(8):
        await enqueue(pool, Kind.PASSWORD_CHANGED, f"person{number}@example.com")
    async with mail_server() as server:
        server.pause.clear()
        workers = [asyncio.ensure_future(job(server)(pool)) for _ in range(2)]
        await server.waiting.wait()
        server.pause.set()
        await asyncio.gather(*workers)
    assert sorted(arrived["To"] for arrived in server.arrived) == [f"person{n}@example.com" for n in range(8)]
    assert {row.attempts for row in await outbox(pool)} == {1}


async def test_a_mail_in_the_hands_of_a_dead_worker_is_sent_by_another(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    async with mail_server() as server:
        server.pause.clear()
        dying = asyncio.ensure_future(job(server)(pool))
        await server.waiting.wait()
        dying.cancel()
        await asyncio.wait([dying])
        server.pause.set()
        await job(server)(pool)
        assert len(server.arrived) <= 1  # the dead worker's own attempt may have arrived
        await make_due(pool)
        await job(server)(pool)
    assert {arrived["Message-ID"] for arrived in server.arrived} == {server.arrived[-1]["Message-ID"]}
    assert [row.state for row in await outbox(pool)] == ["sent"]


async def test_without_a_mail_server_mails_are_kept_and_can_be_read(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    await job(None)(pool)
    [row] = await outbox(pool)
    assert row.state == "kept"
    assert row.text is not None
    async with mail_server() as server:
        await job(server)(pool)
    assert server.arrived == [], "what was handed out by the operator is not sent later"


async def test_the_sweep_takes_links_that_have_ended(pool: asyncpg.Pool) -> None:
    await enqueue(pool)
    await enqueue(pool, Kind.INVITATION)
    await job(None)(pool)
    await sweep_outbox(pool)
    assert all(row.text for row in await outbox(pool))
    await pool.execute("UPDATE mail_outbox SET expires_at = now() WHERE kind = 'reset_password'")
    await sweep_outbox(pool)
    assert {row.kind: row.text is not None for row in await outbox(pool)} == {
        "reset_password": False,
        "invitation": True,
    }
    await pool.execute("UPDATE mail_outbox SET created_at = now() - interval '91 days'")
    await sweep_outbox(pool)
    assert await outbox(pool) == []


@pytest.mark.parametrize("mail_settings", [config.Mail(smtp_url="http://x"), config.Mail(sender="nobody")])
def test_a_setting_that_cannot_work_stops_the_worker_at_its_start(mail_settings: config.Mail) -> None:
    with pytest.raises(config.ConfigError):
        send_mails(Settings(data=Path("/"), mail=mail_settings))
