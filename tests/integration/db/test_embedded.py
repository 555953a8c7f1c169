"""The embedded server on the bad days: crashes, leftovers, several commands at once, other users."""

import asyncio
import fcntl
import os
import pwd
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import asyncpg
import pytest

from omna.db.embedded import DatabaseError, EmbeddedServer, running_url
from omna.db.service_account import Account, choose_account, open_software

STARTER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from omna.db.embedded import EmbeddedServer
    with EmbeddedServer(Path(sys.argv[1]), durable=False) as server:
        print("owned" if server.owned else "found", server.process_id, flush=True)
        sys.stdin.readline()
    print("stopped", flush=True)
""")


def start_command(data: Path) -> subprocess.Popen[str]:
    """Another Omna process that uses the database until a line arrives on its input."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def await_no_server(data: Path) -> None:
    """Return when the last process of the server is gone: all of them hold this lock while they live."""
    with (data / "postgres.alive").open() as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)


def mode_of(path: object) -> int:
    return stat.S_IMODE(Path(str(path)).stat().st_mode)


def there(path: str) -> bool:
    return Path(path).exists()


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_server_keeps_its_data_from_start_to_start(tmp_path: Path) -> None:
    assert running_url(tmp_path) is None
    with EmbeddedServer(tmp_path) as server:
        assert server.owned
        assert running_url(tmp_path) == server.url()
        await ask(server.url(), "CREATE TABLE facts AS SELECT 42 AS answer")
        assert await ask(server.url(), "SHOW data_checksums") == "on"
        assert await ask(server.url(), "SHOW fsync") == "on"
        assert await ask(server.url(), "SHOW server_encoding") == "UTF8"
    assert running_url(tmp_path) is None
    with EmbeddedServer(tmp_path) as server:
        assert await ask(server.url(), "SELECT answer FROM facts") == 42


async def test_only_way_in_is_a_private_socket(database_server: EmbeddedServer, tmp_path: Path) -> None:
    assert await ask(database_server.url(), "SHOW listen_addresses") == ""
    assert mode_of(await ask(database_server.url(), "SHOW unix_socket_directories")) == 0o700


async def test_data_directory_with_a_very_long_name_works(tmp_path: Path) -> None:
    data = tmp_path / ("very-long-name-" * 8)
    with EmbeddedServer(data, durable=False) as server:
        sockets = str(await ask(server.url(), "SHOW unix_socket_directories"))
        assert mode_of(sockets) == 0o700
        assert running_url(data) == server.url()
    assert not there(sockets)


async def test_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedServer(tmp_path, durable=False) as server:
        assert await ask(server.url(), "SELECT 1") == 1


async def test_process_id_of_a_stranger_in_a_stale_lock_file_is_no_obstacle(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, durable=False):
        pid_file = tmp_path / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        socket = Path(lines[4])
    # As after a crash of the machine: the same number belongs to somebody else now. Ours is certainly alive.
    lines[0] = str(os.getpid())
    pid_file.write_text("\n".join(lines) + "\n")
    (socket / ".s.PGSQL.5432.lock").write_text("\n".join(lines[:5]) + "\n")
    assert running_url(tmp_path) is None
    with EmbeddedServer(tmp_path, durable=False) as server:
        assert server.owned
        assert await ask(server.url(), "SELECT 1") == 1


async def test_killed_server_with_busy_backends_is_replaced_without_loss(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path)
    server.start()
    await ask(server.url(), "CREATE TABLE facts AS SELECT 42 AS answer")
    # A backend that computes does not notice the death of its postmaster.
    busy = await asyncpg.connect(server.url())
    computing = asyncio.Event()
    busy.add_log_listener(lambda *_: computing.set())
    work = asyncio.create_task(busy.execute("DO $$ BEGIN RAISE WARNING 'computing'; LOOP NULL; END LOOP; END $$"))
    await computing.wait()
    assert server.process_id is not None
    os.kill(server.process_id, signal.SIGKILL)
    await asyncio.to_thread(server.wait)
    assert server.exited()

    server.start()
    assert server.owned
    assert await ask(server.url(), "SELECT answer FROM facts") == 42
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
        await work
    busy.terminate()
    server.stop()


