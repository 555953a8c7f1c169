import asyncpg

from omna.audit.service import Actor
from omna.catalog import service as catalog
from omna.catalog import starter
from omna.catalog.model import rates
from omna.vault.keyring import Keyring

OPENROUTER = {"OPENROUTER_API_KEY": "sk-or-one"}


async def stock(
    connection: asyncpg.Connection,
    keyring: Keyring,
    actor: Actor,
    environment: dict[str, str],
    *,
    local: bool = True,
) -> list[str]:
    async with connection.transaction():
        return await starter.stock(
            connection, environment=environment, usd_per_credit="1", local=local, keyring=keyring, actor=actor
        )


async def secret_of(connection: asyncpg.Connection, keyring: Keyring, provider: str) -> str | None:
    return catalog.endpoint(await catalog.find_provider(connection, provider), keyring).secret


async def test_without_keys_the_local_model_answers_for_both_names(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    await stock(connection, keyring, actor, {})
    models = (await catalog.load_snapshot(connection)).models
    assert set(models) == {starter.LOCAL_MODEL, starter.FREE_MODEL}
    for model in models.values():
        assert [route.provider.name for route in model.routes] == ["local"]
        assert model.price is not None
        assert model.price.rates.prompt > 0


async def test_a_second_start_changes_nothing(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> None:
    assert await stock(connection, keyring, actor, OPENROUTER)
    version = (await catalog.load_snapshot(connection)).version
    assert await stock(connection, keyring, actor, OPENROUTER) == []
    assert (await catalog.load_snapshot(connection)).version == version


async def test_the_free_model_goes_to_openrouter_first_when_its_key_arrives_later(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    await stock(connection, keyring, actor, {})
    # What costs something and is answered here is not called free.
    assert (await catalog.find_model(connection, starter.FREE_MODEL)).name == "Omna local"
    added = await stock(connection, keyring, actor, OPENROUTER)
    assert {"openrouter", starter.FREE_MODEL, "openai/gpt-5-mini"} <= set(added)
    model = await catalog.find_model(connection, starter.FREE_MODEL)
    assert [(route.provider.name, route.upstream_model) for route in model.routes] == [
        ("openrouter", starter.FREE_UPSTREAM),
        ("local", starter.LOCAL_MODEL),
    ]
    assert model.name == "Free models"


async def test_without_the_local_model_nothing_local_is_added(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    await stock(connection, keyring, actor, OPENROUTER, local=False)
    model = await catalog.find_model(connection, starter.FREE_MODEL)
    assert [route.provider.name for route in model.routes] == ["openrouter"]


async def test_what_the_operator_decided_stays(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> None:
    await stock(connection, keyring, actor, OPENROUTER)
    async with connection.transaction():
        await catalog.disable_model(connection, "openai/gpt-5-mini", actor=actor)
        await catalog.disable_model(connection, starter.FREE_MODEL, actor=actor)
        await catalog.price_model(connection, starter.LOCAL_MODEL, rates(7, 7), actor=actor)
        await catalog.set_provider_enabled(connection, "openrouter", False, actor=actor)
    before = await catalog.list_models(connection)
    assert await stock(connection, keyring, actor, OPENROUTER) == []
    assert await catalog.list_models(connection) == before


async def test_a_new_key_in_the_environment_is_taken_and_the_operators_is_kept(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    await stock(connection, keyring, actor, OPENROUTER)
    await stock(connection, keyring, actor, {"OPENROUTER_API_KEY": "sk-or-two"})
    assert await secret_of(connection, keyring, "openrouter") == "sk-or-two"
    async with connection.transaction():
        await catalog.add_provider(
            connection,
            "openrouter",
            kind="openai",
            base_url="https://openrouter.ai/api/v1",
            secret="sk-or-operator",
            allow_private=False,
            keyring=keyring,
            actor=actor,
        )
    await stock(connection, keyring, actor, {"OPENROUTER_API_KEY": "sk-or-two"})
    assert await secret_of(connection, keyring, "openrouter") == "sk-or-operator"


async def test_a_provider_the_operator_added_first_keeps_its_key(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    async with connection.transaction():
        await catalog.add_provider(
            connection,
            "openai",
            kind="openai",
            base_url="https://proxy.example.com/v1",
            secret="sk-operator",
            allow_private=False,
            keyring=keyring,
            actor=actor,
        )
    await stock(connection, keyring, actor, {"OPENAI_API_KEY": "sk-environment"})
    provider = await catalog.find_provider(connection, "openai")
    assert provider.base_url == "https://proxy.example.com/v1"
    assert await secret_of(connection, keyring, "openai") == "sk-operator"


async def test_the_local_address_is_written_only_when_it_changed(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    await stock(connection, keyring, actor, {})

    async def tell(address: str, secret: str) -> int:
        async with connection.transaction():
            await starter.set_local_endpoint(connection, address, secret, keyring=keyring, actor=actor)
        return (await catalog.load_snapshot(connection)).version

    first = await tell("http://127.0.0.1:41234/v1", "a")
    assert await tell("http://127.0.0.1:41234/v1", "a") == first
    assert await tell("http://127.0.0.1:41235/v1", "a") > first
    assert await secret_of(connection, keyring, "local") == "a"


async def test_a_provider_speaks_its_host_s_format_and_an_old_row_keeps_its_own(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    await stock(connection, keyring, actor, {"ANTHROPIC_API_KEY": "sk-ant-one"}, local=False)
    added = await catalog.find_provider(connection, "anthropic")
    assert added.kind == "anthropic"
    async with connection.transaction():
        await catalog.add_provider(
            connection,
            "anthropic",
            kind="openai",
            base_url=added.base_url,
            secret="sk-ant-one",
            allow_private=False,
            keyring=keyring,
            actor=actor,
        )
    await stock(connection, keyring, actor, {"ANTHROPIC_API_KEY": "sk-ant-two"}, local=False)
    assert (await catalog.find_provider(connection, "anthropic")).kind == "openai"
    assert await secret_of(connection, keyring, "anthropic") == "sk-ant-two"
