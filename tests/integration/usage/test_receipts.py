"""The receipt of a request that went through the books, and the models that a workspace may use."""

import random
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from omna.ids import first_id_at, show
from tests.integration.usage.conftest import NOW, Browse, Tenant, put_requests


@pytest.fixture
async def price(superuser: asyncpg.Connection, tenant: Tenant) -> None:
    await superuser.execute(
        "INSERT INTO models (model_id, name) VALUES ('alpha', 'Alpha'), ('off', 'Off'), ('new', 'New')"
    )
    await superuser.execute("UPDATE models SET enabled = false WHERE model_id = 'off'")
    for model, version in (("alpha", tenant.price_version_id), ("off", first_id_at(NOW))):
        await superuser.execute(
            """INSERT INTO price_versions (price_version_id, model_id, effective_from, prompt, completion, cached,
                   cache_write, reasoning, request)
               VALUES ($1, $2, now() - interval '1 day', 1500000000, 6000000000, 1500000000, 1500000000, 6000000000, 0)""",
            version,
            model,
        )
    await superuser.execute(
        """INSERT INTO routes (route_id, model_id, provider_id, upstream_model, cost_prompt, cost_completion, cost_cached,
               cost_cache_write, cost_reasoning, cost_request) VALUES ($1, 'alpha', $2, 'a', 0, 0, 0, 0, 0, 0)""",
        first_id_at(NOW),
        tenant.provider_id,
    )


async def test_a_receipt_is_tokens_times_price_to_the_last_digit(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, price: None
) -> None:
    rows = await put_requests(superuser, tenant, [NOW - timedelta(minutes=n) for n in range(20)], random.Random(1))
    row = next(row for row in rows if row["charge"] and row["key_id"] in tenant.ann_keys)
    body = (await browse(f"/usage/requests/chatcmpl-{row['request_id'].hex}")).json()  # type: ignore[attr-defined]
    assert body["id"] == show("req", row["request_id"])  # type: ignore[arg-type]
    assert body["cost"] == body["unrounded"]
    nano = [(line["count"], line["name"], round(float(line["cost"]) * 10**9)) for line in body["lines"]]
    assert sum(cost for _, _, cost in nano) == row["charge"]
    assert sum(count for count, name, _ in nano if name in ("prompt", "cached")) == row["prompt_tokens"]
    assert body["running"] is False
    assert body["released"] == body["cost"], "the hold was twice the charge"


async def test_a_request_that_failed_cost_nothing_and_says_why(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, price: None
) -> None:
    rows = await put_requests(superuser, tenant, [NOW - timedelta(minutes=n) for n in range(40)], random.Random(2))
    row = next(row for row in rows if row["outcome"] == "failed")
    body = (await browse(f"/usage/requests/{show('req', row['request_id'])}")).json()  # type: ignore[arg-type]
    assert (body["cost"], body["lines"], body["outcome"], body["error_code"]) == ("0", [], "failed", "provider_error")
    assert body["released"] == body["held"]


async def test_a_running_request_has_a_receipt_without_a_charge(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, price: None
) -> None:
    request = first_id_at(datetime.now(UTC))
    await superuser.execute(
        """INSERT INTO running_requests (workspace_id, request_id, process_id, source, model_id, provider_id, route_id,
               price_version_id, streamed, day, amount, provider_amount, prompt_tokens, started_at, key_id)
           VALUES ($1, $2, $1, 'api', 'alpha', $3, $1, $4, true, current_date, 5000000000, 0, 1, now(), $5)""",
        tenant.workspace_id,
        request,
        tenant.provider_id,
        tenant.price_version_id,
        tenant.ann_keys[0],
    )
    body = (await browse(f"/usage/requests/{show('req', request)}")).json()
    assert (body["running"], body["outcome"], body["held"], body["cost"]) == (True, "running", "5", "0")
    stranger = await browse(f"/usage/requests/{show('req', request)}", role="member", user=tenant.bob)
    assert stranger.status_code == 404


async def test_the_receipt_of_a_chat_is_for_its_person_and_whoever_sees_everything(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, price: None
) -> None:
    request = first_id_at(datetime.now(UTC))
    await superuser.execute(
        """INSERT INTO running_requests (workspace_id, request_id, process_id, source, model_id, provider_id, route_id,
               price_version_id, streamed, day, amount, provider_amount, prompt_tokens, started_at, user_id)
           VALUES ($1, $2, $1, 'chat', 'alpha', $3, $1, $4, true, current_date, 5000000000, 0, 1, now(), $5)""",
        tenant.workspace_id,
        request,
        tenant.provider_id,
        tenant.price_version_id,
        tenant.bob,
    )
    chance = random.Random(3)
    done = next(
        row for row in await put_requests(superuser, tenant, [NOW] * 60, chance) if row["user_id"] == tenant.bob
    )
    for path, name in ((show("req", request), "=Bob"), (show("req", done["request_id"]), "=Bob")):  # type: ignore[arg-type]
        for reader in ({}, {"role": "member", "user": tenant.bob}, {"role": "billing", "user": tenant.ann}):
            body = (await browse(f"/usage/requests/{path}", **reader)).json()
            assert (body["member_name"], body["key"], body["source"]) == (name, None, "chat")
        assert (await browse(f"/usage/requests/{path}", role="member", user=tenant.ann)).status_code == 404


@pytest.mark.parametrize("text", ["req_00", "nonsense", "key_" + "0" * 32, "req_" + "0" * 32])
async def test_an_unknown_request_is_not_found(browse: Browse, tenant: Tenant, text: str) -> None:
    assert (await browse(f"/usage/requests/{text}")).status_code == 404


async def test_models_tell_what_they_cost_and_why_one_cannot_be_used(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, price: None
) -> None:
    await superuser.execute("INSERT INTO model_aliases (alias, model_id) VALUES ('first', 'alpha')")
    alpha, off = (await browse("/models", role="member", user=tenant.bob)).json()
    assert (alpha["id"], alpha["available"], alpha["why_not"], alpha["aliases"]) == ("alpha", True, None, ["first"])
    assert (alpha["prices"]["prompt"], alpha["prices"]["completion"]) == ("1.5", "6")
    assert (off["available"], off["why_not"]) == (False, "This model is not on sale at present.")
    await superuser.execute("INSERT INTO stops (scope, reason, actor) VALUES ('model:alpha', 'for staff', 'ops')")
    alpha, _ = (await browse("/models")).json()
    assert alpha["why_not"] == "Stopped by the operator for now."
    await superuser.execute("UPDATE stops SET message = 'a fault'")
    alpha, _ = (await browse("/models")).json()
    assert alpha["why_not"] == "Stopped by the operator: a fault"
