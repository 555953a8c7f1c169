"""The rules of migration files that need no database."""

from pathlib import Path

import pytest

from omna.db import migrate


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(migrate, "MIGRATIONS", tmp_path)
    return tmp_path


def test_migrations_are_read_in_the_order_of_their_numbers(folder: Path) -> None:
    (folder / "0002_keys_create.sql").write_text("SELECT 2")
    (folder / "0001_users_create.sql").write_text("SELECT 1")
    assert [(script.number, script.text) for script in migrate.migrations()] == [(1, "SELECT 1"), (2, "SELECT 2")]


def test_a_number_taken_twice_is_refused(folder: Path) -> None:
    for name in ("0001_a.sql", "0001_b.sql"):
        (folder / name).write_text("SELECT 1")
    with pytest.raises(migrate.MigrationError, match="has this number"):
        migrate.migrations()


def test_a_number_that_has_not_arrived_yet_is_no_obstacle(folder: Path) -> None:
    for name in ("0001_a.sql", "0003_b.sql"):
        (folder / name).write_text("SELECT 1")
    assert [script.number for script in migrate.migrations()] == [1, 3]


@pytest.mark.parametrize("name", ["1_users.sql", "0001_Users.sql", "0001-users.sql", "0001_.sql"])
def test_a_malformed_name_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("SELECT 1")
    with pytest.raises(migrate.MigrationError, match="is named like"):
        migrate.migrations()


def test_every_function_file_of_the_list_exists() -> None:
    assert [script.name for script in migrate.function_files()] == list(migrate.FUNCTION_FILES)


def test_a_server_older_than_15_is_refused() -> None:
    migrate.check_server(15)
    with pytest.raises(migrate.MigrationError, match="PostgreSQL 14; Omna needs 15"):
        migrate.check_server(14)
