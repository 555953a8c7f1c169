"""The commands of the playbooks, run in their order: whoever needs them has no time to find out that one is wrong."""

import itertools
import json
from pathlib import Path

import asyncpg
import pytest

from tests.harness.command import here
from tests.harness.handbook import ROOT, blocks, calls

INCIDENTS = ROOT / "docs" / "operations" / "incidents.md"


async def test_every_command_of_the_playbooks_does_its_work(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    omna = here(database_url, tmp_path / "data", monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-example-0123456789abcdef")
    await omna(["user", "create", "ann@example.com"])
    _, made = await omna(["key", "create", "--workspace", "ann@example.com", "--name", "x", "--json"])
    key = json.loads(made)
    commands = [words for script in blocks(INCIDENTS, "sh") for words in calls(script, ("omna",))]
    assert len(commands) > 25
    for words in commands:
        tokens = [word.replace("/var/backups", str(tmp_path)).replace("$KEY_ID", key["id"]) for word in words]
        code, said = await omna(tokens, f"{key['key']}\n")
        # The server of the tests keeps nothing through a crash, and the doctor says so.
        faults = [line for line in said.splitlines() if line.startswith("FAIL ") and "durability" not in line]
        assert code == 0 or (tokens[0] == "doctor" and not faults), f"omna {' '.join(words)}: {said}"
    assert "revoked" in (await omna(["key", "list", "ann@example.com"]))[1]


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