def test_commands_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    commands = [start_command(tmp_path) for _ in range(3)]
    said = {command: read_line(command).split()[0] for command in commands}
    assert sorted(said.values()) == ["found", "found", "owned"]
    owner = next(command for command, word in said.items() if word == "owned")
    others = [command for command in commands if command is not owner]
    # The owner wants to go first: it waits until the others have finished their work.
    assert owner.stdin is not None
    owner.stdin.write("\n")
    owner.stdin.flush()
    for other in others:
        assert running_url(tmp_path) is not None
        assert other.communicate("\n")[0] == "stopped\n"
    assert owner.communicate()[0] == "stopped\n"
    assert running_url(tmp_path) is None


def test_server_that_was_found_is_left_running(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, durable=False) as owner:
        with EmbeddedServer(tmp_path, durable=False) as guest:
            assert not guest.owned
            assert guest.url() == owner.url()
        assert running_url(tmp_path) == owner.url()


def test_owner_of_its_own_waits_for_a_command_to_finish(tmp_path: Path) -> None:
    command = start_command(tmp_path)
    assert read_line(command).startswith("owned")
    server = EmbeddedServer(tmp_path, durable=False)
    with pytest.raises(DatabaseError, match="keeps the database"):
        server.start(own=True, timeout=0.2)
    assert command.communicate("\n")[0] == "stopped\n"
    server.start(own=True)
    assert server.owned
    server.stop()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel offers this on Linux only")
def test_server_does_not_outlive_a_killed_owner(tmp_path: Path) -> None:
    command = start_command(tmp_path)
    assert read_line(command).startswith("owned")
    command.kill()
    command.wait()
    await_no_server(tmp_path)
    assert running_url(tmp_path) is None
    # Fast shutdown, not a crash: nothing has to be recovered.
    assert "database system is shut down" in (tmp_path / "postgres.log").read_text().splitlines()[-1]
    command.communicate()


def test_cluster_of_another_release_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, durable=False):
        pass
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseError, match=r"made by PostgreSQL 12, .*omna restore"):
        EmbeddedServer(tmp_path, durable=False).start()


def test_broken_cluster_is_reported_with_the_servers_own_reason(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, durable=False):
        pass
    (tmp_path / "postgres" / "global" / "pg_control").unlink()
    # What an earlier server said last is not the reason.
    with (tmp_path / "postgres.log").open("a") as log:
        log.write("FATAL:  terminating connection due to administrator command\n")
    with pytest.raises(DatabaseError, match="pg_control"):
        EmbeddedServer(tmp_path, durable=False).start()
    await_no_server(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends an account")
def test_root_runs_the_server_as_an_account_without_rights(database_server: EmbeddedServer) -> None:
    assert database_server.process_id is not None
    uid = Path(f"/proc/{database_server.process_id}").stat().st_uid
    assert uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_ordinary_user_runs_the_server_as_itself(tmp_path_factory: pytest.TempPathFactory) -> None:
    nobody = pwd.getpwnam("nobody")
    data = tmp_path_factory.mktemp("user") / "data"
    data.mkdir()
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    # The way there and the installed binaries may be closed to others, which a user's own installation is not.
    import omna.db.embedded as embedded

    for software in embedded._software():
        open_software(software, Account(nobody.pw_uid, nobody.pw_gid))
    for parent in data.parents:
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(parent.stat().st_mode) | stat.S_IXOTH)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            with EmbeddedServer(data, durable=False) as server:
                code = 0 if server.owned and (data / "postgres").stat().st_uid == nobody.pw_uid else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    # Root comes later, for the same directory: the cluster stays with its owner.
    assert choose_account(data / "postgres") == Account(nobody.pw_uid, nobody.pw_gid)
    with EmbeddedServer(data, durable=False) as server:
        assert server.owned
