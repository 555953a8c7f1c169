"""The commands as an operator runs them: in a process of their own, on a real database."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from omna.db.embedded import EmbeddedServer


@dataclass(frozen=True)
class Result:
    code: int
    output: str
    error: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.error
        return json.loads(self.output)


@dataclass(frozen=True)
class Shell:
    """Runs `omna …` with one database and one data directory."""

    url: str
    data: Path

    async def __call__(self, *tokens: str, standard_input: str = "", **environment: str) -> Result:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "omna.cli",
            *tokens,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.data),
                "OMNA_DATA": str(self.data),
                "OMNA_DATABASE_URL": self.url,
                **environment,
            },
        )
        output, error = await process.communicate(standard_input.encode())
        assert process.returncode is not None
        assert b"Traceback" not in error, error.decode()
        return Result(process.returncode, output.decode(), error.decode())


@pytest.fixture
def omna(database_url: str, tmp_path: Path) -> Shell:
    return Shell(database_url, tmp_path)


async def test_from_a_person_to_a_statement(omna: Shell) -> None:
    user = (
        await omna(
            "user",
            "create",
            "Ann@Example.com",
            "--staff",
            "owner",
            "--password-stdin",
            "--json",
            standard_input="correct horse battery\n",
        )
    ).json
    assert user["user"].startswith("usr_")
    assert user["workspace"].startswith("ws_")

    assert (await omna("credit", "ann@example.com", "12.5", "--reason", "welcome", "--json")).json[
        "available"
    ] == "12.5"
    assert (await omna("credit", user["workspace"], "-0.5", "--reason", "fix", "--json")).json["available"] == "12"
    await omna("credit", "ann@example.com", "3", "--reason", "gift", "--promo", "--expires", "2099-12-31")

    balance = (await omna("balance", "ann@example.com", "--json")).json
    assert (balance["available"], balance["available_promo"], balance["held"]) == ("15", "3", "0")

    statement = (await omna("ledger", "list", "ann@example.com", "--json")).json
    assert [(line["what"], line["amount"], line["available"]) for line in statement["lines"]] == [
        ("promo_grant", "3", "15"),
        ("adjustment", "-0.5", "12"),
        ("adjustment", "12.5", "12.5"),
    ]
    assert "promo grant" in (await omna("ledger", "list", "ann@example.com")).output

    await omna("user", "create", "bob@example.com", "--staff", "finance")
    waits = await omna("credit", "ann@example.com", "500", "--reason", "outage", "--note", "Sorry!", "--json")
    assert (waits.code, json.loads(waits.output)["state"], json.loads(waits.output)["available"]) == (
        3,
        "waiting",
        "15",
    )
    assert "second person" in waits.error
    assert (await omna("ledger", "verify", "--json")).json == {"ok": True, "findings": []}
    assert (await omna("audit", "verify", "--json")).json["ok"]


async def test_a_person_is_approved_kept_out_and_let_in_again(omna: Shell, database_url: str) -> None:
    await omna("user", "create", "ann@example.com", "--json")
    assert (await omna("user", "approve", "ann@example.com")).error == "omna: ann@example.com is approved already\n"
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE omna.users SET approved_at = NULL")
    await connection.close()
    [row] = (await omna("user", "waiting", "--json")).json
    assert (row["email"], row["verified"]) == ("ann@example.com", True)
    assert (await omna("user", "approve", "ann@example.com", "--json")).json["state"] == "approved"
    assert (await omna("user", "waiting", "--json")).json == []
    assert (await omna("user", "disable", "ann@example.com", "--reason", "left")).code == 0
    assert (await omna("user", "disable", "ann@example.com", "--reason", "left")).code == 1
    assert (await omna("user", "enable", "ann@example.com")).code == 0
    nobody = await omna("user", "enable", "bob@example.com")
    assert (nobody.code, nobody.error) == (1, "omna: there is no user with the address bob@example.com\n")


async def test_a_role_is_given_and_the_last_owner_stays(omna: Shell) -> None:
    await omna("user", "create", "ann@example.com", "--staff", "owner")
    await omna("user", "create", "bob@example.com")
    taken = await omna("user", "role", "ann@example.com", "none", "--reason", "left")
    assert (taken.code, taken.error) == (1, "omna: The last owner stays one: give the role to somebody else first.\n")
    given = await omna("user", "role", "bob@example.com", "owner", "--reason", "new", "--json")
    assert given.json["state"] == "owner"
    assert (await omna("user", "role", "ann@example.com", "none", "--reason", "left")).code == 0


async def test_the_catalogue_and_its_controls(omna: Shell) -> None:
    url = "http://127.0.0.1:9/v1"
    refused = await omna("provider", "add", "example", "--kind", "openai", "--base-url", url)
    assert (refused.code, refused.error.count("\n")) == (1, 1)
    missing = await omna("provider", "add", "example", "--kind", "openai", "--base-url", url, "--api-key-env", "NO_KEY")
    assert "NO_KEY is not set" in missing.error
    arguments = ("--kind", "openai", "--base-url", url, "--api-key-env", "A_KEY", "--allow-private", "--json")
    provider = (await omna("provider", "add", "example", *arguments, A_KEY="sk-example")).json
    assert provider["has_key"] is True

    prices = ("--prompt-price", "1", "--completion-price", "2.5")
    route = ("--provider", "example", "--upstream-model", "small-upstream")
    model = (
        await omna("model", "add", "small", *route, *prices, "--prompt-cost", "0.5", "--cap-daily", "10", "--json")
    ).json
    assert (model["price"]["prompt"], model["price"]["completion"], model["price"]["cached"]) == ("1", "2.5", "1")
    assert (model["routes"][0]["cost"]["prompt"], model["routes"][0]["cost"]["completion"]) == ("0.5", "2.5")
    assert model["daily_cap"] == "10"
    for price in ("-1", "1e3", "1000001"):
        assert (await omna("model", "price", "small", "--prompt-price", price, "--completion-price", "1")).code == 1
    priced = await omna("model", "price", "small", "--prompt-price", "3", "--completion-price", "4", "--json")
    assert priced.json["price"]["prompt"] == "3"
    assert [one["id"] for one in (await omna("model", "list", "--json")).json["models"]] == ["small"]
    assert (await omna("model", "disable", "small", "--json")).json["enabled"] is False

    assert (await omna("provider", "cap", "example", "--daily", "3", "--json")).json["daily_cap"] == "3"
    assert (await omna("provider", "cap", "example", "--daily", "none", "--json")).json["daily_cap"] is None
    assert (await omna("provider", "disable", "example", "--json")).json["enabled"] is False
    assert (await omna("provider", "enable", "example", "--json")).json["enabled"] is True
    assert "sk-example" not in (await omna("provider", "list", "--json")).output


async def test_stop_freeze_limit_and_back(omna: Shell) -> None:
    await omna("user", "create", "ann@example.com")
    stopped = (await omna("stop", "--reason", "test", "--cut-streams", "--json")).json["stops"]
    assert [(stop["scope"], stop["cut_streams"]) for stop in stopped] == [("all", True)]
    assert (await omna("stop", "--scope", "model:nothing", "--reason", "test")).code == 1
    assert (await omna("resume", "--scope", "all", "--json")).json == {"stops": []}
    assert (await omna("resume", "--scope", "all")).code == 1
    assert (await omna("freeze", "ann@example.com", "--reason", "odd", "--json")).json["frozen"] == "odd"
    assert (await omna("unfreeze", "ann@example.com", "--json")).json["frozen"] is None
    assert (await omna("limit", "ann@example.com", "--daily", "7.5", "--json")).json["daily_limit"] == "7.5"
    assert (await omna("limit", "ann@example.com", "--daily", "none", "--json")).json["daily_limit"] is None


async def test_a_key_is_printed_once_and_unknown_models_are_refused(omna: Shell) -> None:
    await omna("user", "create", "ann@example.com")
    arguments = ("key", "create", "--workspace", "ann@example.com", "--name", "test")
    made = (await omna(*arguments, "--rpm", "60", "--expires", "2099-12-31", "--json")).json
    assert made["key"].startswith("omna_")
    assert made["expires_at"] == "2100-01-01T00:00:00.000Z"
    refused = await omna(*arguments, "--models", "nothing")
    assert (refused.code, refused.error) == (1, "omna: There is no model nothing.\n")


async def test_a_forged_ledger_is_found(omna: Shell, database_url: str) -> None:
    await omna("user", "create", "ann@example.com")
    await omna("credit", "ann@example.com", "5", "--reason", "test")
    owner = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    assert (await omna("ledger", "verify")).code == 0
    await owner.execute("UPDATE wallets SET available_paid = available_paid + 1")
    result = await omna("ledger", "verify", "--json")
    assert result.code == 1
    findings = json.loads(result.output)["findings"]
    assert findings
    # What the ledger page shows.
    checks = await owner.fetch("SELECT findings FROM ledger_checks ORDER BY checked_at")
    assert [check["findings"] for check in checks] == [0, len(findings)]
    await owner.close()


async def test_secrets_are_rotated_and_doctor_is_content(omna: Shell) -> None:
    url = "https://api.example.com/v1"
    arguments = ("provider", "add", "example", "--kind", "openai", "--base-url", url, "--api-key-env", "A_KEY")
    await omna(*arguments, A_KEY="sk-example")
    rotated = (await omna("secrets", "rotate", "--json")).json
    assert (rotated["provider_secrets"], rotated["old_key"]) == (1, "dropped")
    assert (await omna("audit", "verify", "--json")).json["ok"] is True
    report = await omna("doctor", "--json")
    seen = json.loads(report.output)
    # The server of the tests keeps nothing through a crash, and it would be a poor doctor who is content with that.
    assert [check["name"] for check in seen["checks"] if not check["ok"]] == ["durability"]
    assert (report.code, seen["ok"]) == (1, False)
    assert seen["settings"]["OMNA_DATABASE_URL"] == "set"
    assert omna.url not in report.output
    wrong = await omna("doctor", OMNA_PAYMENTS_PACKS="10, ten")
    assert (wrong.code, "payments.packs" in wrong.output) == (1, True)


async def test_a_database_that_is_away_is_one_line(omna: Shell) -> None:
    result = await omna("balance", "ann@example.com", OMNA_DATABASE_URL="postgresql://omna:secret@127.0.0.1:1/omna")
    assert (result.code, result.error.count("\n")) == (1, 1)
    assert "cannot be reached" in result.error
    assert "secret" not in result.error
    assert (await omna("doctor", OMNA_DATABASE_URL="postgresql://omna@127.0.0.1:1/omna")).code == 1
    assert (await omna("doctor", OMNA_DATABASE_POOL_SIZE="many")).code == 1


async def test_an_old_schema_asks_for_migrate(omna: Shell, database_server: EmbeddedServer, database_url: str) -> None:
    administrator = await asyncpg.connect(database_server.url(database="postgres"))
    await administrator.execute("CREATE DATABASE empty_for_migrate")
    url = database_server.url(database="empty_for_migrate")
    try:
        result = await omna("balance", "ann@example.com", OMNA_DATABASE_URL=url)
        assert (result.code, "omna migrate" in result.error) == (1, True)
        assert (await omna("migrate", "--json", OMNA_DATABASE_URL=url)).json["applied"]
        assert (await omna("migrate", "--json", OMNA_DATABASE_URL=url)).json["applied"] == []
    finally:
        await administrator.execute("DROP DATABASE empty_for_migrate WITH (FORCE)")
        await administrator.close()


async def test_a_backup_comes_back_whole_and_only_into_an_empty_database(
    omna: Shell, database_server: EmbeddedServer, database_url: str, tmp_path: Path
) -> None:
    await omna("user", "create", "ann@example.com")
    await omna("credit", "ann@example.com", "5", "--reason", "test")
    file = tmp_path / "omna.backup"
    assert (await omna("backup", str(file), "--json")).json["bytes"] == file.stat().st_size
    # Whoever takes everything is on record.
    ours = await asyncpg.connect(database_url)
    audited = await ours.fetchrow("SELECT actor, action, after->>'file' FROM omna.audit_log ORDER BY seq DESC LIMIT 1")
    await ours.close()
    assert audited is not None
    assert (audited[0].partition(":")[0], audited[1], audited[2]) == ("cli", "backup.create", "omna.backup")
    assert file.stat().st_mode & 0o077 == 0
    assert (await omna("backup", str(file))).code == 1
    assert "not empty" in (await omna("restore", str(file))).error

    torn = tmp_path / "torn.backup"
    torn.write_bytes(file.read_bytes()[:-2000])
    administrator = await asyncpg.connect(database_server.url(database="postgres"))
    await administrator.execute("CREATE DATABASE empty_for_restore")
    url = database_server.url(database="empty_for_restore")
    try:
        assert (await omna("restore", str(torn), OMNA_DATABASE_URL=url)).code == 1
        restored = (await omna("restore", str(file), "--json", OMNA_DATABASE_URL=url)).json
        assert restored["problems"] == 0
        assert (await omna("balance", "ann@example.com", "--json", OMNA_DATABASE_URL=url)).json["available"] == "5"
        assert (await omna("audit", "verify", "--json", OMNA_DATABASE_URL=url)).json["ok"] is True
        assert (await omna("credit", "ann@example.com", "1", "--reason", "goes on", OMNA_DATABASE_URL=url)).code == 0
    finally:
        await administrator.execute("DROP DATABASE empty_for_restore WITH (FORCE)")
        await administrator.close()


async def test_an_entry_prices_and_aliases_of_a_model(omna: Shell) -> None:
    arguments = ("--kind", "openai", "--base-url", "https://api.example.com/v1", "--max-in-flight", "8", "--json")
    assert (await omna("provider", "add", "example", *arguments)).json["max_in_flight"] == 8
    assert (await omna("provider", "add", "example", *arguments[:4], "--max-in-flight", "0")).code == 1
    added = await omna(
        "model", "add", "voice", "--provider", "example", "--upstream-model", "v", "--prompt-price", "1",
        "--completion-price", "2", "--audio-prompt-price", "10", "--audio-completion-price", "20", "--second-price",
        "0.001", "--audio-completion-cost", "15", "--endpoints", "chat,transcriptions", "--input-modalities",
        "text,audio", "--output-modalities", "text, audio", "--supported-parameters", "temperature,tools",
        "--dropped-parameters", "seed", "--priority", "4", "--weight", "3", "--json",
    )  # fmt: skip
    model = added.json
    assert (model["endpoints"], model["output_modalities"]) == (["chat", "transcriptions"], ["text", "audio"])
    assert (model["supported_parameters"], model["dropped_parameters"]) == (["temperature", "tools"], ["seed"])
    assert (model["price"]["audio_prompt"], model["price"]["second"]) == ("10", "0.001")
    (route,) = model["routes"]
    assert (route["priority"], route["weight"], route["cost"]["audio_completion"]) == (4, 3, "15")

    silent = await omna("model", "price", "voice", "--prompt-price", "1", "--completion-price", "2")
    assert (silent.code, "sound" in silent.error) == (1, True)

    assert (await omna("model", "alias", "auto", "voice", "--json")).json == {"alias": "auto", "model": "voice"}
    (listed,) = (await omna("model", "list", "--json")).json["models"]
    assert listed["aliases"] == ["auto"]
    assert "auto" in (await omna("model", "list")).output
    for wrong in (("auto",), ("auto", "voice", "--remove"), ("voice", "voice"), ("other", "nobody")):
        refused = await omna("model", "alias", *wrong)
        assert (refused.code, refused.error.count("\n")) == (1, 1)
    assert (await omna("model", "alias", "auto", "--remove")).code == 0
    assert (await omna("model", "alias", "auto", "--remove")).code == 1


async def test_a_price_list_is_shown_first_and_written_when_told(omna: Shell, tmp_path: Path) -> None:
    await omna("provider", "add", "example", "--kind", "openai", "--base-url", "https://api.example.com/v1")
    prices = {"prompt": "0.000001", "completion": "0.000002"}
    entries = [
        {"id": "v/good", "pricing": prices},
        {"id": "v/router", "pricing": {"prompt": "-1", "completion": "-1"}},
        {"id": "w/other", "pricing": prices},
    ]
    file = tmp_path / "models.json"
    file.write_text(json.dumps({"data": entries}))
    command = ("provider", "import", "example", "--file", str(file), "--match", "v/*", "--markup", "10")
    shown = await omna(*command)
    assert shown.code == 0, shown.error
    assert "prompt 1.1, completion 2.2" in shown.output
    assert "--apply writes it" in shown.output
    assert (await omna("model", "list", "--json")).json["models"] == []
    written = (await omna(*command, "--apply", "--json")).json
    assert written["applied"] is True
    assert [(line["id"], line["change"]) for line in written["models"]] == [("v/good", "new"), ("v/router", "refused")]
    assert written["models"][0]["prices"] == {
        "prompt": {"old": None, "new": "1.1"}, "completion": {"old": None, "new": "2.2"},
    }  # fmt: skip
    (model,) = (await omna("model", "list", "--json")).json["models"]
    assert (model["id"], model["price"]["prompt"], model["routes"][0]["cost"]["prompt"]) == ("v/good", "1.1", "1")
    again = (await omna(*command, "--json")).json["models"]
    assert [line["change"] for line in again] == ["unchanged", "refused"]

    file.write_text('{"object": "list", "data": [{"id": "gpt-5", "object": "model"}]}')
    assert "no prices" in (await omna(*command)).error
    for wrong in (("--markup", "-1"), ("--file", str(tmp_path / "nothing"))):
        refused = await omna("provider", "import", "example", *wrong)
        assert (refused.code, refused.error.count("\n")) == (1, 1)


async def test_a_price_list_that_cannot_be_fetched_is_one_line(omna: Shell) -> None:
    await omna("provider", "add", "gone", "--kind", "openai", "--base-url", "http://127.0.0.1:9/v1", "--allow-private")
    refused = await omna("provider", "import", "gone")
    assert (refused.code, refused.error.count("\n")) == (1, 1)
    assert "the list of gone cannot be read" in refused.error


async def test_staff_see_who_asks_for_access_and_has_none(omna: Shell, connection: asyncpg.Connection) -> None:
    await omna("user", "create", "ann@example.com")
    await connection.execute(
        "INSERT INTO access_requests (access_request_id, email, email_normalized, name, message)"
        " VALUES (gen_random_uuid(), 'bea@example.com', 'bea@example.com', 'Bea', 'Letters'),"
        " (gen_random_uuid(), 'ann@example.com', 'ann@example.com', 'Ann', 'Mine')"
    )
    asking = (await omna("user", "requests", "--json")).json
    assert [(one["email"], one["message"]) for one in asking] == [("bea@example.com", "Letters")]
