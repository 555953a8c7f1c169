"""One conversation with a mail server, and what its answers mean for a mail."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from ipaddress import ip_address
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from omna.config import ConfigError
from omna.config import Mail as MailSettings
from omna.ids import show
from omna.mail import address
from omna.mail.outcome import Outcome, Verdict
from omna.mail.rendering import Site, complete
from omna.mail.store import Mail

#: Seconds one answer of the server may take, and one whole mail.
ANSWER_TIMEOUT, MAIL_TIMEOUT = 20.0, 60.0


class Encryption(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails go. `ca_file`: certificates to trust beside those of the system."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = ""
    ca_file: str | None = None


def server_of(settings: MailSettings) -> SmtpServer | None:
    """Return the configured mail server, or None. Errors: ConfigError, never with the password in it."""
    if not settings.smtp_url:
        return None
    try:
        parts = urlsplit(settings.smtp_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or parts.query:
        raise ConfigError("mail.smtp_url: expected smtp://user:password@host:587 or smtps://user:password@host:465")
    if parts.scheme == "smtps":
        encryption = Encryption.TLS
    else:
        encryption = Encryption.NONE if _is_this_machine(host) else Encryption.STARTTLS
    return SmtpServer(
        host=host,
        port=port or (465 if encryption is Encryption.TLS else 25 if encryption is Encryption.NONE else 587),
        encryption=encryption,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def sender_of(settings: MailSettings) -> Address:
    """Return the From address. Errors: ConfigError."""
    name, written = parseaddr(settings.sender)
    try:
        return Address(display_name=name, addr_spec=address.normalize(written))
    except ValueError as error:
        raise ConfigError(f"mail.sender: {settings.sender!r} is no mail address: {error}") from None


def message_of(mail: Mail, sender: Address, site: Site) -> EmailMessage:
    """Return what is sent. Every attempt at a mail has the same Message-ID, so that a double one can be told."""
    assert mail.text is not None, "a mail without its text is not sent"
    assert mail.html is not None, "a mail without its page is not sent"
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at.astimezone(UTC))
    host = urlsplit(site.public_url).hostname or "localhost"
    message["Message-ID"] = f"<{show('mail', mail.mail_id)}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(complete(mail.text, site, html=False), cte="quoted-printable")
    message.add_alternative(complete(mail.html, site, html=True), subtype="html", cte="quoted-printable")
    # Setting the content takes away every header about it that was there before.
    message["Content-Language"] = mail.language
    return message


class Courier:
    """Sends mails over one connection, opened for the first of them.

    async with Courier(server) as courier:
        outcome = await courier.send(message)
    """

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._client is not None and self._client.is_connected:
            try:
                await self._client.quit(timeout=ANSWER_TIMEOUT)
            except (aiosmtplib.SMTPException, OSError):
                self._client.close()

    async def send(self, message: EmailMessage) -> Outcome:
        """Try once. The server's word is the outcome; nothing is raised for what a server or a network does."""
        try:
            async with asyncio.timeout(MAIL_TIMEOUT):
                client = await self._connected()
                try:
                    await client.send_message(message)
                except aiosmtplib.SMTPRecipientsRefused as error:
                    return _refusal(error.recipients[0])
                except aiosmtplib.SMTPDataError as error:
                    return _refusal(error)
                return Outcome(Verdict.SENT)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            # Connecting, signing in and naming the sender say nothing about this mail.
            if self._client is not None:
                self._client.close()
                self._client = None
            return Outcome(Verdict.UNREACHABLE, f"{type(error).__name__}: {error}")

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            timeout=ANSWER_TIMEOUT,
            use_tls=server.encryption is Encryption.TLS,
            # Never "if the server offers it": whoever sits between could take the offer away.
            start_tls=server.encryption is Encryption.STARTTLS,
            tls_context=None if server.encryption is Encryption.NONE else _trust(server),
        )
        await self._client.connect()
        return self._client


def _trust(server: SmtpServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.ca_file is not None:
        context.load_verify_locations(server.ca_file)
    return context


def _refusal(answer: aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError) -> Outcome:
    reply = f"{answer.code} {answer.message}"
    return Outcome(Verdict.REFUSED if answer.code >= 500 else Verdict.LATER, reply)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
