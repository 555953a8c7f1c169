"""What `omna doctor` finds wrong with a machine, a database server and the way to both."""

from pathlib import Path

import asyncpg
import pytest

from omna.cli import doctor_checks
from omna.cli.doctor_checks import Check, of_database, of_machine
from omna.config import Server, Settings


def found(checks: list[Check]) -> dict[str, tuple[bool, str]]:
    return {check.name: (check.ok, check.detail) for check in checks}


@pytest.mark.parametrize(
    ("server", "wrong"),
    [
        (Server(), None),
        (Server(public_url="https://ai.example", trusted_proxies="10.0.0.0/8"), None),
        (Server(public_url="https://ai.example"), "proxies"),
        (Server(public_url="https://ai.example", trusted_proxies="10.0.0.300"), "proxies"),
        (Server(public_url="http://ai.example"), "public address"),
        (Server(public_url="http://ai.example", allow_http=True), None),
        (Server(public_url="ai.example"), "public address"),
    ],
)
def test_the_way_in_is_judged(tmp_path: Path, server: Server, wrong: str | None) -> None:
    checks = of_machine(Settings(data=tmp_path, server=server))
    assert [check.name for check in checks if not check.ok] == ([] if wrong is None else [wrong])


def test_settlements_that_nobody_booked_and_a_full_disk_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "dead.jsonl").write_text("{}\n{}\n{}\n")
    monkeypatch.setattr(doctor_checks, "_LEAST_BYTES", 1 << 60)
    seen = found(of_machine(Settings(data=tmp_path)))
    assert seen["journal"][0] is False
    assert seen["journal"][1].startswith("3 settlements")
    assert seen["disk"][0] is False


async def test_a_server_that_forgets_is_no_place_for_money(connection: asyncpg.Connection) -> None:
    seen = found(await of_database(connection))
    assert seen["durability"][0] is False
    assert "fsync" in seen["durability"][1]
    assert {name for name, (ok, _) in seen.items() if not ok} == {"durability"}
    assert seen["connection"] == (True, "on this machine")
    assert seen["jobs"] == (True, "no worker has run yet")
    await connection.execute("SET synchronous_commit = off")
    assert "synchronous_commit" in found(await of_database(connection))["durability"][1]


async def test_a_clock_that_is_wrong_is_found(connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_checks.time, "time", lambda: 1_000_000_000.0)
    ok, detail = found(await of_database(connection))["clock"]
    assert not ok
    assert detail.endswith("s from the database's")


async def test_a_schema_of_a_later_release_is_told(connection: asyncpg.Connection, database_url: str) -> None:
    assert (await doctor_checks.drift(connection)).detail.startswith("up to date")
    owner = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    await owner.execute(
        'INSERT INTO schema_migrations SELECT (s).* FROM (SELECT jsonb_populate_record(m, \'{"number": 9999,'
        ' "name": "9999_later.sql"}\') AS s FROM schema_migrations AS m ORDER BY number LIMIT 1) AS later'
    )
    await owner.close()
    assert "9999_later.sql" in (await doctor_checks.drift(connection)).detail
