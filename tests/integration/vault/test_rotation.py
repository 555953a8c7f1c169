"""`omna secrets rotate` seals again whatever is sealed, wherever it is stored."""

from pathlib import Path

import asyncpg
import pytest

from omna.accounts import second_step
from omna.accounts import service as accounts
from omna.alerts import settings as alert_settings
from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.cli.secrets import rotate
from omna.config import Settings
from omna.risk.reconciliation import service as reconciliation
from omna.vault import service as vault
from omna.vault.keyring import Keyring, Purpose


async def seal_everything(connection: asyncpg.Connection, keyring: Keyring) -> None:
    """Store a secret in every column that can hold one."""
    actor = audit.Actor("cli:tester", "test", keyring.derive(Purpose.AUDIT_CHAIN))
    async with connection.transaction():
        await catalog.add_provider(
            connection, "example", kind="openai", base_url="https://api.example.com/v1", secret="sk-calls",
            allow_private=False, keyring=keyring, actor=actor,
        )  # fmt: skip
        await reconciliation.set_key(
            connection, "example", "sk-reports", "openai", keyring=keyring, reason="test", actor=actor
        )
        await alert_settings.set_webhook(connection, "https://example.com/in", allowed=False, keyring=keyring)
        await alert_settings.rotate(connection, keyring)
        user = await accounts.create_user(connection, "ann@example.com", actor=actor)
        sealed = [keyring.seal(Purpose.TOTP, text, second_step.place(user.user_id)) for text in ("in use", "pending")]
        await connection.execute(
            "INSERT INTO totp_factors (user_id, secret, confirmed_at, pending, pending_ends_at)"
            " VALUES ($1, $2, now(), $3, now())",
            user.user_id,
            *sealed,
        )


async def sealed_columns(connection: asyncpg.Connection) -> tuple[dict[str, set[str]], set[str]]:
    """Return the ids of the keys that sealed something, by column; and the columns named like secrets."""
    rows = await connection.fetch(
        "SELECT c.table_name, c.column_name FROM information_schema.columns AS c JOIN information_schema.tables AS t"
        " USING (table_schema, table_name) WHERE c.table_schema = 'omna' AND t.table_type = 'BASE TABLE'"
        " AND c.data_type IN ('text', 'jsonb', 'ARRAY')"
    )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        ids = await connection.fetch(
            f"SELECT DISTINCT (regexp_matches({column}::text, 'v1:([0-9a-f]{{12}}):', 'g'))[1] AS id FROM omna.{table}"
        )
        if ids:
            found[f"{table}.{column}"] = {row["id"] for row in ids}
    return found, {f"{table}.{column}" for table, column in rows if "secret" in column}


async def test_a_rotation_leaves_nothing_sealed_with_an_old_key(
    connection: asyncpg.Connection, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNA_DATA", str(tmp_path))
    monkeypatch.setenv("OMNA_DATABASE_URL", database_url)
    keyring = await vault.open_keyring(connection, Settings(tmp_path))
    await seal_everything(connection, keyring)
    # Twice: the first one makes the key that the second has to seal again as well.
    for _ in range(2):
        await rotate()
    now, named = await sealed_columns(connection)
    assert {column for column, ids in now.items() if ids != {keyring.current_id}} == set()
    # Whoever adds a sealed column adds it to `seal_everything`, and so to the rotation.
    assert named - now.keys() == set()
    assert {"installation.value", "totp_factors.pending", "alert_settings.webhook_old_secret"} <= now.keys()

    provider = await catalog.find_provider(connection, "example")
    assert catalog.endpoint(provider, keyring).secret == "sk-calls"
    assert len(set(alert_settings.keys_of(await alert_settings.get(connection), keyring))) == 2
    fresh = await vault.open_keyring(connection, Settings(tmp_path))
    assert await audit.verify(connection, await vault.audit_keys(connection, fresh)) == []
