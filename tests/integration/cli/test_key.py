"""`omna key find`, `list` and `revoke`: what to do with a key that was found where it should not be."""

import json
from pathlib import Path

import pytest

from tests.harness.command import here


async def test_a_key_that_was_found_is_ended(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    omna = here(database_url, tmp_path / "data", monkeypatch)
    for person in ("ann@example.com", "bob@example.com"):
        await omna(["user", "create", person])
    key = json.loads((await omna(["key", "create", "--workspace", "ann@example.com", "--name", "build", "--json"]))[1])

    _, said = await omna(["key", "find", "--json"], f"{key['key']}\n")
    found = json.loads(said)
    assert (found["id"], found["workspace"], found["state"]) == (key["id"], key["workspace"], "active")
    assert key["key"] not in said
    assert (await omna(["key", "find"], f"{key['key'][:-1]}?\n"))[0] == 1
    assert (await omna(["key", "find"]))[0] == 1

    revoke = ["key", "revoke", "ann@example.com", key["id"], "--reason", "published", "--leaked", "--json"]
    code, said = await omna(["key", "revoke", "bob@example.com", key["id"], "--reason", "published"])
    assert (code, "no such key" in said) == (1, True)
    assert (await omna(["key", "revoke", "ann@example.com", "nonsense", "--reason", "x"]))[0] == 1
    assert json.loads((await omna(revoke))[1])["state"] == "revoked"
    assert (await omna(revoke))[0] == 1

    listed = json.loads((await omna(["key", "list", "ann@example.com", "--json"]))[1])
    assert [row["state"] for row in listed["keys"]] == ["revoked"]
    mails = json.loads((await omna(["mail", "list", "--json"]))[1])
    assert [mail["to"] for mail in mails] == ["ann@example.com"]
    assert (await omna(["audit", "verify"]))[0] == 0
