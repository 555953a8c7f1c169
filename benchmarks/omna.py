"""Omna as it is measured: its own database with fsync on, every check of admission in use, one gateway worker."""

import asyncio
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.processes import Child, ProcessError, choose_port, run_command, running, wait_for_port
from benchmarks.wire import Target
from omna.db.embedded import EmbeddedServer

START_SECONDS = 60.0
COMMAND_SECONDS = 60.0
INSTANT = "instant"

_KEY = re.compile(r"\bomna_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}\b")
# Limits that are checked and never reached: what is measured is the deciding, not the refusing.
_FUNDS = "10000000"
_RPM = "1000000"


@dataclass(frozen=True, slots=True)
class Installation:
    """A database with workspaces, keys and models; `model(name)` is what clients call the upstream's model `name`."""

    data: Path
    url: str
    postmaster: int
    keys: tuple[str, ...]
    environment: Mapping[str, str]

    def model(self, name: str) -> str:
        return f"bench-{name}"

    def query(self, statement: str) -> list[asyncpg.Record]:
        """Return the rows of one statement in the schema of the application."""
        return asyncio.run(self._query(statement))

    async def _query(self, statement: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url, server_settings={"search_path": "omna"})
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()


@contextmanager
def installed(upstream_port: int, models: Sequence[str], workspaces: int, directory: Path) -> Iterator[Installation]:
    """Start a database in an empty directory and fill it by the commands an operator uses."""
    data = directory / "data"
    with EmbeddedServer(data) as server:
        assert server.process_id is not None
        environment = clean_environment(directory) | {"OMNA_DATA": str(data), "OMNA_DATABASE_URL": server.url()}
        command(environment, "migrate")
        base_url = f"http://127.0.0.1:{upstream_port}/v1"
        command(environment, "provider", "add", "bench", "--kind", "openai", "--base-url", base_url, "--allow-private")
        for name in models:
            prices = ["--prompt-price", "1", "--completion-price", "2", "--context", "100000", "--max-output", "4096"]
            command(
                environment, "model", "add", f"bench-{name}", "--provider", "bench", "--upstream-model", name, *prices
            )
        keys = tuple(_open_workspace(environment, number) for number in range(workspaces))
        yield Installation(data, server.url(), server.process_id, keys, environment)


def _open_workspace(environment: Mapping[str, str], number: int) -> str:
    email = f"bench-{number}@example.com"
    command(environment, "user", "create", email)
    command(environment, "credit", email, _FUNDS, "--reason", "benchmark")
    command(environment, "limit", email, "--daily", _FUNDS)
    limits = ["--rpm", _RPM, "--spend-limit", _FUNDS, "--spend-period", "month"]
    printed = command(environment, "key", "create", "--workspace", email, "--name", "benchmark", *limits)
    return find_key(printed)


def find_key(printed: str) -> str:
    """Return the API key in what a command printed. Errors: ProcessError when there is none."""
    found = _KEY.search(printed)
    if found is None:
        raise ProcessError(f"no API key was printed:\n{printed[-1000:]}")
    return found[0]


@contextmanager
def serving(installation: Installation, directory: Path) -> Iterator[tuple[Child, Target]]:
    """Run `omna serve` with one worker; the target is the instant model through it."""
    port = choose_port()
    arguments = ["serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = dict(installation.environment) | {
        "OMNA_SERVER_METRICS_PORT": "0",
        "OMNA_LOG_LEVEL": "warning",
    }
    with running("omna serve", [program(), *arguments], directory / "serve.log", environment) as child:
        wait_for_port(child, port, START_SECONDS)
        yield child, Target("127.0.0.1", port, installation.model(INSTANT), installation.keys)


def command(environment: Mapping[str, str], *arguments: str) -> str:
    """Run one `omna` command and return what it printed."""
    return run_command(f"omna {arguments[0]}", [program(), *arguments], environment, COMMAND_SECONDS)


def program() -> str:
    """Return the `omna` of this environment."""
    return str(Path(sys.executable).with_name("omna"))


def clean_environment(directory: Path) -> dict[str, str]:
    """Return an environment without the user's provider keys and settings: nothing leaves this machine."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"PATH": path, "HOME": str(directory), "LANG": "C.UTF-8"}
