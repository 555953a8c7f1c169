"""What a command needs: settings, a database that is up to date, a connection, the keyring and who is acting."""

import os
import pwd
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from omna.audit import service as audit
from omna.cli.failures import CommandError
from omna.config import Settings, load
from omna.db.embedded import EmbeddedServer
from omna.db.migrate import migrate, pending
from omna.db.pool import Connection, open_connection
from omna.vault import service as vault
from omna.vault.keyring import Keyring, Purpose


@Parameter(name="*")
@dataclass(frozen=True)
class Options:
    """What every command takes."""

    json: Annotated[bool, Parameter(negative="", help="Print JSON instead of tables.")] = False
    data: Annotated[Path | None, Parameter(help="Data directory; also OMNA_DATA.")] = None


DEFAULTS = Options()


@dataclass(frozen=True)
class Session:
    """One command at work. `connection` has the rights of the application, not of the owner."""

    settings: Settings
    connection: Connection
    keyring: Keyring
    actor: audit.Actor


def settings_of(options: Options) -> Settings:
    """Return the settings in force. Errors: ConfigError."""
    return load(os.environ, options.data)


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """Lend the URL of the database: the configured one, or the embedded server's, started when it does not run.

    Only the embedded server's schema is brought up to date here: on a shared server that is the operator's decision.
    """
    if settings.database.url:
        yield settings.database.url
    else:
        with EmbeddedServer(settings.data) as server:
            yield server.url()


@asynccontextmanager
async def session(options: Options) -> AsyncIterator[Session]:
    """Open everything a command needs and close it again.

    Errors  CommandError when the schema is behind, ServiceUnavailable, ConfigError
    """
    settings = settings_of(options)
    async with database(settings) as url:
        if missing := await pending(url):
            if settings.database.url:
                raise CommandError(f"the schema is behind ({missing[0]} is missing): run `omna migrate`")
            await migrate(url)
        connection = await open_connection(url, settings.database)
        try:
            keyring = await vault.open_keyring(connection, settings)
            yield Session(settings, connection, keyring, command_actor(keyring))
        finally:
            await connection.close()


def command_actor(keyring: Keyring) -> audit.Actor:
    """Return who is typing: the operating system's user, whatever the environment claims."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return audit.Actor(f"cli:{name}", f"cli@{socket.gethostname()}", keyring.derive(Purpose.AUDIT_CHAIN))
