from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from omna.audit import service as audit
from omna.audit.service import Actor
from omna.catalog import service as catalog
from omna.catalog.model import Rates, rates
from omna.catalog.service import Model, Provider
from omna.clock import now
from omna.errors import InvalidValue, ModelNotFound, NotFound
from omna.vault.keyring import Keyring

URL = "https://api.example.com/v1"
PRICES = rates(1_000, 2_000, cached=100)
COSTS = rates(500, 700)


async def add_provider(
    connection: asyncpg.Connection,
    keyring: Keyring,
    actor: Actor,
    name: str = "example",
    base_url: str = URL,
    secret: str | None = "sk-example",
) -> Provider:
    async with connection.transaction():
        return await catalog.add_provider(
            connection,
            name,
            kind="openai",
            base_url=base_url,
            secret=secret,
            allow_private=False,
            keyring=keyring,
            actor=actor,
        )


async def add_model(
    connection: asyncpg.Connection,
    actor: Actor,
    model: str = "small",
    provider: str = "example",
    prices: Rates = PRICES,
) -> Model:
    async with connection.transaction():
        return await catalog.add_model(
            connection,
            model,
            provider=provider,
            upstream_model=f"{model}-upstream",
            prices=prices,
            costs=COSTS,
            context_length=8192,
            actor=actor,
        )


