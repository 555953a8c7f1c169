"""`omna up`, the story: database, schema, model, catalogue, jobs, gateway; kept running until asked to stop."""

import asyncio
import fcntl
import http.client
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from omna.config import ConfigError, Server, Settings, is_set
from omna.db.embedded import DatabaseError, EmbeddedServer
from omna.db.migrate import MigrationError, migrate
from omna.documents import legal
from omna.errors import OmnaError
from omna.gateway.tracing import check as check_tracing
from omna.http.cookies import is_loopback
from omna.launcher import facts, ports
from omna.launcher.children import Child, StartError
from omna.launcher.facts import LocalEndpoint
from omna.launcher.reload import SourceWatch
from omna.launcher.screen import Screen
from omna.launcher.seed import seed
from omna.launcher.signals import Signals, Stop
from omna.launcher.supervisor import Part, Supervisor
from omna.payments.checkout.registry import check as check_payments
from omna.providers.local import LocalModel, LocalModelError

#: Longer than the gateway needs to cut what did not end in time and to settle it.
DRAIN_MARGIN_SECONDS = 20.0
#: What a person who signs up on a demo installation can begin with.
DEMO_STARTER_CREDITS = "5"


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line, settings aside.

    local_model  run the bundled model
    demo         give an empty installation its owner, Credits and key
    reload       start the gateway again when a source file changes
    """

    local_model: bool = True
    demo: bool = True
    reload: bool = False


def up(settings: Settings, options: Options, environment: Mapping[str, str]) -> int:
    """Run everything until SIGINT, SIGTERM or SIGHUP and return the exit code: 0, or 1 when a part did not start."""
    screen = Screen()
    try:
        with _one_at_a_time(settings.data), Signals() as signals:
            settings = _with_ports(settings, screen)
            return _run(settings, options, environment, signals, screen)
    except (StartError, DatabaseError, MigrationError, ConfigError, OmnaError) as error:
        screen.fail(str(error))
        return 1


def _run(settings: Settings, options: Options, environment: Mapping[str, str], signals: Signals, screen: Screen) -> int:
    parts: list[Part] = []
    signals.starting = True
    try:
        _start(parts, settings, options, environment, signals, screen)
        signals.starting = False
        Supervisor(parts, signals, screen.say, tick=_reloader(parts, screen) if options.reload else _nothing).run()
    except Stop:
        pass
    finally:
        signals.starting = False
        for part in reversed(parts):
            screen.say(f"stopping {part.name}")
            part.runnable.stop()
    screen.say("stopped")
    return 0


def _start(
    parts: list[Part],
    settings: Settings,
    options: Options,
    environment: Mapping[str, str],
    signals: Signals,
    screen: Screen,
) -> None:
    check_payments(settings)
    check_tracing(settings.tracing)
    legal.documents(settings.legal)
    with _step("database", signals, screen):
        url = settings.database.url or _start_database(parts, settings)
        applied = asyncio.run(migrate(url))
    if applied:
        screen.say(f"schema brought up to date: {len(applied)} files")
    model = _start_model(parts, settings, signals, screen) if options.local_model else None
    with _step("catalogue", signals, screen) as words:
        seeded = asyncio.run(seed(url, settings, environment, model, demo=options.demo))
        words.extend(seeded.added)
    if seeded.facts is not None:
        settings = with_starter_credits(settings, environment)
    given = _child_environment(settings, url, environment)
    worker = Child(
        "jobs",
        _omna("worker"),
        given,
        signals,
        log=_log(settings, "worker"),
        patience=settings.server.drain_seconds + 10,
    )
    gateway = Child(
        "gateway",
        _omna("serve"),
        given,
        signals,
        log=_log(settings, "gateway"),
        patience=settings.server.drain_notice_seconds + settings.server.drain_seconds + DRAIN_MARGIN_SECONDS,
        ready=lambda: is_ready(settings.server),
    )
    for child in (worker, gateway):
        with _step(child.name, signals, screen):
            # Known before it runs: a stop in the middle of its start must find it.
            parts.append(Part(child.name, child))
            child.start()
    if not seeded.key_works:
        screen.say("the first API key no longer works; make another: omna key create --workspace … --name …")
    signals.check()
    kept_in = settings.data / facts.FIRST_RUN
    screen.welcome(
        settings.server.public_url,
        seeded.facts,
        first=seeded.first,
        kept_in=str(kept_in),
        mail=bool(settings.mail.smtp_url),
    )


@contextmanager
def _step(name: str, signals: Signals, screen: Screen) -> Iterator[list[str]]:
    """A step of the start, unless somebody asked to stop before it."""
    signals.check()
    with screen.step(name) as words:
        yield words


class _Database:
    """The embedded server as a part: always our own, so that it lives as long as we do."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server

    def start(self) -> None:
        self._server.start(own=True)

    def exited(self) -> bool:
        return self._server.exited()

    def stop(self) -> None:
        self._server.stop()


