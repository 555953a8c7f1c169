import secrets
from pathlib import Path

import asyncpg
import pytest

from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.config import Secrets, Settings
from omna.vault import service as vault
from omna.vault.keyring import Keyring, MasterKeyError, Purpose


def actor_of(keyring: Keyring) -> audit.Actor:
    return audit.Actor("cli:tester", "test", keyring.derive(Purpose.AUDIT_CHAIN))


async def add_provider(connection: asyncpg.Connection, keyring: Keyring) -> None:
    async with connection.transaction():
        await catalog.add_provider(
            connection,
            "example",
            kind="openai",
            base_url="https://api.example.com/v1",
            secret="sk-example",
            allow_private=False,
            keyring=keyring,
            actor=actor_of(keyring),
        )


async def rotate(connection: asyncpg.Connection, keyring: Keyring) -> None:
    async with connection.transaction():
        await catalog.reseal_secrets(connection, keyring)
        await vault.reseal(connection, keyring)
        await audit.record(connection, actor_of(keyring), "secrets.rotate", keyring.current_id)


async def secret_of(connection: asyncpg.Connection, keyring: Keyring) -> str | None:
    provider = await catalog.find_provider(connection, "example")
    return catalog.endpoint(provider, keyring).secret


async def test_the_first_use_makes_a_key_and_the_next_one_finds_it(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    first = await vault.open_keyring(connection, Settings(tmp_path))
    again = await vault.open_keyring(connection, Settings(tmp_path))
    assert first.current_id == again.current_id


async def test_another_key_is_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    await vault.open_keyring(connection, Settings(tmp_path))
    with pytest.raises(MasterKeyError, match="is not the master key"):
        await vault.open_keyring(connection, Settings(tmp_path, secrets=Secrets(secrets.token_hex(32))))


async def test_a_missing_key_is_refused_and_none_is_made_in_its_place(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    await vault.open_keyring(connection, Settings(tmp_path / "one"))
    with pytest.raises(MasterKeyError, match="copy the file"):
        await vault.open_keyring(connection, Settings(tmp_path / "two"))
    assert not (tmp_path / "two" / "master.key").exists()


async def test_a_rotation_reseals_everything_and_the_old_key_opens_nothing(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    keyring = await vault.open_keyring(connection, Settings(tmp_path))
    old = Keyring.from_text((tmp_path / "master.key").read_text())
    for _ in range(3):
        await add_provider(connection, keyring)
        vault.begin_rotation(keyring)
        await rotate(connection, keyring)
        assert vault.finish_rotation(keyring)
    assert len(keyring.ids) == 1
    fresh = await vault.open_keyring(connection, Settings(tmp_path))
    assert await secret_of(connection, fresh) == "sk-example"
    with pytest.raises(Exception, match="another master key"):
        await secret_of(connection, old)
    assert await audit.verify(connection, await vault.audit_keys(connection, fresh)) == []


async def test_a_rotation_that_was_interrupted_is_finished_by_the_next(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    keyring = await vault.open_keyring(connection, Settings(tmp_path))
    await add_provider(connection, keyring)
    vault.begin_rotation(keyring)
    new = keyring.current_id
    # The process ends here: nothing is resealed, and everything still opens.
    restarted = await vault.open_keyring(connection, Settings(tmp_path))
    assert await secret_of(connection, restarted) == "sk-example"
    vault.begin_rotation(restarted)
    assert restarted.current_id == new
    await rotate(connection, restarted)
    # And here: resealed, but the old key not dropped.
    again = await vault.open_keyring(connection, Settings(tmp_path))
    vault.begin_rotation(again)
    await rotate(connection, again)
    vault.finish_rotation(again)
    assert again.ids == [new]
    assert await secret_of(connection, again) == "sk-example"
    assert await audit.verify(connection, await vault.audit_keys(connection, again)) == []


async def test_keys_of_the_environment_rotate_with_both_in_place(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    old, new = secrets.token_hex(32), secrets.token_hex(32)
    keyring = await vault.open_keyring(connection, Settings(tmp_path, secrets=Secrets(old)))
    await add_provider(connection, keyring)
    with pytest.raises(MasterKeyError, match="a comma and the old key"):
        vault.begin_rotation(keyring)
    both = await vault.open_keyring(connection, Settings(tmp_path, secrets=Secrets(f"{new},{old}")))
    vault.begin_rotation(both)
    await rotate(connection, both)
    assert not vault.finish_rotation(both)
    alone = await vault.open_keyring(connection, Settings(tmp_path, secrets=Secrets(new)))
    assert await secret_of(connection, alone) == "sk-example"
    assert await audit.verify(connection, await vault.audit_keys(connection, alone)) == []