@pytest.fixture(autouse=True)
async def _catalogue(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> None:
    await add_provider(connection, keyring, actor)
    await add_model(connection, actor)


async def test_a_snapshot_holds_model_price_route_and_provider(connection: asyncpg.Connection) -> None:
    snapshot = await catalog.load_snapshot(connection)
    model = snapshot.models["small"]
    assert model.price is not None
    assert model.price.rates == PRICES
    (route,) = model.routes
    assert (route.upstream_model, route.costs, route.provider.base_url) == ("small-upstream", COSTS, URL)
    assert snapshot.valid_until is None


async def test_every_change_raises_the_version_and_no_change_does_not(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    before = (await catalog.load_snapshot(connection)).version
    await add_provider(connection, keyring, actor)
    assert (await catalog.load_snapshot(connection)).version == before
    await add_provider(connection, keyring, actor, secret="sk-other")
    assert (await catalog.load_snapshot(connection)).version > before


async def test_a_key_is_sealed_in_the_database_and_open_in_the_endpoint(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    provider = await catalog.find_provider(connection, "example")
    assert catalog.endpoint(provider, keyring).secret == "sk-example"
    dump = await connection.fetch("SELECT p::text FROM providers AS p UNION ALL SELECT a::text FROM audit_log AS a")
    assert all("sk-example" not in row[0] for row in dump)


async def test_a_key_stays_with_its_origin(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> None:
    kept = await add_provider(connection, keyring, actor, base_url="https://api.example.com/v2", secret=None)
    assert kept.secret is not None
    moved = await add_provider(connection, keyring, actor, base_url="https://api.example.org/v2", secret=None)
    assert moved.secret is None


async def test_a_further_provider_is_a_further_route_tried_later(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    await add_provider(connection, keyring, actor, name="another")
    model = await add_model(connection, actor, provider="another")
    assert [(route.provider.name, route.priority) for route in model.routes] == [("example", 0), ("another", 1)]


async def test_the_same_price_again_is_no_new_version(connection: asyncpg.Connection, actor: Actor) -> None:
    await add_model(connection, actor)
    assert await connection.fetchval("SELECT count(*) FROM price_versions") == 1
    model = await add_model(connection, actor, prices=rates(1, 2))
    assert await connection.fetchval("SELECT count(*) FROM price_versions") == 2
    assert model.price is not None
    assert model.price.rates == rates(1, 2)


async def test_a_price_to_come_ends_the_snapshot(connection: asyncpg.Connection, actor: Actor) -> None:
    moment = now() + timedelta(hours=1)
    async with connection.transaction():
        await catalog.price_model(connection, "small", rates(9, 9), actor=actor, effective_from=moment)
    snapshot = await catalog.load_snapshot(connection)
    assert snapshot.valid_until == moment
    price = snapshot.models["small"].price
    assert price is not None
    assert price.rates == PRICES


async def test_a_price_in_the_past_is_refused(connection: asyncpg.Connection, actor: Actor) -> None:
    with pytest.raises(InvalidValue):
        async with connection.transaction():
            await catalog.price_model(
                connection, "small", PRICES, actor=actor, effective_from=now() - timedelta(seconds=1)
            )


async def test_the_database_refuses_negative_and_changed_prices(connection: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(
            "INSERT INTO price_versions SELECT gen_random_uuid(), model_id, now(), -1, 0, 0, 0, 0, 0 FROM models"
        )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("UPDATE price_versions SET prompt = 0")


async def test_what_is_switched_off_is_not_on_sale(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        await catalog.set_provider_enabled(connection, "example", False, actor=actor)
    assert (await catalog.load_snapshot(connection)).models["small"].routes == ()
    async with connection.transaction():
        await catalog.disable_model(connection, "small", actor=actor)
    assert (await catalog.load_snapshot(connection)).models == {}
    await add_model(connection, actor)
    assert set((await catalog.load_snapshot(connection)).models) == {"small"}


async def test_a_model_without_a_price_is_not_on_sale(connection: asyncpg.Connection) -> None:
    await connection.execute("INSERT INTO models (model_id, name) VALUES ('unpriced', 'unpriced')")
    assert set((await catalog.load_snapshot(connection)).models) == {"small"}
    assert "unpriced" in {model.model_id for model in await catalog.list_models(connection)}


async def test_unknown_names_are_not_found(connection: asyncpg.Connection, actor: Actor) -> None:
    with pytest.raises(NotFound):
        await add_model(connection, actor, provider="nobody")
    with pytest.raises(ModelNotFound):
        await catalog.find_model(connection, "nothing")
    assert await catalog.unknown_models(connection, ["small", "b", "a"]) == ["a", "b"]


async def test_every_change_is_audited(connection: asyncpg.Connection, actor: Actor) -> None:
    actions = await connection.fetch("SELECT action, subject FROM audit_log ORDER BY seq")
    assert [tuple(row) for row in actions] == [("provider.add", "example"), ("model.add", "small")]
    assert await audit.verify(connection, [actor.key]) == []


async def test_an_entry_says_what_a_model_can_do_and_keeps_what_is_not_given(
    connection: asyncpg.Connection, actor: Actor
) -> None:
    async with connection.transaction():
        await catalog.add_model(
            connection,
            "small",
            provider="example",
            upstream_model="small-upstream",
            prices=PRICES,
            costs=COSTS,
            actor=actor,
            endpoints=("chat", "completions"),
            input_modalities=("text", "image"),
            supported_parameters=("temperature", "tools"),
            dropped_parameters=("seed",),
            priority=3,
            weight=5,
        )
    await add_model(connection, actor)
    model = (await catalog.load_snapshot(connection)).models["small"]
    assert (model.endpoints, model.input_modalities, model.output_modalities) == (
        ("chat", "completions"), ("text", "image"), ("text",),
    )  # fmt: skip
    assert (model.supported_parameters, model.dropped_parameters) == (("temperature", "tools"), ("seed",))
    assert [(route.priority, route.weight) for route in model.routes] == [(3, 5)]


@pytest.mark.parametrize(
    "entry",
    [
        {"endpoints": ("video",)},
        {"endpoints": ()},
        {"input_modalities": ("smell",)},
        {"output_modalities": ("video",)},
        {"supported_parameters": ("no spaces",)},
        {"dropped_parameters": ("x",) * 101},
        {"weight": 0},
        {"priority": -1},
    ],
)
async def test_an_entry_that_cannot_be_is_refused_and_names_the_field(
    connection: asyncpg.Connection, actor: Actor, entry: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await catalog.add_model(
            connection,
            "small",
            provider="example",
            upstream_model="x",
            prices=PRICES,
            costs=COSTS,
            actor=actor,
            **entry,
        )
    assert refused.value.param == next(iter(entry))


async def test_a_new_model_takes_chat_and_text(connection: asyncpg.Connection) -> None:
    model = (await catalog.load_snapshot(connection)).models["small"]
    assert (model.endpoints, model.input_modalities, model.output_modalities) == (("chat",), ("text",), ("text",))
    assert (model.supported_parameters, model.dropped_parameters) == (None, ())
    assert (model.routes[0].weight, model.routes[0].provider.max_in_flight) == (1, None)


async def test_a_provider_keeps_how_much_it_takes_at_once(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    for given in (16, None):
        async with connection.transaction():
            provider = await catalog.add_provider(
                connection, "example", kind="openai", base_url=URL, secret=None, allow_private=False, keyring=keyring,
                actor=actor, max_in_flight=given,
            )  # fmt: skip
        assert provider.max_in_flight == 16
    assert (await catalog.find_provider(connection, "example")).max_in_flight == 16
    with pytest.raises(InvalidValue, match="max_in_flight"):
        await catalog.add_provider(
            connection, "example", kind="openai", base_url=URL, secret=None, allow_private=False, keyring=keyring,
            actor=actor, max_in_flight=0,
        )  # fmt: skip


async def test_an_alias_stands_for_a_model_and_can_move_and_go(connection: asyncpg.Connection, actor: Actor) -> None:
    await add_model(connection, actor, "large")
    before = await catalog.load_snapshot(connection)
    assert before.model("auto") is None
    async with connection.transaction():
        await catalog.set_alias(connection, "auto", "small", actor=actor)
    aliased = await catalog.load_snapshot(connection)
    assert aliased.version > before.version
    assert aliased.model("auto") is aliased.models["small"]
    async with connection.transaction():
        await catalog.set_alias(connection, "auto", "large", actor=actor)
    moved = await catalog.load_snapshot(connection)
    assert moved.model("auto") is moved.models["large"]
    async with connection.transaction():
        await catalog.disable_model(connection, "large", actor=actor)
    assert (await catalog.load_snapshot(connection)).aliases == {}
    async with connection.transaction():
        await catalog.remove_alias(connection, "auto", actor=actor)
    assert await catalog.list_aliases(connection) == {}
    entries = await connection.fetch("SELECT action, before, after FROM audit_log WHERE subject = 'auto' ORDER BY seq")
    assert [(entry["action"], entry["before"], entry["after"]) for entry in entries] == [
        ("model.alias", None, {"model": "small"}),
        ("model.alias", {"model": "small"}, {"model": "large"}),
        ("model.unalias", {"model": "large"}, None),
    ]


async def test_a_name_is_a_model_or_an_alias_and_never_both(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        await catalog.set_alias(connection, "auto", "small", actor=actor)
    with pytest.raises(InvalidValue, match="is an alias"):
        await add_model(connection, actor, "auto")
    with pytest.raises(InvalidValue, match="the id of a model"):
        await catalog.set_alias(connection, "small", "small", actor=actor)
    with pytest.raises(InvalidValue, match="no model id"):
        await catalog.set_alias(connection, "no good", "small", actor=actor)
    with pytest.raises(ModelNotFound):
        await catalog.set_alias(connection, "other", "nobody", actor=actor)
    with pytest.raises(NotFound):
        await catalog.remove_alias(connection, "other", actor=actor)


async def test_prices_and_costs_of_every_class_come_back_as_they_were_set(
    connection: asyncpg.Connection, actor: Actor
) -> None:
    prices = Rates(*range(101, 114))
    costs = Rates(*range(201, 207), None, 208, None, 210, 0, 0, 213)
    async with connection.transaction():
        await catalog.add_model(
            connection, "small", provider="example", upstream_model="small-upstream", prices=prices, costs=costs,
            actor=actor,
        )  # fmt: skip
    model = await catalog.find_model(connection, "small")
    assert model.price is not None
    assert (model.price.rates, model.routes[0].costs) == (prices, costs)
    assert (await catalog.price_version(connection, model.price.price_version_id)).rates == prices


async def test_what_a_model_makes_cannot_lose_its_price(connection: asyncpg.Connection, actor: Actor) -> None:
    speaks: dict[str, Any] = {"provider": "example", "upstream_model": "x", "output_modalities": ("text", "audio")}
    with pytest.raises(InvalidValue, match="sound"):
        await catalog.add_model(connection, "voice", prices=PRICES, costs=COSTS, actor=actor, **speaks)
    async with connection.transaction():
        await catalog.add_model(
            connection, "voice", prices=rates(1, 1, audio_completion=0), costs=COSTS, actor=actor, **speaks
        )
    with pytest.raises(InvalidValue, match="sound"):
        await catalog.price_model(connection, "voice", PRICES, actor=actor)


async def test_prices_that_were_set_before_sound_had_one_mean_what_they_meant(connection: asyncpg.Connection) -> None:
    """The columns of 0009 are absent from an older statement, as they were from every row before it."""
    await connection.execute(
        "INSERT INTO price_versions (price_version_id, model_id, effective_from, prompt, completion, cached,"
        " cache_write, reasoning, request) VALUES (gen_random_uuid(), 'small', now(), 1, 2, 3, 4, 5, 6)"
    )
    model = await catalog.find_model(connection, "small")
    assert model.price is not None
    assert model.price.rates == rates(1, 2, cached=3, cache_write=4, reasoning=5, request=6)


async def test_retired_model_is_off_sale_and_names_its_successor(connection: asyncpg.Connection, actor: Actor) -> None:
    await add_model(connection, actor, "next")
    async with connection.transaction():
        await catalog.set_alias(connection, "tiny", "small", actor=actor)
        await connection.execute(
            "UPDATE models SET deprecated_at = now(), retires_at = now() + interval '1 hour', successor = 'next'"
            " WHERE model_id = 'small'"
        )
    before = await catalog.load_snapshot(connection)
    assert before.models["small"].successor == "next"
    assert before.valid_until == before.models["small"].retires_at
    await connection.execute("UPDATE models SET retires_at = now() WHERE model_id = 'small'")
    after = await catalog.load_snapshot(connection)
    assert set(after.models) == {"next"}
    assert after.model("tiny") is None
    assert after.missing("tiny").message == "The model 'tiny' was retired. Use 'next' instead."
    assert after.missing("huge").message == "There is no model 'huge'. GET /v1/models lists yours."


async def test_announced_price_stands_on_the_model_until_it_is_taken_back(
    connection: asyncpg.Connection, actor: Actor
) -> None:
    moment = now() + timedelta(hours=1)
    for prices in (rates(9, 9), PRICES):
        async with connection.transaction():
            await catalog.price_model(connection, "small", prices, actor=actor, effective_from=moment)
        coming = (await catalog.find_model(connection, "small")).next_price
        assert (None if coming is None else coming.rates) == (None if prices == PRICES else prices)


async def test_models_below_cost_are_listed(connection: asyncpg.Connection, actor: Actor) -> None:
    await add_model(connection, actor, "dear", prices=COSTS)
    (loss,) = await catalog.below_cost(connection)
    assert (loss.model_id, loss.provider, loss.classes) == ("small", "example", {"cached": (100, 500)})
