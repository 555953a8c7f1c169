"""A mail server that keeps what it is given and can be told to refuse, to stall or to hang up."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """What a test sees of the server: what arrived, and what it is to say next.

    recipients, data    answers to the next RCPT and DATA commands; "250 OK" when there are none left
    hang_up             closes the connection instead of answering the next DATA commands
    pause               while it is not set, DATA waits
    """

    port: int = 0
    arrived: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    recipients: deque[str] = field(default_factory=deque)
    data: deque[str] = field(default_factory=deque)
    hang_up: int = 0
    secure: list[bool] = field(default_factory=list)
    pause: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.pause.set()

    async def handle_RCPT(  # noqa: N802 - named by the protocol
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipients:
            answer = self.recipients.popleft()
            if not answer.startswith("250"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.waiting.set()
        await self.pause.wait()
        if self.hang_up:
            self.hang_up -= 1
            assert server.transport is not None
            server.transport.close()
            return "421 bye"
        answer = self.data.popleft() if self.data else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            assert envelope.mail_from is not None
            message: Any = BytesParser(policy=default).parsebytes(envelope.content)
            self.arrived.append(message)
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            self.secure.append(session.ssl is not None)
        return answer


@asynccontextmanager
async def mail_server(certificate: "Certificate | None" = None, *, implicit: bool = False) -> AsyncIterator[MailServer]:
    """Run a server on the loopback interface; with a certificate it takes mails only after STARTTLS, or TLS at once."""
    handler = MailServer()
    loop = asyncio.get_running_loop()
    context = None if certificate is None else certificate.context()

    def protocol() -> SMTP:
        starttls = None if implicit else context
        return SMTP(handler, hostname="mail.test", tls_context=starttls, require_starttls=starttls is not None)

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if implicit else None)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        handler.pause.set()
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost that signs itself, in a file with its key and in one without."""

    chain: Path
    trust: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        return context


def make_certificate(folder: Path, name: str = "localhost") -> Certificate:
    """Make a certificate for a name and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trust = folder / f"{name}.pem"
    trust.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    chain = folder / f"{name}-chain.pem"
    chain.write_bytes(
        trust.read_bytes()
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Certificate(chain, trust)
