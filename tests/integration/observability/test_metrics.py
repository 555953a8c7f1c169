"""Numbers of several real processes add up, and outlive a killed worker."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from omna.observability.exposition import fold_dead, prepare_directory, serve_metrics
from omna.observability.metrics import Metrics

WORKER = """
import sys
from pathlib import Path
from omna.observability.metrics import Metrics

metrics = Metrics(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    metrics.request_ended("vendor/m", "ok", "api")
    metrics.admission_decided("admitted", 2)
    metrics.batch_flushed("admission", 2)
    metrics.admission_took(0.002)
    metrics.settlement_took(0.002)
    metrics.upstream_took("local", 0.2)
    metrics.first_token_took("vendor/m", 0.2)
    metrics.hold_reaped("released")
metrics.running_changed(1)
metrics.journal_is(3)
metrics.queue_is("admission", 5)
metrics.pool_is(busy=1, idle=2, free=3)
metrics.provider_failed("local", "connect")
metrics.process.read()
metrics.flush()
print("ready", flush=True)
sys.stdin.read()
"""


def start_worker(directory: Path, count: int) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(directory), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def scrape(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def stop(worker: subprocess.Popen[str]) -> None:
    worker.communicate("")


def test_scrape_sums_all_workers_and_keeps_what_a_killed_one_counted(tmp_path: Path) -> None:
    directory = prepare_directory(tmp_path)
    first, second = start_worker(directory, 3), start_worker(directory, 4)
    server = serve_metrics("127.0.0.1", 0, directory)
    try:
        requests = 'omna_requests_total{model="vendor/m",outcome="ok",source="api"}'
        before = scrape(server.port)
        assert before[requests] == 7
        assert before['omna_admissions_total{verdict="admitted"}'] == 14
        assert before['omna_batch_size_bucket{le="2.0",queue="admission"}'] == 7
        assert before['omna_upstream_seconds_count{provider="local"}'] == 7
        assert before["omna_running_requests"] == 2
        assert before["omna_journal_depth"] == 6
        assert before['omna_queue_depth{queue="admission"}'] == 10
        assert before['omna_pool_connections{state="free"}'] == 6
        assert before['omna_provider_failures_total{kind="connect",provider="local"}'] == 2
        assert before["omna_process_memory_bytes"] > 2e6
        # Not the sum of both: each has a limit of its own.
        assert 0 < before["omna_process_open_files"] < before["omna_process_open_files_limit"]

        first.send_signal(signal.SIGKILL)  # not waited for yet: it stays a zombie, as under a busy supervisor
        os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
        for _ in range(2):  # folding twice must not count twice
            after = scrape(server.port)
            assert after[requests] == 7
            assert after["omna_admission_seconds_count"] == 7
            assert after["omna_admission_seconds_sum"] == pytest.approx(7 * 0.002)
            assert after["omna_running_requests"] == 1
        assert not list(directory.glob(f"*_{first.pid}.db"))

        third = start_worker(directory, 5)
        assert scrape(server.port)[requests] == 12
        stop(third)
    finally:
        stop(second)
        stop(first)
        server.close()
    fold_dead(directory)
    assert {path.name for path in directory.iterdir()} == {"counter_0.db", "histogram_0.db"}


def test_directories_of_dead_gateways_are_dropped_and_living_ones_kept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "metrics" / str(gone.pid)).mkdir(parents=True)
    living = tmp_path / "metrics" / str(os.getppid())
    living.mkdir()
    mine = prepare_directory(tmp_path)
    assert {path.name for path in (tmp_path / "metrics").iterdir()} == {living.name, mine.name}


def test_metrics_of_one_process_need_no_directory() -> None:
    metrics = Metrics()
    metrics.request_ended("vendor/m", "insufficient_credits", "api")
    metrics.flush()
    labels = {"model": "vendor/m", "outcome": "insufficient_credits", "source": "api"}
    assert metrics.registry.get_sample_value("omna_requests_total", labels) == 1
