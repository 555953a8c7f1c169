"""Several routes, several models: where a request goes, what serves it, and that it is charged once, at that price."""

from typing import Any

import pytest

from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.money import parse_credits
from omna.risk import service as risk
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, until
from tests.harness.linter import read_stream
from tests.harness.replica import Replica
from tests.harness.wire import CHAT, HI, Answer, Connection, ask, chat
from tests.upstream.scenarios import ok, refuse
from tests.upstream.server import Exchange, Upstream

FULL = 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN


def served_by(answer: Answer) -> tuple[str | None, str | None]:
    assert answer.status == 200, answer.body
    return answer.header("x-omna-model"), answer.header("x-omna-provider")


async def cost(house: Installation, answer: Answer) -> int:
    return (await house.request(answer.request_id))["charge"]


@pytest.mark.parametrize("streamed", [False, True])
async def test_next_model_answers_at_its_own_price_once(house: Installation, replica: Replica, streamed: bool) -> None:
    await house.model("broken-one", upstream_model="refuse-500")
    await house.model("dear-one", upstream_model="ok", prices=rates(10 * 2_000_000_000, 10 * 8_000_000_000))
    answer = await chat(replica.port, house.tenant.key, "broken-one", models=["dear-one"], stream=streamed)
    assert served_by(answer) == ("dear-one", "main")
    named = read_stream(answer.body).chunks[0]["model"] if streamed else answer.json["model"]
    assert named == "dear-one"
    row = await house.request(answer.request_id)
    assert (row["model_id"], row["charge"]) == ("dear-one", 10 * FULL)
    assert row["held"] >= row["charge"]
    await house.books_are_right()


async def test_models_alone_name_the_first_and_what_cannot_serve_is_passed_over(
    house: Installation, replica: Replica
) -> None:
    await house.model("ok")
    tenant = await house.new_tenant(allowed_models=["ok"])
    await house.model("not-for-this-key", upstream_model="ok")
    for models in (["nowhere", "ok"], ["not-for-this-key", "ok"]):
        body = {"models": models, "messages": HI}
        assert served_by(await ask(replica.port, "POST", CHAT, body, key=tenant.key)) == ("ok", "main")
    answer = await chat(replica.port, tenant.key, "nowhere", models=["not-for-this-key"])
    assert answer.code == (403, "model_not_allowed")
    answer = await chat(replica.port, tenant.key, "nowhere", models=["nowhere-else"])
    assert answer.code == (404, "model_not_found")


async def test_key_may_not_fall_back_to_a_model_it_may_not_use(house: Installation, replica: Replica) -> None:
    await house.model("broken-two", upstream_model="refuse-500")
    await house.model("forbidden", upstream_model="ok")
    tenant = await house.new_tenant(allowed_models=["broken-two"])
    answer = await chat(replica.port, tenant.key, "broken-two", models=["forbidden"])
    assert answer.code == (502, "provider_error")
    assert (await house.wallet(tenant)).balance == parse_credits("100")


