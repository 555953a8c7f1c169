"""Models and prices under /api/console: every guard, every act with its audit line."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.db.pool import borrow, transaction
from tests.harness.team import Answer, Browser, Team

MODEL = "acme/small"
ADDRESS = "/api/console/models/acme~small"
CREDIT = 10**9


@pytest.fixture
async def owner(team: Team) -> Browser:
    """The owner of the installation; there are two models at one provider."""
    async with transaction(team.pool) as connection:
        await catalog.add_provider(
            connection,
            "acme",
            kind="openai",
            base_url="https://api.acme.example/v1",
            secret=None,
            allow_private=False,
            keyring=team.keyring,
            actor=team.actor,
        )
        for model in (MODEL, "acme/large"):
            await catalog.add_model(
                connection,
                model,
                provider="acme",
                upstream_model=model,
                prices=rates(2 * CREDIT, 4 * CREDIT),
                costs=rates(CREDIT, 2 * CREDIT),
                actor=team.actor,
            )
    return await team.hire("owner")


def soon(**ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(**(ahead or {"hours": 1}))).isoformat()


async def price(owner: Browser, prompt: str, completion: str, *, prove: bool = True, **more: Any) -> Answer:
    if prove:
        await owner.prove("model.price", MODEL)
    body = {"prices": {"prompt": prompt, "completion": completion}, "reason": "cheaper there", **more}
    if "typed" not in body:
        body["typed"] = {"prompt": prompt, "completion": completion}
        seen = await owner.call("POST", f"{ADDRESS}/prices/preview", {k: body[k] for k in body if k not in ("typed", "reason")})  # fmt: skip
        if seen.status == 200:
            body["typed"] = {move["name"]: move["then"] for move in seen.json["moves"]}
    return await owner.call("POST", f"{ADDRESS}/prices", body)


async def test_list_says_what_a_model_costs_and_brings(team: Team, owner: Browser) -> None:
    auditor = await team.hire("auditor")
    (large, small) = (await auditor.call("GET", "/api/console/models")).json
    assert (large["id"], small["address"]) == ("acme/large", "acme~small")
    assert (small["standing"], small["margin_percent"], small["below_cost"]) == ("on_sale", "50.0", False)
    assert (small["prices"]["prompt"], small["cost"]["completion"], small["providers"]) == ("2", "2", ["acme"])
    detail = (await auditor.call("GET", ADDRESS)).json
    assert [one["state"] for one in detail["versions"]] == ["current"]
    assert detail["routes"][0]["margins"][0] == {"name": "prompt", "price": "2", "cost": "1", "margin": "1"}
    assert (await auditor.call("GET", "/api/console/models/nothing~here")).code == (404, "model_not_found")


async def test_new_price_needs_proof_and_every_changed_price_typed_again(team: Team, owner: Browser) -> None:
    assert (await price(owner, "3", "5", prove=False)).code == (403, "step_up_required")
    wrong = await price(owner, "3", "5", typed={"prompt": "3", "completion": "50"})
    assert wrong.json["error"]["field"] == "typed.completion"
    done = await price(owner, "3", "5")
    assert done.json["prices"]["prompt"] == "3"
    assert [one["state"] for one in done.json["versions"]] == ["current", "past"]
    (row,) = await team.query("SELECT * FROM audit_log WHERE action = 'model.price' ORDER BY seq DESC LIMIT 1")
    assert (row["seq"], row["actor"], row["subject"], row["reason"]) == (
        done.json["audit_seq"],
        owner.id,
        MODEL,
        "cheaper there",
    )
    assert (row["before"]["prompt"], row["after"]["prompt"]) == ("2", "3")


async def test_prices_that_would_be_a_mistake_are_refused(team: Team, owner: Browser) -> None:
    async def field(prices: dict[str, Any], **more: Any) -> str:
        for path in ("prices/preview", "prices"):
            await owner.prove("model.price", MODEL)
            extra = {} if path.endswith("preview") else {"typed": {}, "reason": "r"}
            answer = await owner.call("POST", f"{ADDRESS}/{path}", {"prices": prices, **more, **extra})
            assert answer.status == 400, answer.json
        found: str = answer.json["error"]["field"]
        return found

    assert await field({"prompt": "-2", "completion": "4"}) == "prompt"
    assert await field({"prompt": "2"}) == "prices.completion"
    assert await field({"prompt": "0.9", "completion": "4"}) == "prompt"
    assert await field({"prompt": "2", "completion": "1.999999999"}) == "completion"
    assert await field({"prompt": "2", "completion": "4", "cached": "0.5"}) == "cached"
    assert await field({"prompt": "0", "completion": "0"}) == "free"
    assert await field({"prompt": "0", "completion": "4"}) == "prompt"
    # What costs something cannot be free either.
    assert await field({"prompt": "0", "completion": "0"}, free=True) == "prompt"
    assert await field({"prompt": "1000001", "completion": "4"}) == "prompt"
    assert await field({"prompt": "99999999999999", "completion": "4"}) == "prices.prompt"
    assert await field({"prompt": "2", "completion": "4"}) == "prices"
    assert await field({"prompt": "3", "completion": "5"}, effective_from=soon(hours=-1)) == "effective_from"
    assert await field({"prompt": "3", "completion": "5"}, effective_from="2030-01-01T00:00:00") == "effective_from"
    assert await field({"prompt": "3", "completion": "5"}, effective_from=soon(days=400)) == "effective_from"
    assert len((await owner.call("GET", ADDRESS)).json["versions"]) == 1


async def test_announced_price_is_replaced_or_taken_back_but_never_once_it_began(team: Team, owner: Browser) -> None:
    first = await price(owner, "3", "5", effective_from=soon(hours=1))
    assert first.json["next_price"]["prices"]["prompt"] == "3"
    version = first.json["versions"][0]["id"]
    second = await price(owner, "2.5", "4.5", effective_from=soon(hours=2), replaces=version)
    assert [one["state"] for one in second.json["versions"]] == ["scheduled", "withdrawn", "current"]
    assert second.json["next_price"]["prices"]["prompt"] == "2.5"
    for replaced in (version, second.json["versions"][2]["id"]):
        again = await price(owner, "7", "8", replaces=replaced, typed={"prompt": "7", "completion": "8"})
        assert again.code == (409, "conflict")
    await owner.prove("model.price", MODEL)
    announced = second.json["versions"][0]["id"]
    back = await owner.call("POST", f"{ADDRESS}/prices/withdraw", {"version": announced, "reason": "not yet"})
    assert back.json["next_price"] is None
    async with borrow(team.pool) as connection:
        assert (await catalog.load_snapshot(connection)).valid_until is None


async def test_preview_shows_margin_and_what_past_usage_would_have_cost(team: Team, owner: Browser) -> None:
    seen = await owner.call("POST", f"{ADDRESS}/prices/preview", {"prices": {"prompt": "2", "completion": "5"}})
    assert seen.json["moves"] == [{"name": "completion", "now": "4", "then": "5"}]
    (route,) = seen.json["routes"]
    assert {one["name"]: one["margin"] for one in route["margins"]}["completion"] == "3"
    assert seen.json["usage"]["requests"] == 0


async def test_cost_above_the_price_is_written_down_only_when_said_so(team: Team, owner: Browser) -> None:
    route = (await owner.call("GET", ADDRESS)).json["routes"][0]["id"]
    body = {"costs": {"prompt": "1", "completion": "9"}, "reason": "they raised it"}
    await owner.prove("model.price", MODEL)
    assert (await owner.call("PATCH", f"{ADDRESS}/routes/{route}", body)).json["error"]["field"] == "costs"
    await owner.prove("model.price", MODEL)
    done = await owner.call("PATCH", f"{ADDRESS}/routes/{route}", {**body, "accept_loss": True})
    assert (done.json["below_cost"], done.json["margin_percent"]) == (True, "-125.0")
    # A further route that costs too much is not opened at all.
    await owner.prove("model.price", MODEL)
    new = {"provider": "acme", "upstream_model": "small-2", "costs": body["costs"], "reason": "more"}
    assert (await owner.call("POST", f"{ADDRESS}/routes", new)).json["error"]["field"] == "costs"
    await owner.prove("model.price", MODEL)
    new["costs"] = {"prompt": "1", "completion": "1"}
    added = await owner.call("POST", f"{ADDRESS}/routes", new)
    assert [one["priority"] for one in added.json["routes"]] == [0, 1]
    assert (await owner.call("PATCH", f"{ADDRESS}/routes/{route}", {"enabled": False, "reason": "dear"})).status == 200


async def test_visibility_sale_cap_names_and_entry_are_audited_acts(team: Team, owner: Browser) -> None:
    async def act(path: str, body: dict[str, Any], method: str = "POST") -> Any:
        answer = await owner.call(method, f"{ADDRESS}{path}", {**body, "reason": "because"})
        assert answer.status == 200, answer.json
        return answer.json

    assert (await act("/visibility", {"hidden": True}))["standing"] == "hidden"
    assert MODEL not in [row["id"] for row in (await team.owner.call("GET", "/models")).json]
    async with borrow(team.pool) as connection:
        assert (await catalog.load_snapshot(connection)).models[MODEL].hidden
    assert (await act("/sale", {"enabled": False}))["standing"] == "off"
    assert (await act("/sale", {"enabled": True}))["standing"] == "hidden"
    capped = await act("/cap", {"daily": "12.5"})
    assert (capped["daily_cap"], capped["spent_today"], capped["held_today"]) == ("12.5", "0", "0")
    assert (await act("/cap", {"daily": None}))["spent_today"] is None
    assert (await act("/aliases", {"alias": "tiny"}))["aliases"] == ["tiny"]
    assert (await act("/aliases/remove", {"alias": "tiny"}))["aliases"] == []
    edited = await act("", {"name": "Small", "context_length": 8192, "supported_parameters": None}, "PATCH")
    assert (edited["name"], edited["context_length"]) == ("Small", 8192)
    actions = [row["action"] for row in await team.query("SELECT action FROM audit_log WHERE actor = $1", owner.id)]
    for action in ("hide", "disable", "enable", "cap", "alias", "unalias", "change"):
        assert f"model.{action}" in actions
    again = await owner.call("POST", f"{ADDRESS}/visibility", {"hidden": True, "reason": "again"})
    assert again.code == (400, "invalid_value")


async def test_deprecated_model_works_until_its_day_and_names_its_successor(team: Team, owner: Browser) -> None:
    async def end(successor: str | None, retires_at: str) -> Answer:
        body = {"successor": successor, "retires_at": retires_at, "reason": "old"}
        return await owner.call("POST", f"{ADDRESS}/deprecate", body)

    for successor in (MODEL, "acme/none"):
        assert (await end(successor, soon())).json["error"]["field"] == "successor"
    assert (await end("acme/large", soon(hours=-1))).json["error"]["field"] == "retires_at"
    done = await end("acme/large", soon())
    assert (done.json["standing"], done.json["successor"]) == ("deprecated", "acme/large")
    (row,) = [row for row in (await team.owner.call("GET", "/models")).json if row["id"] == MODEL]
    assert (row["available"], row["successor"]) == (True, "acme/large")
    back = await owner.call("POST", f"{ADDRESS}/restore", {"reason": "still wanted"})
    assert (back.json["standing"], back.json["retires_at"]) == ("on_sale", None)
