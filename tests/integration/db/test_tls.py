"""A database server that is reached over TLS."""

import asyncio
import datetime
import ipaddress
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from omna.config import Database
from omna.db.pool import open_connection
from omna.errors import ServiceUnavailable


def certificate() -> tuple[bytes, bytes]:
    """Return a certificate of 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "database")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return made.public_bytes(serialization.Encoding.PEM), secret


async def omna(url: str, home: Path, *tokens: str, **environment: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "omna.cli", *tokens,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={"HOME": str(home), "OMNA_DATA": str(home / "data"), "OMNA_DATABASE_URL": url} | environment,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


@asynccontextmanager
async def tls_before(url: str, chain: Path) -> AsyncIterator[int]:
    """Speak PostgreSQL's TLS on a port, as a server built with it does, and hand on what is inside to a socket."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    socket = f"{parse_qs(urlsplit(url).query)['host'][0]}/.s.PGSQL.5432"

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while piece := await reader.read(1 << 16):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            assert await reader.readexactly(8) == (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"), (
                "no SSLRequest"
            )
            writer.write(b"S")
            await writer.start_tls(context)
            inner_reader, inner_writer = await asyncio.open_unix_connection(socket)
            await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_server_is_known_by_its_certificate(database_url: str, tmp_path: Path) -> None:
    mine, secret = certificate()
    (tmp_path / "chain.pem").write_bytes(mine + secret)
    (tmp_path / "right.pem").write_bytes(mine)
    (tmp_path / "wrong.pem").write_bytes(certificate()[0])
    there = urlsplit(database_url)
    async with tls_before(database_url, tmp_path / "chain.pem") as port:
        place = f"postgresql://{there.username}@127.0.0.1:{port}{there.path}?sslmode=verify-full&sslrootcert={tmp_path}"
        connection = await open_connection(f"{place}/right.pem", Database())
        assert await connection.fetchval("SELECT current_user") == "omna_runtime"
        await connection.close()
        with pytest.raises(ServiceUnavailable):
            await open_connection(f"{place}/wrong.pem", Database())
        # The tools that come along cannot speak TLS, and say what to do instead of failing in riddles.
        code, said = await omna(f"{place}/right.pem", tmp_path, "backup", str(tmp_path / "file"), PATH="/nowhere")
        assert code == 1
        assert "postgresql-client" in said
