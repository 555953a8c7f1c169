"""The commands of the playbooks, run in their order: whoever needs them has no time to find out that one is wrong."""

import asyncio
import contextlib
import io
import itertools
import os
from pathlib import Path

import asyncpg
import pytest

from omna.cli import main
from tests.harness.handbook import ROOT, blocks, calls

INCIDENTS = ROOT / "docs" / "operations" / "incidents.md"


def run(tokens: list[str]) -> tuple[int, str]:
    """Run a command as its process would, and return its exit code and what it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), pytest.raises(SystemExit) as caught:
        main(tokens)
    assert isinstance(caught.value.code, int)
    return caught.value.code, said.getvalue()


async def test_every_command_of_the_playbooks_does_its_work(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("OMNA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OMNA_DATABASE_URL", database_url)
    monkeypatch.setenv("OMNA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-example-0123456789abcdef")
    (tmp_path / "data").mkdir()
    commands = [["user", "create", "ann@example.com"]]
    commands += [words for script in blocks(INCIDENTS, "sh") for words in calls(script, ("omna",))]
    assert len(commands) > 25
    for words in commands:
        tokens = [word.replace("/var/backups", str(tmp_path)) for word in words]
        code, said = await asyncio.to_thread(run, tokens)
        assert code == 0, f"omna {' '.join(words)}: {said}"


async def test_questions_to_the_database_in_the_playbooks_are_understood(database_url: str) -> None:
    questions = [
        statement
        for script in blocks(INCIDENTS, "sh")
        for words in calls(script, ("psql",))
        for option, statement in itertools.pairwise(words)
        if option == "-c" and statement.startswith("SELECT")
    ]
    assert len(questions) > 3
    connection = await asyncpg.connect(database_url)
    try:
        for question in questions:
            await connection.prepare(question)
    finally:
        await connection.close()
