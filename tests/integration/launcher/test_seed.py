"""What the first start leaves in the database, and later starts leave alone."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.config import Settings
from omna.keys import service as keys
from omna.launcher import facts
from omna.launcher.facts import FirstRun
from omna.launcher.seed import OWNER_EMAIL, seed
from omna.ledger import service as ledger
from omna.money import parse_credits
from omna.workspaces import service as workspaces


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


async def test_first_start_makes_an_owner_who_can_pay(
    database_url: str, settings: Settings, connection: asyncpg.Connection
) -> None:
    seeded = await seed(database_url, settings, {}, None, demo=True)
    assert seeded.first
    assert seeded.facts is not None
    assert facts.read(settings.data / facts.FIRST_RUN, FirstRun) == seeded.facts
    owner = await accounts.find_by_email(connection, OWNER_EMAIL)
    assert owner is not None
    passwords = accounts.Passwords(threads=1)
    assert await accounts.password_matches(connection, owner, seeded.facts.password, passwords=passwords)
    passwords.close()
    key = await keys.authenticate(connection, seeded.facts.key)
    workspace = await workspaces.find(connection, OWNER_EMAIL)
    assert key.workspace_id == workspace.workspace_id
    wallet = await ledger.wallet(connection, workspace.workspace_id)
    assert wallet.available_promo == parse_credits(settings.credits.starter)


async def test_second_start_changes_nothing(
    database_url: str, settings: Settings, connection: asyncpg.Connection
) -> None:
    first = await seed(database_url, settings, {}, None, demo=True)
    before = await counts(connection)
    second = await seed(database_url, settings, {}, None, demo=True)
    assert (second.facts, second.first, second.added, second.key_works) == (first.facts, False, [], True)
    assert await counts(connection) == before


async def test_revoked_first_key_is_not_replaced_behind_the_operators_back(
    database_url: str, settings: Settings, connection: asyncpg.Connection
) -> None:
    await seed(database_url, settings, {}, None, demo=True)
    await connection.execute("UPDATE api_keys SET revoked_at = now()")
    again = await seed(database_url, settings, {}, None, demo=True)
    assert not again.key_works
    assert await connection.fetchval("SELECT count(*) FROM api_keys") == 1


async def test_file_about_an_owner_who_never_came_to_be_is_replaced(
    database_url: str, settings: Settings, connection: asyncpg.Connection
) -> None:
    facts.write(settings.data / facts.FIRST_RUN, FirstRun(OWNER_EMAIL, "lost-with-the-crash", "omna_lost"))
    seeded = await seed(database_url, settings, {}, None, demo=True)
    assert seeded.first
    assert seeded.facts is not None
    assert (await keys.authenticate(connection, seeded.facts.key)).name == "first key"


async def test_without_demo_nobody_is_made(
    database_url: str, settings: Settings, connection: asyncpg.Connection
) -> None:
    seeded = await seed(database_url, settings, {}, None, demo=False)
    assert seeded.facts is None
    assert await connection.fetchval("SELECT count(*) FROM users") == 0


async def test_installation_with_an_owner_of_its_own_gets_no_other(
    database_url: str, settings: Settings, connection: asyncpg.Connection
) -> None:
    await seed(database_url, settings, {}, None, demo=True)
    (settings.data / facts.FIRST_RUN).unlink()
    again = await seed(database_url, settings, {}, None, demo=True)
    assert again.facts is None
    assert await connection.fetchval("SELECT count(*) FROM users") == 1


async def test_starter_of_zero_books_nothing(
    database_url: str, settings: Settings, connection: asyncpg.Connection
) -> None:
    settings = replace(settings, credits=replace(settings.credits, starter="0"))
    assert (await seed(database_url, settings, {}, None, demo=True)).first
    assert await connection.fetchval("SELECT count(*) FROM transfers") == 0


async def counts(connection: asyncpg.Connection) -> list[int]:
    tables = ("users", "workspaces", "api_keys", "transfers", "audit_log", "providers", "models", "price_versions")
    return [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
