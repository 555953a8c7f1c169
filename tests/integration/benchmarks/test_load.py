"""The load generator against the bench upstream: what is counted is what was sent, and a wrong answer is noticed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.load.closed_loop import ClosedLoop, run_closed_loop
from benchmarks.load.connections import LoadError
from benchmarks.load.pairs import Pairs, run_pairs
from benchmarks.load.streams import Streams, run_streams
from benchmarks.processes import Child, ProcessError, cpu_seconds, memory_bytes, running, tree
from benchmarks.wire import Target


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Child, int]]:
    log = tmp_path_factory.mktemp("upstream") / "log"
    with running("the upstream", [sys.executable, "-m", "benchmarks.upstream"], log) as child:
        yield child, int(child.read_line(20.0))


def test_closed_loop_ends_at_the_wanted_number_of_answers(upstream: tuple[Child, int]) -> None:
    result = run_closed_loop(ClosedLoop(Target("127.0.0.1", upstream[1], "instant", ("a", "b")), 8, 30.0, 500))
    assert (result.answers, result.failures) == (500, 0)


def test_closed_loop_counts_answers_of_another_kind_as_failures(upstream: tuple[Child, int]) -> None:
    result = run_closed_loop(ClosedLoop(Target("127.0.0.1", upstream[1], "stream-2-200"), 2, 30.0, 10))
    assert (result.answers, result.failures) == (10, 10)
    assert "text/event-stream" in result.first_failure


def test_pairs_refuse_a_side_that_answers_wrongly(upstream: tuple[Child, int]) -> None:
    good, wrong = (Target("127.0.0.1", upstream[1], model) for model in ("instant", "stream-2-200"))
    with pytest.raises(LoadError, match="not the upstream's"):
        run_pairs(Pairs(good, wrong, 5))


def test_pairs_time_the_first_token_of_streams(upstream: tuple[Child, int]) -> None:
    target = Target("127.0.0.1", upstream[1], "stream-3-200")
    assert run_pairs(Pairs(target, target, 5, stream=True)).direct_p50 > 0


def test_streams_are_whole_and_every_word_is_counted(upstream: tuple[Child, int]) -> None:
    opened: list[bool] = []
    target = Target("127.0.0.1", upstream[1], "stream-6-50")
    result = run_streams(Streams(target, 40, 6, 50, 0.05), lambda: opened.append(True))
    assert (result.streams, result.whole, result.words) == (40, 40, 240)
    assert opened == [True]


def test_streams_that_end_early_are_not_whole(upstream: tuple[Child, int]) -> None:
    target = Target("127.0.0.1", upstream[1], "stream-3-50")
    result = run_streams(Streams(target, 4, 5, 50, 0.0), lambda: None)
    assert (result.whole, result.words) == (0, 12)
    assert "3 words" in result.first_failure


def test_a_process_that_dies_is_named_with_what_it_said(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('it is broken')"]
    with running("the patient", command, tmp_path / "log") as child, pytest.raises(ProcessError, match="it is broken"):
        child.read_line(20.0)


def test_a_stopped_process_is_gone_and_its_figures_are_readable_before(tmp_path: Path) -> None:
    with running("the sleeper", [sys.executable, "-c", "print(1, flush=True); input()"], tmp_path / "log") as child:
        assert child.read_line(20.0) == "1"
        assert tree(child.pid) == [child.pid]
        assert cpu_seconds(child.pid) >= 0
        assert memory_bytes(child.pid) > 1_000_000
    assert not child.running()
    assert memory_bytes(child.pid) == 0
