"""Who is told what, and when: time passes by moving rows."""

from typing import Any

import asyncpg
import msgspec

from omna.accounts import service as accounts
from omna.accounts.alerting import audience
from omna.accounts.service import StaffRole
from omna.alerts import service as alerts
from omna.alerts import settings, telling
from omna.alerts.telling import Recipient
from omna.audit.service import Actor
from omna.ids import AlertId
from omna.mail import service as mail
from omna.vault.keyring import Keyring

SITE = "https://omna.example.com/"
ANN, WANG = Recipient("ann@example.com", "en", None), Recipient("wang@example.com", "zh", None)


async def up(connection: asyncpg.Connection, subject: str = "openai", severity: Any = "warning") -> AlertId:
    async with connection.transaction():
        return await alerts.raise_alert(
            connection, "test.cap", subject, severity=severity, facts={"percent": 80}, message=f"{subject} at 80 %"
        )


async def tell(connection: asyncpg.Connection, *people: Recipient) -> int:
    async with connection.transaction():
        return await telling.tell(connection, people or (ANN,), SITE)


async def hours(connection: asyncpg.Connection, count: float) -> None:
    """Let time pass for alerts and notices."""
    await connection.execute(
        "UPDATE alerts SET next_notice_at = next_notice_at - $1 * interval '1 hour',"
        " last_notice_at = last_notice_at - $1 * interval '1 hour'",
        count,
    )
    await connection.execute("UPDATE alert_notices SET at = at - $1 * interval '1 hour'", count)


async def reasons(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch("SELECT reason FROM alert_notices ORDER BY notice_id")
    return [row["reason"] for row in rows]


async def subjects(connection: asyncpg.Connection) -> list[str]:
    return [one.subject for one in reversed(await mail.newest(connection, limit=100))]


async def test_an_alert_is_told_when_it_opens_then_less_and_less_often_and_when_it_ends(
    connection: asyncpg.Connection,
) -> None:
    await up(connection)
    assert await tell(connection, ANN, WANG) == 1
    assert await tell(connection) == 0
    for _ in range(5):
        await up(connection)
    assert await tell(connection) == 0
    for hour in (1, 6, 24, 24):
        await hours(connection, hour - 0.1)
        assert await tell(connection) == 0
        await hours(connection, 0.1)
        assert await tell(connection) == 1
    async with connection.transaction():
        await alerts.resolve(connection, "test.cap", "openai")
    assert await tell(connection) == 1
    await hours(connection, 100)
    assert await tell(connection) == 0
    assert await reasons(connection) == ["opened", *["reminder"] * 4, "resolved"]
    texts = await subjects(connection)
    assert texts[:3] == ["Warning: openai at 80 %", "警告：openai at 80 %", "Still open: openai at 80 %"]
    assert texts[-1] == "Over: openai at 80 %"


async def test_nobody_is_reminded_of_what_somebody_acknowledged(connection: asyncpg.Connection) -> None:
    alert_id = await up(connection)
    await tell(connection)
    async with connection.transaction():
        before, after = await alerts.acknowledge(connection, alert_id, "usr_1")
    assert (before.state, after.state) == ("open", "acknowledged")
    await hours(connection, 100)
    assert await tell(connection) == 0
    async with connection.transaction():
        await alerts.resolve(connection, "test.cap", "openai")
    assert await tell(connection) == 1


async def test_many_at_once_are_one_digest(connection: asyncpg.Connection) -> None:
    for number in range(30):
        await up(connection, f"provider-{number:02}", "critical" if number == 7 else "warning")
    assert await tell(connection) == 30
    assert await reasons(connection) == ["digest"]
    [sent] = await mail.newest(connection)
    assert sent.subject == "30 alerts at once, 30 of them open, 1 critical"
    assert sent.text is not None
    assert "> Critical: provider-07 at 80 %" in sent.text
    assert "And 10 more." in sent.text
    await up(connection, "another")
    assert await tell(connection) == 0, "held until the window has passed"
    await hours(connection, 0.2)
    assert await tell(connection) == 1
    assert await reasons(connection) == ["digest", "opened"]


async def test_notes_are_seen_in_the_console_alone(connection: asyncpg.Connection) -> None:
    await up(connection, severity="info")
    assert await tell(connection) == 0
    async with connection.transaction():
        await settings.set_recipients(connection, None, "info")
    await up(connection, "other", severity="info")
    assert await tell(connection) == 1


async def test_mails_go_to_owners_unless_others_are_named(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        owner = await accounts.create_user(
            connection, "owner@example.com", actor=actor, name="O", staff_role=StaffRole.OWNER
        )
        await accounts.create_user(connection, "fin@example.com", actor=actor, name="F", staff_role=StaffRole.FINANCE)
    assert [(one.email, one.user_id) for one in await audience(connection)] == [("owner@example.com", owner.user_id)]
    async with connection.transaction():
        await settings.set_recipients(connection, ["On-Call@Example.com", "fin@example.com"], "warning")
    assert [one.email for one in await audience(connection)] == ["on-call@example.com", "fin@example.com"]


async def test_a_delivery_says_what_the_page_says(connection: asyncpg.Connection, keyring: Keyring) -> None:
    async with connection.transaction():
        await settings.set_webhook(connection, "https://hooks.example.com/x", allowed=False, keyring=keyring)
    alert_id = await up(connection)
    await tell(connection)
    body = msgspec.json.decode(await connection.fetchval("SELECT body FROM alert_deliveries"))
    assert body["type"] == "alert.opened"
    data = body["data"]
    assert data["url"] == f"https://omna.example.com/console/alerts/alr_{alert_id.hex}"
    assert (data["kind"], data["facts"], data["state"]) == ("test.cap", {"percent": 80}, "open")


async def test_old_rows_go(connection: asyncpg.Connection) -> None:
    await up(connection)
    await tell(connection)
    async with connection.transaction():
        await alerts.resolve(connection, "test.cap", "openai")
        assert await telling.sweep(connection) == 0
        await connection.execute("UPDATE alerts SET resolved_at = now() - interval '401 days'")
        await connection.execute("UPDATE alert_notices SET at = now() - interval '91 days'")
        assert await telling.sweep(connection) == 2
