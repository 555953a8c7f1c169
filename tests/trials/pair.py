"""A primary and a standby that follows it synchronously, and what an operator does when one of them dies."""

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path

import asyncpg

from omna.db.embedded import SETTINGS, _binary, _environment, _software
from omna.db.service_account import choose_account, give, open_software, open_way
from tests.harness.installation import until
from tests.harness.replica import free_port

SUPERUSER = "omna"
_OURS = {
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "wal_level": "replica",
    "max_wal_senders": "10",
    "wal_keep_size": "256MB",
    "hot_standby": "on",
    "wal_receiver_status_interval": "1s",
    "shared_buffers": "128MB",
}


class Node:
    """One PostgreSQL server with a directory and a port of its own."""

    def __init__(self, place: Path, name: str) -> None:
        self.name = name
        self.data = place / name
        self.log = place / f"{name}.log"
        self.port = free_port()
        self._place = place
        self._account = choose_account(self.data)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def url(self, database: str = "omna") -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def initialize(self) -> None:
        self._tool("initdb", "--pgdata", str(self.data), "--username", SUPERUSER, "--auth=trust", "--encoding=UTF8",
                   "--locale=C", "--data-checksums", "--no-instructions")  # fmt: skip

    def follow(self, primary: "Node") -> None:
        """Become a copy of the primary as it is now, that follows it once started."""
        self.copy(primary, "--write-recovery-conf")

    def copy(self, other: "Node", *options: str) -> None:
        """Become a base backup of another node."""
        shutil.rmtree(self.data, ignore_errors=True)
        self._tool("pg_basebackup", "--pgdata", str(self.data), "--host", "127.0.0.1", "--port", str(other.port),
                   "--username", SUPERUSER, "--wal-method=stream", "--checkpoint=fast", *options)  # fmt: skip

    def recover(self, archive: Path, moment: str) -> None:
        """Let a base backup read the archived log up to a moment when it starts, and be a primary from there on."""
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{moment}'\n"
                "recovery_target_action = 'promote'\n"
            )
        (self.data / "recovery.signal").touch()
        self.own_up()

    def start(self, **more: str) -> None:
        """Start it; `more` are settings."""
        settings = SETTINGS | _OURS | {"port": str(self.port), "cluster_name": self.name} | more
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_binary("postgres"), "-D", str(self.data), *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=_environment(), start_new_session=True,
                user=self._account.user, group=self._account.group,
                extra_groups=[] if self._account.is_other else None,
            )  # fmt: skip

    def own_up(self) -> None:
        """Give files that were put into its directory to its account."""
        give(self.data, self._account)

    async def answers(self, options: str = "", patience: float = 60.0) -> None:
        """Return when it lets somebody in."""

        async def let_in() -> bool | None:
            assert self.runs, self.log.read_text(errors="replace")[-2000:]
            try:
                await (await asyncpg.connect(self.url("postgres") + options, timeout=2)).close()
            except (OSError, asyncpg.PostgresError, TimeoutError):
                return None
            return True

        await until(let_in, f"{self.name} does not answer", patience)

    async def ask(self, query: str, options: str = "") -> object:
        connection = await asyncpg.connect(self.url("postgres") + options, timeout=5)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    def kill(self) -> None:
        """End the postmaster and its backends with SIGKILL, and with them every promise that is not on a disk."""
        assert self._process is not None
        postmaster = self._process.pid
        os.kill(postmaster, signal.SIGSTOP)  # no successor for a backend that dies first
        for task in Path(f"/proc/{postmaster}/task").glob("*/children"):
            for child in map(int, task.read_text().split()):
                os.kill(child, signal.SIGKILL)
        os.kill(postmaster, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self.runs:
            assert self._process is not None
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)

    def _tool(self, name: str, *arguments: str) -> None:
        for software in _software():
            open_software(software, self._account)
        self._place.mkdir(parents=True, exist_ok=True)
        open_way(self.data, self._account)
        give(self._place, self._account)
        done = subprocess.run(
            [_binary(name), *arguments], capture_output=True, text=True, check=False, cwd="/", env=_environment(),
            user=self._account.user, group=self._account.group, extra_groups=[] if self._account.is_other else None,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr.strip()}")


class Pair:
    """Two nodes, one of which decides. A commit is acknowledged when both have it on disk."""

    def __init__(self, place: Path) -> None:
        self.primary, self.standby = Node(place, "one"), Node(place, "two")

    @property
    def url(self) -> str:
        """How programs connect: to whichever of the two is the primary."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in sorted((self.primary.port, self.standby.port)))
        return f"postgresql://{SUPERUSER}@{hosts}/omna?target_session_attrs=primary"

    async def start(self) -> None:
        await asyncio.to_thread(self.primary.initialize)
        self.primary.start()
        await self.primary.answers()
        await self.primary.ask("CREATE DATABASE omna")
        await self.attach()

    async def attach(self) -> None:
        """Make the standby anew and let commits wait for it from then on."""
        await asyncio.to_thread(self.standby.follow, self.primary)
        await self.restart_standby()

    async def restart_standby(self) -> None:
        self.standby.start()
        await self.standby.answers()
        await self.primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await self.primary.ask("SELECT pg_reload_conf()")
        await self.in_step()

    async def in_step(self, patience: float = 60.0) -> None:
        """Return when the standby follows synchronously."""

        async def follows() -> bool | None:
            return await self.primary.ask("SELECT true FROM pg_stat_replication WHERE sync_state = 'sync'") or None

        await until(follows, "the standby does not follow", patience)

    async def fail_over(self) -> None:
        """What an operator does when the primary is gone: promote the standby, which then waits for nobody."""
        old, new = self.primary, self.standby
        # Nobody follows it yet. Written before the promotion: a commit that waited for a standby would wait for ever.
        await new.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
        await new.ask("SELECT pg_reload_conf()")
        assert await new.ask("SELECT pg_promote()")
        self.primary, self.standby = new, old

    def stop(self) -> None:
        for node in (self.standby, self.primary):
            node.stop()
