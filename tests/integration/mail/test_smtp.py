"""A real conversation with a mail server, in the clear and encrypted."""

from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest

from omna import config
from omna.config import ConfigError
from omna.ids import new_id
from omna.mail.kinds import Kind
from omna.mail.outcome import Verdict
from omna.mail.rendering import Site, render
from omna.mail.smtp import Courier, Encryption, SmtpServer, message_of, sender_of, server_of
from omna.mail.store import Mail
from tests.harness.smtp import mail_server, make_certificate
from tests.unit.mail.made import values

SITE = Site("https://omna.example", "", "")
SENDER = Address("Ömna", "omna", "omna.example")


def mail(kind: Kind = Kind.INVITATION, language: str = "zh") -> Mail:
    rendered = render(kind, "zh" if language == "zh" else "en", values(kind, name="Ünï"))
    moment = datetime(2026, 11, 26, 5, 20, tzinfo=UTC)
    return Mail(
        new_id(), kind, "ann@example.com", None, language, rendered.subject, rendered.text, rendered.html,
        "queued", moment, moment, 1, moment, None, None,
    )  # fmt: skip


def message() -> EmailMessage:
    return message_of(mail(), SENDER, SITE)


async def test_a_mail_arrives_whole() -> None:
    sent = mail()
    async with mail_server() as server, Courier(plain(server.port)) as courier:
        outcome = await courier.send(message_of(sent, SENDER, SITE))
    assert outcome.verdict is Verdict.SENT
    [arrived] = server.arrived
    assert arrived["Subject"] == sent.subject
    assert arrived["From"] == "Ömna <omna@omna.example>"
    assert arrived["To"] == "ann@example.com"
    assert arrived["Message-ID"] == f"<mail_{sent.mail_id.hex}@omna.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    text, page = (part.get_content() for part in arrived.iter_parts())
    assert "https://omna.example/invite/Tok3n-" in text
    assert 'href="https://omna.example/invite/Tok3n-' in page
    assert "邀请" in text
    assert server.envelopes == [("omna@omna.example", ["ann@example.com"])]


async def test_one_connection_carries_many_mails_even_after_a_refusal() -> None:
    async with mail_server() as server, Courier(plain(server.port)) as courier:
        server.recipients.extend(["250 OK", "550 no such user", "250 OK"])
        verdicts = [(await courier.send(message())).verdict for _ in range(3)]
    assert verdicts == [Verdict.SENT, Verdict.REFUSED, Verdict.SENT]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"recipients": "450 mailbox busy"}, Verdict.LATER),
        ({"recipients": "550 no such user"}, Verdict.REFUSED),
        ({"data": "451 try again"}, Verdict.LATER),
        ({"data": "554 looks like spam"}, Verdict.REFUSED),
    ],
)
async def test_the_servers_word_decides(answers: dict[str, str], verdict: Verdict) -> None:
    async with mail_server() as server, Courier(plain(server.port)) as courier:
        for command, answer in answers.items():
            getattr(server, command).append(answer)
        outcome = await courier.send(message())
    assert outcome.verdict is verdict
    assert outcome.reply == next(iter(answers.values()))


async def test_a_lost_connection_is_opened_again() -> None:
    async with mail_server() as server, Courier(plain(server.port)) as courier:
        server.hang_up = 1
        assert (await courier.send(message())).verdict is Verdict.UNREACHABLE
        assert (await courier.send(message())).verdict is Verdict.SENT


async def test_a_server_that_is_away_is_no_error_of_the_mail() -> None:
    async with Courier(plain(1)) as courier:
        assert (await courier.send(message())).verdict is Verdict.UNREACHABLE


async def test_starttls_encrypts_and_is_required(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    async with mail_server(certificate) as server:
        wanted = SmtpServer("localhost", server.port, Encryption.STARTTLS, ca_file=str(certificate.trust))
        async with Courier(wanted) as courier:
            assert (await courier.send(message())).verdict is Verdict.SENT
        assert server.secure == [True]
        async with Courier(plain(server.port)) as courier:
            assert (await courier.send(message())).verdict is Verdict.UNREACHABLE
    async with mail_server() as naked, Courier(replace(wanted, port=naked.port)) as courier:
        # Somebody between us and the server has taken the offer away: nothing is sent in the clear.
        assert (await courier.send(message())).verdict is Verdict.UNREACHABLE
        assert naked.arrived == []


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    async with mail_server(certificate, implicit=True) as server:
        wanted = SmtpServer("localhost", server.port, Encryption.TLS, ca_file=str(certificate.trust))
        async with Courier(wanted) as courier:
            assert (await courier.send(message())).verdict is Verdict.SENT


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_certificate_nobody_trusts_or_of_another_name_is_refused(tmp_path: Path, implicit: bool) -> None:
    encryption = Encryption.TLS if implicit else Encryption.STARTTLS
    strange, other = make_certificate(tmp_path), make_certificate(tmp_path, "elsewhere.example")
    async with mail_server(strange, implicit=implicit) as server:
        async with Courier(SmtpServer("localhost", server.port, encryption)) as courier:
            assert (await courier.send(message())).verdict is Verdict.UNREACHABLE
        assert server.arrived == []
    async with mail_server(other, implicit=implicit) as server:
        async with Courier(SmtpServer("localhost", server.port, encryption, ca_file=str(other.trust))) as courier:
            assert (await courier.send(message())).verdict is Verdict.UNREACHABLE
        assert server.arrived == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, Encryption.STARTTLS)),
        ("smtp://u%40x:p%2Fw@mail.example:2525", SmtpServer("mail.example", 2525, Encryption.STARTTLS, "u@x", "p/w")),
        ("smtps://mail.example/", SmtpServer("mail.example", 465, Encryption.TLS)),
        ("smtp://localhost", SmtpServer("localhost", 25, Encryption.NONE)),
        ("smtp://[::1]:1025", SmtpServer("::1", 1025, Encryption.NONE)),
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, Encryption.NONE)),
        ("", None),
    ],
)
def test_the_url_says_how_to_get_there(url: str, server: SmtpServer | None) -> None:
    assert server_of(config.Mail(smtp_url=url)) == server


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://u:secret@h:x", "smtp://h?tls=no"]
)
def test_what_is_no_mail_server_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"mail\.smtp_url") as refusal:
        server_of(config.Mail(smtp_url=url))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("sender", ["", "Omna", "Omna <omna>\r\nBcc: x@y", "a b@c"])
def test_a_sender_that_is_none_is_said_at_the_start(sender: str) -> None:
    with pytest.raises(ConfigError, match=r"mail\.sender"):
        sender_of(config.Mail(sender=sender))


def plain(port: int) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, Encryption.NONE)
