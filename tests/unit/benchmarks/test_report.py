"""The report shows a missed target as missed."""

from pathlib import Path

from benchmarks.profiling import NO_FRAME, read_stacks
from benchmarks.report import Finding, Outcome, Table, write_report


def test_report_tells_met_missed_and_without_target_apart() -> None:
    findings = [Finding("a", "≤ 1", "1", met=True), Finding("b", "≤ 1", "2", met=False), Finding("c", "", "3")]
    page = write_report("Title", ["fact"], [Outcome(findings)], [])
    assert "| a | ≤ 1 | 1 | yes |" in page
    assert "| b | ≤ 1 | 2 | **no** |" in page
    assert "| c |  | 3 | – |" in page


def test_report_shows_every_table_and_note() -> None:
    table = Table("Detail", ("x", "y"), (("1", "2"),), "why")
    page = write_report("Title", [], [Outcome(tables=[table])], ["broken: reason"])
    assert "## Detail\n\nwhy\n\n| x | y |\n|---|---|\n| 1 | 2 |" in page
    assert "- broken: reason" in page


def test_profile_counts_a_recursive_function_once(tmp_path: Path) -> None:
    stacks = tmp_path / "stacks"
    stacks.write_text("main (a.py:1);walk (a.py:2);walk (a.py:3) 6\nmain (a.py:4) 4\n", "utf-8")
    found = read_stacks(stacks)
    assert found.samples == 10
    assert found.own == {"walk (a.py)": 6, "main (a.py)": 4}
    assert found.total == {"walk (a.py)": 6, "main (a.py)": 10}


def test_profile_names_samples_without_a_python_frame(tmp_path: Path) -> None:
    stacks = tmp_path / "stacks"
    stacks.write_text(" 3\nmain (a.py:4) 4\n", "utf-8")
    assert read_stacks(stacks).own == {NO_FRAME: 3, "main (a.py)": 4}
