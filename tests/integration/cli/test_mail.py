"""`omna mail …`: what an operator without a mail server does."""

import json
from pathlib import Path

import asyncpg
import pytest

from omna.mail import service as mail
from omna.mail.service import Kind
from tests.integration.cli.test_commands import Shell
from tests.unit.mail.made import values


@pytest.fixture
def omna(database_url: str, tmp_path: Path) -> Shell:
    return Shell(database_url, tmp_path)


async def test_an_operator_hands_out_the_link(omna: Shell, connection: asyncpg.Connection) -> None:
    empty = await omna("mail", "show", "--last")
    assert (empty.code, empty.error) == (1, "omna: there is no mail yet\n")
    async with connection.transaction():
        for address in ("ann@example.com", "bob@example.com"):
            await mail.enqueue(connection, Kind.VERIFY_EMAIL, address, "en", values(Kind.VERIFY_EMAIL))
    public = {"OMNA_SERVER_PUBLIC_URL": "https://omna.example"}
    rows = (await omna("mail", "list", "--json")).json
    assert {(row["to"], row["state"]) for row in rows} == {("ann@example.com", "queued"), ("bob@example.com", "queued")}
    assert "text" not in rows[0]
    shown = await omna("mail", "show", "--last", "--to", "Ann@Example.com", **public)
    assert "https://omna.example/verify-email?token=Tok3n-" in shown.output
    [ann] = (await omna("mail", "list", "--to", "ann@example.com", "--json")).json
    whole = (await omna("mail", "show", ann["mail"], "--json", **public)).json
    assert whole["to"] == "ann@example.com"
    assert "https://omna.example/verify-email" in whole["html"]
    # A link may open an account: reading it is on record.
    assert await connection.fetchval("SELECT count(*) FROM audit_log WHERE action = 'mail.read'") == 2
    assert (await omna("audit", "verify")).code == 0


@pytest.mark.parametrize(
    "words", [(), ("mail_1", "--last"), ("x",), ("--to", "ann@example.com"), ("mail_" + "0" * 32,)]
)
async def test_what_cannot_be_meant_is_one_line(omna: Shell, words: tuple[str, ...]) -> None:
    result = await omna("mail", "show", *words)
    assert result.code == 1
    assert result.error.count("\n") == 1


async def test_the_doctor_sees_mails_that_do_not_leave(omna: Shell, connection: asyncpg.Connection) -> None:
    async def check(**settings: str) -> tuple[bool, str]:
        result = await omna("doctor", "--json", **settings)
        [found] = [one for one in json.loads(result.output)["checks"] if one["name"] in ("mail", "installation")]
        return found["ok"], found["detail"]

    assert await check() == (True, "no mail server: mails are kept, `omna mail list` shows them")
    async with connection.transaction():
        await mail.enqueue(connection, Kind.VERIFY_EMAIL, "ann@example.com", "en", values(Kind.VERIFY_EMAIL))
    server = {"OMNA_MAIL_SMTP_URL": "smtp://localhost:1"}
    assert (await check(**server))[0]
    await connection.execute("UPDATE mail_outbox SET created_at = now() - interval '2 hours'")
    ok, detail = await check(**server)
    assert not ok
    assert detail.startswith("1 waiting, 1 of them")
    ok, detail = await check(OMNA_MAIL_SMTP_URL="mail.example")
    assert not ok
    assert "mail.smtp_url" in detail
