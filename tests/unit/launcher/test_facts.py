"""Small files that later starts repeat."""

import stat
from pathlib import Path

from omna.launcher import facts
from omna.launcher.facts import FirstRun


def test_facts_come_back_and_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "first-run.json"
    facts.write(path, FirstRun("owner@localhost", "secret", "omna_key"))
    facts.write(path, FirstRun("owner@localhost", "another", "omna_key"))
    assert facts.read(path, FirstRun) == FirstRun("owner@localhost", "another", "omna_key")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_missing_and_broken_files_are_no_facts(tmp_path: Path) -> None:
    path = tmp_path / "first-run.json"
    assert facts.read(path, FirstRun) is None
    for text in ("", "{", '{"email":"owner@localhost"}', "[]"):
        path.write_text(text)
        assert facts.read(path, FirstRun) is None
