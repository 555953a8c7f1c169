"""Providers as staff see and change them: secrets in only, everything at once and on record."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from omna.catalog import editing
from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.db.pool import borrow, transaction
from tests.harness.team import Browser, Team
from tests.upstream.server import Upstream

PROVIDERS = "/api/console/providers"
KEY = "sk-a-key-that-is-long-enough-for-the-end-wXyZ"
#: 2 and 8 Credits per million tokens.
COSTS = rates(2_000_000_000, 8_000_000_000)


class Desk:
    """An owner of the staff with a provider that is really there."""

    def __init__(self, team: Team, owner: Browser, upstream: Upstream) -> None:
        self.team = team
        self.owner = owner
        self.upstream = upstream

    async def act(self, method: str, path: str, body: Any, proof: str | None = None, target: str = "main") -> Any:
        if proof is not None:
            await self.owner.prove(proof, target)
        return await self.owner.call(method, PROVIDERS + path, {"reason": "because", **body})

    async def version(self) -> int:
        async with borrow(self.team.pool) as connection:
            version: int = await connection.fetchval("SELECT version FROM catalog_state")
            return version

    async def last_act(self) -> tuple[str, str, str, str]:
        async with borrow(self.team.pool) as connection:
            row = await connection.fetchrow(
                "SELECT action, subject, reason, coalesce(before::text, '') || coalesce(after::text, '') AS facts"
                " FROM audit_log ORDER BY seq DESC LIMIT 1"
            )
        return tuple(row)  # type: ignore[return-value]

    async def cost_today(self) -> int:
        async with borrow(self.team.pool) as connection:
            counted: int = await connection.fetchval("SELECT coalesce(sum(spent), 0)::bigint FROM provider_cost")
            return counted


@pytest.fixture
async def desk(team: Team) -> AsyncIterator[Desk]:
    async with Upstream() as upstream:
        made = Desk(team, await team.hire("owner"), upstream)
        answer = await made.act(
            "POST", "", {
                "name": "main", "kind": "openai", "base_url": upstream.base_url, "allow_private": True, "api_key": KEY,
            },
            "provider.add",
        )  # fmt: skip
        assert answer.status == 201, answer.json
        async with transaction(team.pool) as connection:
            for model, upstream_model in (("fine", "ok"), ("down", "status-503"), ("mine", "error-leaks")):
                await catalog.add_model(
                    connection, model, provider="main", upstream_model=upstream_model, prices=COSTS, costs=COSTS,
                    actor=team.actor,
                )  # fmt: skip
        yield made


async def test_key_goes_in_and_never_comes_out(desk: Desk) -> None:
    shown = await desk.owner.call("GET", f"{PROVIDERS}/main")
    assert shown.json["key"] == {"is_set": True, "ends": "wXyZ"}
    assert await desk.last_act() != ()
    auditor = await desk.team.hire("auditor")
    listed = await auditor.call("GET", PROVIDERS)
    assert [row["name"] for row in listed.json] == ["main"]
    for text in (shown, listed, *[await desk.last_act()]):
        assert KEY not in str(getattr(text, "json", text))
    refused = await desk.owner.call("PUT", f"{PROVIDERS}/main/key", {"reason": "old one leaked", "api_key": KEY + "2"})
    assert refused.code == (403, "step_up_required")
    short = await desk.act("PUT", "/main/key", {"api_key": "short"}, "provider.key")
    assert (short.status, short.json["key"]) == (200, {"is_set": True, "ends": None})
    action, subject, reason, facts = await desk.last_act()
    assert (action, subject, reason) == ("provider.key", "main", "because")
    assert "short" not in facts
    bad = await desk.act("PUT", "/main/key", {"api_key": "two words"}, "provider.key")
    assert bad.status == 400
    assert "two words" not in str(bad.json)
    gone = await desk.act("POST", "/main/key/remove", {}, "provider.key")
    assert gone.json["key"] == {"is_set": False, "ends": None}
    assert (await desk.act("POST", "/main/key/remove", {}, "provider.key")).code == (409, "conflict")
    async with borrow(desk.team.pool) as connection:
        stored = await connection.fetchval("SELECT count(*) FROM providers WHERE secret IS NOT NULL")
    assert stored == 0


async def test_another_origin_clears_the_key_and_no_inner_address_is_taken(desk: Desk) -> None:
    url = desk.upstream.base_url
    same = await desk.act("PUT", "/main/address", {"base_url": f"{url}/x", "allow_private": True}, "provider.address")
    assert same.json["key"]["is_set"] is True
    for inner in (
        "http://169.254.169.254/latest", "https://127.0.0.1/v1", "https://[::ffff:10.0.0.1]/v1", "http://example.com/v1",
        "https://example.com:8443/v1", "https://me:you@example.com/v1", "ftp://example.com", "nonsense",
    ):  # fmt: skip
        answer = await desk.act("PUT", "/main/address", {"base_url": inner}, "provider.address")
        assert answer.status == 400, inner
        assert "base_url" in str(answer.json)
    metadata = {"base_url": "http://169.254.169.254/v1", "allow_private": True}
    assert (await desk.act("PUT", "/main/address", metadata, "provider.address")).status == 400
    moved = await desk.act("PUT", "/main/address", {"base_url": "https://api.example.com/v1"}, "provider.address")
    assert (moved.json["base_url"], moved.json["allow_private"]) == ("https://api.example.com/v1", False)
    assert moved.json["key"] == {"is_set": False, "ends": None}
    again = await desk.act("PUT", "/main/address", {"base_url": "https://api.example.com/v1/"}, "provider.address")
    assert again.code == (409, "conflict")


async def test_every_control_is_in_force_with_the_next_version_and_on_record(desk: Desk) -> None:
    route = next(
        one for one in (await desk.owner.call("GET", f"{PROVIDERS}/main")).json["routes"] if one["model"] == "fine"
    )
    for method, path, body, action in (
        ("POST", "/main/disable", {}, "provider.disable"),
        ("POST", "/main/enable", {}, "provider.enable"),
        ("PUT", "/main/bound", {"max_in_flight": 7}, "provider.change"),
        ("PUT", "/main/bound", {"max_in_flight": None}, "provider.change"),
        ("PUT", "/main/caps", {"daily": "2.5", "monthly": "40"}, "provider.cap"),
        ("PUT", "/main/caps", {"daily": None, "monthly": "40"}, "provider.cap"),
        ("PATCH", f"/main/routes/{route['id']}", {"priority": 4, "weight": 3}, "route.change"),
        ("PATCH", f"/main/routes/{route['id']}", {"enabled": False}, "route.change"),
    ):
        before = await desk.version()
        answer = await desk.act(method, path, body)
        assert answer.status == 200, answer.json
        assert await desk.version() > before, path
        assert (await desk.last_act())[0::2] == (action, "because")
        assert answer.json["audit_seq"] > 0
    shown = (await desk.owner.call("GET", f"{PROVIDERS}/main")).json
    assert (shown["day"]["cap"], shown["month"]["cap"]) == (None, "40")
    (route,) = (one for one in shown["routes"] if one["model"] == "fine")
    assert (route["priority"], route["weight"], route["enabled"]) == (4, 3, False)
    assert route["order"] == [
        {"provider": "main", "upstream_model": "ok", "priority": 4, "weight": 3, "enabled": False}
    ]
    for method, path, body, expected in (
        ("POST", "/main/enable", {}, 409),
        ("PUT", "/main/bound", {"max_in_flight": 0}, 400),
        ("PUT", "/main/caps", {"daily": "-1", "monthly": None}, 400),
        ("PATCH", f"/main/routes/{route['id']}", {"weight": 3}, 409),
        ("PATCH", f"/main/routes/{route['id']}", {"weight": 0}, 400),
        ("PATCH", f"/other/routes/{route['id']}", {"weight": 5}, 404),
        ("POST", "/nowhere/enable", {}, 404),
    ):
        assert (await desk.act(method, path, body)).status == expected, (path, body)
    taken = await desk.act(
        "POST", "", {"name": "main", "kind": "openai", "base_url": "https://example.com"}, "provider.add"
    )
    assert taken.code == (409, "conflict")


async def test_a_route_that_loses_money_cannot_be_switched_on_here_either(desk: Desk) -> None:
    shown = (await desk.owner.call("GET", f"{PROVIDERS}/main")).json
    route = next(one["id"] for one in shown["routes"] if one["model"] == "fine")
    assert (await desk.act("PATCH", f"/main/routes/{route}", {"enabled": False})).status == 200
    async with transaction(desk.team.pool) as connection:
        (found,) = (await catalog.find_model(connection, "fine")).routes
        # A route that is off may be written down at any cost.
        await editing.change_route(
            connection, "fine", found.route_id, costs=rates(3_000_000_000, 8_000_000_000), reason="dearer",
            actor=desk.team.actor,
        )  # fmt: skip
    assert (await desk.act("PATCH", f"/main/routes/{route}", {"priority": 2})).status == 200
    refused = await desk.act("PATCH", f"/main/routes/{route}", {"enabled": True})
    assert refused.code == (400, "invalid_value")
    assert "raise the price first" in refused.json["error"]["message"]


async def test_test_call_costs_what_the_route_costs_and_counts_against_the_cap(desk: Desk) -> None:
    await desk.act("PUT", "/main/caps", {"daily": "1", "monthly": None})
    refused = await desk.owner.call("POST", f"{PROVIDERS}/main/test", {"reason": "new key"})
    assert refused.code == (403, "step_up_required")
    made = await desk.act("POST", "/main/test", {"model": "fine"}, "provider.test")
    assert made.status == 200, made.json
    assert (made.json["answered"], made.json["model"], made.json["upstream_model"]) == (True, "fine", "ok")
    (arrival,) = desk.upstream.journal
    assert arrival.headers["authorization"] == f"Bearer {KEY}"
    assert 0 < arrival.body["max_tokens"] <= 16
    cost = made.json["prompt_tokens"] * 2_000 + made.json["completion_tokens"] * 8_000
    assert await desk.cost_today() == cost
    shown = (await desk.owner.call("GET", f"{PROVIDERS}/main")).json
    assert (shown["day"]["spent"], shown["month"]["spent"]) == (made.json["cost"], made.json["cost"])
    action, subject, reason, facts = await desk.last_act()
    assert (action, subject, reason) == ("provider.test", "main", "because")
    assert msgspec.json.decode(facts)["cost"] == made.json["cost"]
    # What a cap counts is the same when it is set after the call.
    await desk.act("PUT", "/main/caps", {"daily": None, "monthly": None})
    await desk.act("PUT", "/main/caps", {"daily": "1", "monthly": "1"})
    assert await desk.cost_today() == cost
    await desk.act("PUT", "/main/caps", {"daily": made.json["cost"], "monthly": None})
    capped = await desk.act("POST", "/main/test", {"model": "fine"}, "provider.test")
    assert capped.code == (409, "conflict")
    assert len(desk.upstream.journal) == 1


async def test_test_call_that_fails_says_its_class_and_nothing_of_the_provider(desk: Desk) -> None:
    down = await desk.act("POST", "/main/test", {"model": "down"}, "provider.test")
    assert (down.json["answered"], down.json["failure"], down.json["status"]) == (False, "overloaded", 503)
    leak = await desk.act("POST", "/main/test", {"model": "mine"}, "provider.test")
    assert (leak.json["failure"], leak.json["status"], leak.json["cost"]) == ("credential", 401, "0")
    assert "canary" not in str(leak.json)
    assert "canary" not in (await desk.last_act())[3]
    async with transaction(desk.team.pool) as connection:
        # As it could only come about by hand: the guard judges again when it connects.
        await connection.execute("UPDATE providers SET allow_private = false")
    guarded = await desk.act("POST", "/main/test", {"model": "fine"}, "provider.test")
    assert (guarded.json["failure"], guarded.json["cost"]) == ("address", "0")
    none = await desk.act("POST", "/main/test", {"model": "nothing"}, "provider.test")
    assert none.code == (409, "conflict")
    # Off and stopped, it can still be tried.
    await desk.act("POST", "/main/disable", {})
    await desk.act(
        "PUT", "/main/address", {"base_url": desk.upstream.base_url, "allow_private": True}, "provider.address"
    )
    back = await desk.act("POST", "/main/test", {"model": "fine"}, "provider.test")
    assert back.json["answered"] is True


async def test_health_of_a_provider_nobody_called_is_empty(desk: Desk) -> None:
    for span, step in (("hour", 120), ("day", 1800)):
        health = (await desk.owner.call("GET", f"{PROVIDERS}/main/health?span={span}")).json
        assert (health["step_seconds"], health["whole"]["calls"], health["whole"]["error_rate"]) == (step, 0, None)
        assert health["points"]
        assert (health["models"], health["failures"], health["breakers"]) == ([], [], [])
