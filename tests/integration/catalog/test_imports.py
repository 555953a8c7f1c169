"""A price list taken over on a real database: in one transaction, audited, and without touching an operator's choices."""

import json
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from omna.audit import service as audit
from omna.audit.service import Actor
from omna.catalog import imports
from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.catalog.price_changes import Line
from omna.catalog.price_list import Terms, read_list
from omna.errors import NotFound
from omna.vault.keyring import Keyring

TERMS = Terms(Decimal(1), markup=Decimal(10))


def entry(model_id: str, prompt: str = "0.000001", completion: str = "0.000002", **fields: Any) -> dict[str, Any]:
    return {"id": model_id, "name": model_id.title(), "pricing": {"prompt": prompt, "completion": completion}} | fields


@pytest.fixture(autouse=True)
async def _provider(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> None:
    async with connection.transaction():
        await catalog.add_provider(
            connection, "up", kind="openai", base_url="https://api.example.com/v1", secret=None, allow_private=False,
            keyring=keyring, actor=actor,
        )  # fmt: skip


async def take(connection: asyncpg.Connection, actor: Actor, *entries: dict[str, Any]) -> dict[str, Line]:
    listed, refused = read_list(json.dumps({"data": entries}).encode(), TERMS)
    seen = await imports.preview(connection, "up", listed, refused, TERMS)
    async with connection.transaction():
        lines = await imports.import_list(connection, "up", listed, refused, TERMS, actor=actor)
    assert lines == seen, "what is shown is what is written"
    return {line.model_id: line for line in lines}


async def test_a_new_model_is_on_sale_with_all_that_its_entry_says(
    connection: asyncpg.Connection, actor: Actor
) -> None:
    lines = await take(
        connection, actor,
        entry("v/new", context_length=8_000, top_provider={"max_completion_tokens": 900}, supported_parameters=["tools"],
              architecture={"input_modalities": ["text", "image"], "output_modalities": ["text"]}),
        entry("v/bad", "-1"),
    )  # fmt: skip
    assert {name: line.what for name, line in lines.items()} == {"v/new": "new", "v/bad": "refused"}
    snapshot = await catalog.load_snapshot(connection)
    assert list(snapshot.models) == ["v/new"]
    model = snapshot.models["v/new"]
    assert model.price is not None
    assert model.price.rates == rates(1_100_000_000, 2_200_000_000)
    (route,) = model.routes
    assert (route.upstream_model, route.costs) == ("v/new", rates(10**9, 2 * 10**9))
    assert (model.name, model.context_length, model.max_output_tokens) == ("V/New", 8_000, 900)
    assert (model.input_modalities, model.supported_parameters) == (("text", "image"), ("tools",))


async def test_a_second_time_changes_nothing_and_writes_nothing(connection: asyncpg.Connection, actor: Actor) -> None:
    await take(connection, actor, entry("m"))
    version = (await catalog.load_snapshot(connection)).version
    assert (await take(connection, actor, entry("m")))["m"].what == "unchanged"
    assert (await catalog.load_snapshot(connection)).version == version


async def test_new_prices_are_new_versions_and_an_operators_choices_stay(
    connection: asyncpg.Connection, actor: Actor
) -> None:
    async with connection.transaction():
        await catalog.add_model(
            connection, "ours", provider="up", upstream_model="v/m", prices=rates(10**9, 10**9),
            costs=rates(10**9, 10**9), name="Our name", context_length=4_000, priority=2, weight=7, actor=actor,
        )  # fmt: skip
        await catalog.set_model_cap(connection, "ours", 5)
        await catalog.disable_model(connection, "ours", actor=actor)
    before = await catalog.find_model(connection, "ours")
    line = (await take(connection, actor, entry("v/m", "0.0000005", "0.000002", context_length=1_000_000)))["ours"]
    assert (line.what, line.moves) == (
        "up and down", {"prompt": (10**9, 550_000_000), "completion": (10**9, 2_200_000_000)},
    )  # fmt: skip
    after = await catalog.find_model(connection, "ours")
    assert after.price is not None
    assert before.price is not None
    assert after.price.rates == rates(550_000_000, 2_200_000_000)
    assert after.price.price_version_id != before.price.price_version_id
    assert after.routes[0].costs == rates(500_000_000, 2_000_000_000)
    kept = ("name", "context_length", "enabled", "daily_cap", "created_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (after.enabled, after.routes[0].priority, after.routes[0].weight) == (False, 2, 7)


async def test_a_fallbacks_list_changes_what_is_paid_and_not_what_customers_pay(
    connection: asyncpg.Connection, keyring: Keyring, actor: Actor
) -> None:
    async with connection.transaction():
        await catalog.add_provider(
            connection, "first", kind="openai", base_url="https://first.example.com/v1", secret=None,
            allow_private=False, keyring=keyring, actor=actor,
        )  # fmt: skip
        for provider in ("first", "up"):
            await catalog.add_model(
                connection, "m", provider=provider, upstream_model="v/m", prices=rates(5, 5), costs=rates(10**9, 10**9),
                actor=actor,
            )  # fmt: skip
    assert (await take(connection, actor, entry("v/m")))["m"].what == "costs"
    model = await catalog.find_model(connection, "m")
    assert model.price is not None
    assert model.price.rates == rates(5, 5)
    assert [route.costs for route in model.routes] == [rates(10**9, 10**9), rates(10**9, 2 * 10**9)]


async def test_every_change_is_in_the_audit_log(connection: asyncpg.Connection, actor: Actor) -> None:
    await take(connection, actor, entry("m"))
    await take(connection, actor, entry("m", "0.000002"))
    rows = await connection.fetch(
        "SELECT action, reason, before, after FROM audit_log WHERE subject = 'm' ORDER BY seq"
    )
    assert [(row["action"], row["reason"]) for row in rows] == [
        ("model.add", "price list of up"), ("model.price", "price list of up"),
    ]  # fmt: skip
    assert rows[0]["after"]["price"]["prompt"] == "1.1"
    assert (rows[1]["before"]["price"]["prompt"], rows[1]["after"]["price"]["prompt"]) == ("1.1", "2.2")
    assert (rows[1]["before"]["cost"]["prompt"], rows[1]["after"]["cost"]["prompt"]) == ("1", "2")
    assert await audit.verify(connection, [actor.key]) == []


async def test_a_list_is_taken_whole_or_not_at_all(connection: asyncpg.Connection, actor: Actor) -> None:
    listed, refused = read_list(json.dumps([entry("a"), entry("b")]).encode(), TERMS)
    with pytest.raises(ZeroDivisionError):
        async with connection.transaction():
            await imports.import_list(connection, "up", listed, refused, TERMS, actor=actor)
            raise ZeroDivisionError
    assert await catalog.list_models(connection) == []


async def test_the_provider_must_be_there(connection: asyncpg.Connection, actor: Actor) -> None:
    with pytest.raises(NotFound):
        await imports.preview(connection, "nobody", [], [], TERMS)
