"""A provider's list taken over in the console: looked at, chosen, applied as it was looked at."""

import json
from typing import Any

from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.db.pool import transaction
from tests.harness.team import Answer, Browser, Team

LISTS = "/api/console/price-lists"


def listed(**prompts: str) -> str:
    return json.dumps(
        {
            "data": [
                {"id": name, "pricing": {"prompt": prompt, "completion": prompt}} for name, prompt in prompts.items()
            ]
        }
    )


async def open_shop(team: Team) -> Browser:
    async with transaction(team.pool) as connection:
        await catalog.add_provider(
            connection,
            "router",
            kind="openai",
            base_url="https://router.example/v1",
            secret=None,
            allow_private=False,
            keyring=team.keyring,
            actor=team.actor,
        )
        await catalog.add_model(
            connection,
            "small",
            provider="router",
            upstream_model="small",
            prices=rates(10**9, 10**9),
            costs=rates(10**9, 10**9),
            actor=team.actor,
        )
    return await team.hire("owner")


async def look(owner: Browser, content: str, **more: Any) -> Any:
    answer = await owner.call("POST", f"{LISTS}/preview", {"provider": "router", "content": content, **more})
    assert answer.status == 200, answer.json
    return answer.json


async def apply(owner: Browser, content: str, digest: str, chosen: list[str], **more: Any) -> Answer:
    await owner.prove("model.import", "router")
    body = {"provider": "router", "content": content, "digest": digest, "chosen": chosen, "reason": "July", **more}
    return await owner.call("POST", LISTS, body)


async def test_chosen_rows_are_written_each_with_its_line(team: Team) -> None:
    owner = await open_shop(team)
    content = listed(small="0.000002", other="0.000003", third="0.000004", bad="-1")
    seen = await look(owner, content, markup="10")
    changes = {row["id"]: row["change"] for row in seen["rows"]}
    assert changes == {"bad": "refused", "other": "new", "small": "up", "third": "new"}
    (small,) = [row for row in seen["rows"] if row["id"] == "small"]
    assert small["moves"][0] == {"name": "prompt", "now": "1", "then": "2.2"}
    assert small["cost_moves"][0] == {"name": "prompt", "now": "1", "then": "2"}
    done = await apply(owner, content, seen["digest"], ["small", "other"], markup="10")
    assert done.json["written"] == ["other", "small"]
    ids = [row["id"] for row in (await owner.call("GET", "/api/console/models")).json]
    assert ids == ["other", "small"]
    rows = await team.query("SELECT action, subject, reason FROM audit_log WHERE actor = $1 ORDER BY seq", owner.id)
    assert [(row["action"], row["subject"]) for row in rows[-3:]] == [
        ("model.add", "other"),
        ("model.price", "small"),
        ("model.import", "router"),
    ]
    assert rows[-2]["reason"] == "July (price list of router)"


async def test_preview_that_is_no_longer_true_is_refused(team: Team) -> None:
    owner = await open_shop(team)
    content = listed(small="0.000002")
    seen = await look(owner, content)
    other = await apply(owner, listed(small="0.000003"), seen["digest"], ["small"])
    assert other.code == (409, "conflict")
    async with transaction(team.pool) as connection:
        await catalog.price_model(connection, "small", rates(5, 5), actor=team.actor)
    assert (await apply(owner, content, seen["digest"], ["small"])).code == (409, "conflict")


async def test_rows_that_cannot_be_written_and_prices_below_cost_are_refused(team: Team) -> None:
    owner = await open_shop(team)
    # A second route costs more than the list would sell for.
    async with transaction(team.pool) as connection:
        await catalog.add_model(
            connection,
            "small",
            provider="router",
            upstream_model="small-dear",
            prices=rates(10**9, 10**9),
            costs=rates(9 * 10**8, 9 * 10**8),
            actor=team.actor,
        )
    content = listed(small="0.0000005", bad="-1")
    seen = await look(owner, content)
    assert {row["id"]: row["below_cost"] for row in seen["rows"]} == {"bad": False, "small": True}
    for chosen in (["small"], ["bad"], ["nothing"]):
        assert (await apply(owner, content, seen["digest"], chosen)).json["error"]["field"] == "chosen"
    assert [row["prices"]["prompt"] for row in (await owner.call("GET", "/api/console/models")).json] == ["1"]


async def test_what_is_no_list_is_refused(team: Team) -> None:
    owner = await open_shop(team)
    for content in ("{", "[]" * 3, '{"data": [{"id": "a"}]}'):
        answer = await owner.call("POST", f"{LISTS}/preview", {"provider": "router", "content": content})
        assert answer.code == (400, "invalid_value")
    assert (await owner.call("POST", f"{LISTS}/preview", {"provider": "gone", "content": "[]"})).status == 404