async def test_balance_that_pays_for_the_first_model_alone_is_enough(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    await house.model("very-dear", upstream_model="ok", prices=rates(10**15, 10**15))
    tenant = await house.new_tenant("1")
    answer = await chat(replica.port, tenant.key, "ok", models=["very-dear"], max_tokens=10)
    assert served_by(answer) == ("ok", "main")
    assert await cost(house, answer) == FULL


async def test_capped_provider_or_model_sends_requests_elsewhere(house: Installation, replica: Replica) -> None:
    async with Upstream() as other:
        await house.add_provider("spare", other.base_url)
        await house.model("two-routes", upstream_model="ok")
        await house.model("two-routes", upstream_model="ok", provider="spare")
        key = house.tenant.key
        assert served_by(await chat(replica.port, key, "two-routes")) == ("two-routes", "main")
        async with house.connection.transaction():
            await risk.cap_provider(house.connection, "main", parse_credits("0"), actor=house.actor)
        assert served_by(await chat(replica.port, key, "two-routes")) == ("two-routes", "spare")
        assert served_by(await chat(replica.port, key, "two-routes", stream=True)) == ("two-routes", "spare")
        async with house.connection.transaction():
            await risk.cap_provider(house.connection, "main", None, actor=house.actor)
            await risk.stop(house.connection, "provider:main", cut_streams=False, reason="test", actor=house.actor)
        assert served_by(await chat(replica.port, key, "two-routes")) == ("two-routes", "spare")
        answer = await chat(replica.port, key, "ok")
        assert answer.code == (503, "emergency_stop")
        async with house.connection.transaction():
            await risk.resume(house.connection, "provider:main", reason="test", actor=house.actor)
            await risk.cap_model(house.connection, "two-routes", parse_credits("0"), actor=house.actor)
        assert served_by(await chat(replica.port, key, "two-routes", models=["ok"])) == ("ok", "main")
        assert (await chat(replica.port, key, "two-routes")).code == (503, "spend_cap_reached")
    await house.books_are_right()


async def test_cap_of_a_month_counts_its_days_and_names_what_else_there_is(
    house: Installation, replica: Replica
) -> None:
    tenant = await house.new_tenant()
    async with Upstream() as other:
        await house.add_provider("monthly", other.base_url)
        await house.model("of-the-month", upstream_model="ok", provider="monthly")
        first = await chat(replica.port, tenant.key, "of-the-month", max_tokens=4)
        hold = (await house.request(first.request_id))["held"]
        async with house.connection.transaction():
            await risk.cap_provider(house.connection, "monthly", monthly_cap=parse_credits("1"), actor=house.actor)

        async def spend(amount: int) -> None:
            async with house.connection.transaction():
                await house.connection.execute("SET LOCAL ROLE omna_owner")
                await house.connection.execute(
                    """INSERT INTO provider_cost AS c (provider_id, day, spent)
                       SELECT provider_id, date_trunc('month', now(), 'UTC')::date, $1 FROM providers
                       WHERE name = 'monthly'
                       ON CONFLICT (provider_id, day) DO UPDATE SET spent = c.spent + excluded.spent""",
                    amount,
                )

        spent = await house.connection.fetchval(
            "SELECT sum(spent) FROM provider_cost JOIN providers USING (provider_id) WHERE name = 'monthly'"
        )
        assert spent == FULL, "what was spent before the cap was set counts"
        await spend(parse_credits("1") - spent - hold)
        assert (await chat(replica.port, tenant.key, "of-the-month", max_tokens=4, stream=True)).status == 200
        await spend(hold - FULL + 1)
        answer = await chat(replica.port, tenant.key, "of-the-month", max_tokens=4)
        assert answer.code == (503, "spend_cap_reached")
        facts = answer.error["metadata"]
        assert (facts["limit_name"], facts["limit"]) == ("provider_monthly", "1")
        assert facts["resets_at"].endswith("-01T00:00:00.000Z"), facts
        assert "is paused for this month" in answer.error["message"]
        assert f"try '{facts['alternative_model']}'" in answer.error["message"]
        # A second route of the same model goes on.
        await house.model("of-the-month", upstream_model="ok")
        assert served_by(await chat(replica.port, tenant.key, "of-the-month", max_tokens=4))[1] == "main"
    await house.books_are_right()


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_capped_route_gives_its_turn_to_the_one_behind_it(
    house: Installation, replica: Replica, streamed: bool
) -> None:
    model_id = f"three-routes-{streamed}"
    async with Upstream() as capped, Upstream() as last:
        await house.add_provider("capped", capped.base_url)
        await house.add_provider("last", last.base_url)
        await house.model(model_id, upstream_model="refuse-500")
        await house.model(model_id, upstream_model="ok", provider="capped")
        await house.model(model_id, upstream_model="ok", provider="last")
        async with house.connection.transaction():
            await risk.cap_provider(house.connection, "capped", parse_credits("0"), actor=house.actor)
        answer = await chat(replica.port, house.tenant.key, model_id, stream=streamed)
        assert served_by(answer) == (model_id, "last")
        assert not capped.journal
    await house.books_are_right()


async def test_cap_of_the_next_model_keeps_a_request_from_moving_there(house: Installation, replica: Replica) -> None:
    await house.model("broken-three", upstream_model="refuse-500")
    await house.model("capped", upstream_model="ok")
    async with house.connection.transaction():
        await risk.cap_model(house.connection, "capped", parse_credits("0"), actor=house.actor)
    answer = await chat(replica.port, house.tenant.key, "broken-three", models=["capped"])
    assert answer.code == (502, "provider_error")
    assert await cost(house, answer) == 0
    await house.books_are_right()


async def test_preferences_choose_among_providers(house: Installation, replica: Replica) -> None:
    async with Upstream() as other:
        await house.add_provider("second", other.base_url)
        await house.model("choice", upstream_model="ok")
        await house.model("choice", upstream_model="ok", provider="second", costs=rates(1, 1))
        key = house.tenant.key

        async def ask(**provider: Any) -> tuple[str | None, str | None]:
            return served_by(await chat(replica.port, key, "choice", provider=provider))

        assert await ask() == ("choice", "main")
        assert await ask(order=["second"]) == ("choice", "second")
        assert await ask(only=["second"]) == ("choice", "second")
        assert await ask(ignore=["main"]) == ("choice", "second")
        assert await ask(sort="price") == ("choice", "second")
        assert "provider" not in other.journal[-1].body
        assert "models" not in other.journal[-1].body
        answer = await chat(replica.port, key, "choice", provider={"only": ["nobody"]})
        assert answer.code == (503, "provider_unavailable")


async def test_request_without_fallbacks_gets_one_route(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    await house.model("broken-four", upstream_model="status-503")
    answer = await chat(
        replica.port, house.tenant.key, "broken-four", models=["ok"], provider={"allow_fallbacks": False}
    )
    assert answer.code == (503, "provider_overloaded")


async def test_alias_serves_and_is_what_the_answer_is_called(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    async with house.connection.transaction():
        await catalog.set_alias(house.connection, "auto", "ok", actor=house.actor)
    answer = await chat(replica.port, house.tenant.key, "auto")
    assert served_by(answer) == ("ok", "main")
    assert answer.json["model"] == "auto"
    assert await cost(house, answer) == FULL
    assert (await house.request(answer.request_id))["wanted_model"] == "auto"


async def test_usage_row_keeps_the_model_that_another_one_stood_in_for(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    await house.model("broken-five", upstream_model="refuse-500")
    answer = await chat(replica.port, house.tenant.key, "broken-five", models=["ok"])
    row = await house.request(answer.request_id)
    assert (row["model_id"], row["wanted_model"]) == ("ok", "broken-five")
    answer = await chat(replica.port, house.tenant.key, "ok")
    assert (await house.request(answer.request_id))["wanted_model"] is None


async def test_breaker_spares_a_broken_route_and_closes_when_it_works_again(house: Installation) -> None:
    """Five failures, then no call; after the cool-down one probe decides."""
    healthy = False

    async def scenario(x: Exchange) -> None:
        await (ok(x) if healthy else refuse(x, status=503))

    settings = SETTINGS | {"GATEWAY_BREAKER_COOL_DOWN": "1", "GATEWAY_BREAKER_FAILURES": "3"}
    async with Upstream(scenario) as sick, house.replica(settings) as replica:
        await house.add_provider("sick", sick.base_url)
        await house.model("fragile", upstream_model="fragile", provider="sick")
        key = house.tenant.key
        for _ in range(3):
            assert (await chat(replica.port, key, "fragile")).code == (503, "provider_overloaded")
        answer = await chat(replica.port, key, "fragile")
        assert answer.code == (503, "provider_unavailable")
        assert 1 <= int(answer.header("retry-after") or 0) <= 60
        # A stranger does not learn which providers are down, and neither does an empty wallet hold anything.
        assert (await chat(replica.port, None, "fragile")).code == (401, "invalid_api_key")
        assert len(sick.journal) == 3
        healthy = True

        async def answered() -> Answer | None:
            answer = await chat(replica.port, key, "fragile")
            return answer if answer.status == 200 else None

        assert served_by(await until(answered, "the breaker stays open")) == ("fragile", "sick")
        assert (await chat(replica.port, key, "fragile")).status == 200
    await house.books_are_right()


async def test_refused_credential_opens_the_breaker_at_once_and_others_serve(house: Installation) -> None:
    settings = SETTINGS | {"GATEWAY_BREAKER_COOL_DOWN": "30"}
    async with Upstream() as other, house.replica(settings) as replica:
        await house.add_provider("good", other.base_url)
        await house.model("guarded", upstream_model="status-401")
        await house.model("guarded", upstream_model="ok", provider="good")
        before = len(house.upstream.journal)
        for _ in range(3):
            assert served_by(await chat(replica.port, house.tenant.key, "guarded")) == ("guarded", "good")
        # One call told that the key is refused; nobody asks again until somebody acts or the cool-down is over.
        assert len(house.upstream.journal) - before == 1
        log = replica.log.read_text()
        assert "provider_unhealthy" in log
        assert "sk-upstream-canary" not in log


async def test_provider_takes_so_many_calls_at_once_and_the_rest_goes_elsewhere(
    house: Installation, replica: Replica
) -> None:
    async with Upstream() as narrow:
        async with house.connection.transaction():
            await catalog.add_provider(
                house.connection, "narrow", kind="openai", base_url=narrow.base_url, secret="sk-x", allow_private=True,
                keyring=house.keyring, actor=house.actor, max_in_flight=1,
            )  # fmt: skip
        await house.model("bounded", upstream_model="hang-mid-stream", provider="narrow")
        await house.model("bounded", upstream_model="ok", provider="main")
        async with Connection(replica.port) as first:
            stream = await first.stream(house.tenant.key, "bounded")
            await stream.read_until(b"fox")
            assert served_by(await chat(replica.port, house.tenant.key, "bounded")) == ("bounded", "main")
    await house.books_are_right()


@pytest.mark.parametrize("streamed", [False, True])
async def test_answer_says_how_long_the_gateway_itself_took(
    house: Installation, replica: Replica, streamed: bool
) -> None:
    await house.model("ok-slow")
    await house.model("refuse-500")
    answer = await chat(replica.port, house.tenant.key, "ok-slow", stream=streamed)
    whole = int(answer.header("openai-processing-ms") or 0)
    assert 0 < float(answer.header("x-omna-overhead-ms") or 0) <= whole + 1
    failed = await chat(replica.port, house.tenant.key, "refuse-500", stream=streamed)
    assert failed.status == 502
    assert float(failed.header("x-omna-overhead-ms") or 0) > 0


async def test_silent_provider_leaves_the_overhead_unsaid(house: Installation, replica: Replica) -> None:
    await house.model("hang-after-headers")
    answer = await chat(replica.port, house.tenant.key, "hang-after-headers", stream=True)
    assert answer.status == 200
    assert answer.header("x-omna-overhead-ms") is None