def _start_database(parts: list[Part], settings: Settings) -> str:
    server = EmbeddedServer(settings.data)
    database = _Database(server)
    parts.append(Part("database", database))
    database.start()
    return server.url()


def _start_model(parts: list[Part], settings: Settings, signals: Signals, screen: Screen) -> LocalModel | None:
    """Start the bundled model where it was before, or elsewhere when that port is taken; do without when it fails."""
    path = settings.data / facts.LOCAL_MODEL
    known = facts.read(path, LocalEndpoint)
    log = settings.data / "local-model.log"
    try:
        with _step("local model", signals, screen):
            model = LocalModel(log, port=known.port if known else 0, key=known.key if known else "")
            if known is not None and ports.holder_of("127.0.0.1", known.port) is not None:
                model = LocalModel(log, key=known.key)
            parts.append(Part("local model", model))
            model.start()
    except LocalModelError as error:
        parts.pop()
        screen.say(f"{error}; going on without it")
        return None
    now = LocalEndpoint(model.port, model.key)
    if now != known:
        facts.write(path, now)
    return model


def is_ready(server: Server) -> bool:
    """Return whether the gateway answers its readiness check with 200."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(host, server.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _with_ports(settings: Settings, screen: Screen) -> Settings:
    """Return the settings with ports that can be listened on and the address that people will use.

    Errors  StartError when the gateway's port is taken, before anything was started
    """
    server = settings.server
    try:
        holder = ports.holder_of(server.host, server.port)
        if holder is not None:
            raise StartError(
                f"port {server.port} is taken by {holder}."
                f" Stop it, or choose another port: omna up --port {server.port + 1}"
            )
        metrics_holder = ports.holder_of(server.metrics_host, server.metrics_port)
    except OSError as error:
        raise StartError(f"cannot listen on {server.host}: {error.strerror}") from error
    if metrics_holder is not None:
        screen.say(f"metrics are off: port {server.metrics_port} is taken by {metrics_holder}")
        server = replace(server, metrics_port=0)
    if server.public_url == Server.public_url and server.port != Server.port:
        server = replace(server, public_url=f"http://localhost:{server.port}")
    return replace(settings, server=server)


def with_starter_credits(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Return the settings with Credits for whoever signs up, so that their first call can be paid.

    Only where nobody but this machine can sign up, and the operator said nothing else.
    """
    server = settings.server
    alone = is_loopback(server.host) and is_loopback(urlsplit(server.public_url).hostname or "")
    if not alone or is_set(environment, settings.data, "accounts", "starter_credits"):
        return settings
    return replace(settings, accounts=replace(settings.accounts, starter_credits=DEMO_STARTER_CREDITS))


def _child_environment(settings: Settings, url: str, environment: Mapping[str, str]) -> dict[str, str]:
    server = settings.server
    return dict(environment) | {
        "OMNA_DATA": str(settings.data),
        "OMNA_DATABASE_URL": url,
        "OMNA_SERVER_HOST": server.host,
        "OMNA_SERVER_PORT": str(server.port),
        "OMNA_SERVER_WORKERS": str(server.workers),
        "OMNA_SERVER_PUBLIC_URL": server.public_url,
        "OMNA_SERVER_METRICS_PORT": str(server.metrics_port),
        "OMNA_SERVER_WORKER_METRICS_PORT": str(server.worker_metrics_port),
        "OMNA_ACCOUNTS_STARTER_CREDITS": settings.accounts.starter_credits,
    }


def _omna(command: str) -> list[str]:
    return [sys.executable, "-m", "omna.cli", command]


def _log(settings: Settings, name: str) -> Path | None:
    # Without a terminal the logs belong to whoever runs us: a container, systemd.
    return settings.data / f"{name}.log" if sys.stdout.isatty() else None


def _reloader(parts: list[Part], screen: Screen) -> "Reload":
    return Reload(next(part for part in parts if part.name == "gateway"), screen)


class Reload:
    """Starts the gateway again when a source file changed."""

    def __init__(self, gateway: Part, screen: Screen) -> None:
        self._gateway = gateway
        self._screen = screen
        self._watch = SourceWatch()

    def __call__(self) -> None:
        if self._watch.changed():
            self._screen.say("a source file changed: the gateway starts again")
            self._gateway.runnable.stop()
            self._gateway.due_at = 0.0


def _nothing() -> None:
    """Nothing to do between the rounds."""


@contextmanager
def _one_at_a_time(data: Path) -> Iterator[None]:
    """Keep a second `omna up` from the same data directory."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data / "omna.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"the data directory {data} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(lock, 20).decode() or "?"
        os.close(lock)
        raise StartError(f"Omna is already running with {data} (process {owner})") from None
    try:
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        yield
    finally:
        os.close(lock)
