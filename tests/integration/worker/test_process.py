"""`omna worker` as a process."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg

from omna.db.embedded import EmbeddedServer

COMMAND = (sys.executable, "-m", "omna.cli", "worker", "--json")


def start(tmp_path: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        COMMAND,
        env={"PATH": os.environ["PATH"], "OMNA_DATA": str(tmp_path), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(process: subprocess.Popen[str], text: str, seconds: float = 30) -> str:
    """Return the log up to the line with `text`."""
    assert process.stderr is not None
    seen, deadline = "", time.monotonic() + seconds
    while text not in seen:
        ready, _, _ = select.select([process.stderr], [], [], deadline - time.monotonic())
        assert ready, f"{text!r} is not in {seen!r}"
        line = process.stderr.readline()
        assert line, f"{text!r} is not in {seen!r}"
        seen += line
    return seen


def test_worker_stops_cleanly_on_sigterm(database_url: str, tmp_path: Path) -> None:
    process = start(tmp_path, OMNA_DATABASE_URL=database_url)
    try:
        read_until(process, "worker started")
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=20)
        assert "worker stopped" in rest
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()


def test_worker_waits_for_a_database_that_is_away(tmp_path: Path) -> None:
    process = start(tmp_path, OMNA_DATABASE_URL="postgresql://omna:swordfish@127.0.0.1:1/omna")
    try:
        log = read_until(process, "database away, jobs wait")
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "swordfish" not in log + rest
    finally:
        process.kill()
        process.wait()


def test_worker_without_any_database_says_what_to_do(tmp_path: Path) -> None:
    process = start(tmp_path)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "OMNA_DATABASE_URL" in log
    assert len(log.splitlines()) == 1


async def test_worker_on_an_empty_database_says_what_to_do(database_server: EmbeddedServer, tmp_path: Path) -> None:
    administrator = await asyncpg.connect(database_server.url(database="postgres"))
    await administrator.execute("CREATE DATABASE empty")
    try:
        process = start(tmp_path, OMNA_DATABASE_URL=database_server.url(database="empty"))
        _, log = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "omna migrate" in log.splitlines()[-1]
    finally:
        await administrator.execute("DROP DATABASE empty WITH (FORCE)")
        await administrator.close()
