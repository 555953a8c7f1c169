"""The dashboard: numbers of everybody from sums and the newest requests, and who sees which of them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.db.pool import transaction
from omna.ids import first_id_at, new_id
from omna.risk import service as risk
from tests.harness.team import Team

DASHBOARD = "/api/console/dashboard"


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


async def open_shop(team: Team) -> UUID:
    """Put a model on sale at a provider with a cap, and return the provider."""
    async with transaction(team.pool) as connection:
        provider = await catalog.add_provider(
            connection,
            "acme",
            kind="openai",
            base_url="https://acme.example/v1",
            secret=None,
            allow_private=False,
            keyring=team.keyring,
            actor=team.actor,
        )
        await catalog.add_model(
            connection,
            "acme/m",
            provider="acme",
            upstream_model="m",
            prices=rates(2, 2),
            costs=rates(1, 1),
            actor=team.actor,
        )
        await risk.cap_provider(connection, "acme", 10**12, actor=team.actor)
        await risk.cap_model(connection, "acme/m", 10**12, actor=team.actor)
    return provider.provider_id


async def put_request(
    superuser: asyncpg.Connection, team: Team, provider: UUID, at: datetime, number: int, outcome: str = "completed"
) -> None:
    charge = 0 if outcome == "failed" else 10**9
    await superuser.execute(
        "INSERT INTO requests (workspace_id, request_id, provider_id, route_id, price_version_id, settled_at, held,"
        " charge, unrounded, provider_charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens,"
        " reasoning_tokens, duration_ms, outcome, streamed, estimated, source, model_id)"
        " VALUES ($1, $2, $3, $3, $3, $4, 10, $5, 10, $6, 1, 1, 0, 0, 0, 7, $7, false, false, 'api', 'acme/m')",
        team.workspace_id,
        UUID(int=first_id_at(at).int + number),
        provider,
        at,
        charge,
        charge // 4,
        outcome,
    )


async def test_numbers_are_those_of_sums_and_of_requests_since(team: Team, superuser: asyncpg.Connection) -> None:
    provider = await open_shop(team)
    now: datetime = await superuser.fetchval("SELECT now()")
    for number, (days, outcome) in enumerate(((2, "completed"), (2, "failed"), (0, "completed"), (40, "completed"))):
        await put_request(superuser, team, provider, now - timedelta(days=days), number, outcome)
    await superuser.execute(
        "INSERT INTO recharges (workspace_id, recharge_id, channel, state, client_token, reference, credits,"
        " price_minor, currency, terms_version, expires_at, credited_at)"
        " SELECT $1, $2, 'manual', 'credited', 'token-of-it', 'R-1', 7000000000, 700, 'usd', '1', now(), now()",
        team.workspace_id,
        new_id(),
    )
    finance = await team.hire("finance")
    expected = {"recharged": "7", "charged": "2", "provider_cost": "0.5", "margin": "1.5", "margin_percent": "75.0"}
    for turn in ("requests alone", "sums and requests"):
        seen = (await finance.call("GET", DASHBOARD)).json
        assert seen["money"] == expected, turn
        assert (seen["days"], seen["requests"], seen["errors"], len(seen["by_day"])) == (7, 3, 1, 7), turn
        assert [day["requests"] for day in seen["by_day"]][-3:] == [2, 0, 1], turn
        (acme,) = seen["providers"]
        assert (acme["calls"], acme["failures"], acme["failed_percent"]) == (3, 1, "33.3"), turn
        assert (acme["daily_cap"], acme["charged"]) == ("1000", "2")
        assert [(one["id"], one["address"], one["requests"]) for one in seen["models"]] == [("acme/m", "acme~m", 3)]
        while await superuser.fetchval("SELECT usage_roll_up()") is not None:
            pass
    assert [one["daily_cap"] for one in seen["model_caps"]] == ["1000"]
    today = (await finance.call("GET", f"{DASHBOARD}?days=1")).json
    assert (today["money"]["charged"], len(today["by_day"])) == ("1", 1)
    assert (await finance.call("GET", f"{DASHBOARD}?days=30")).json["requests"] == 3
    assert (await finance.call("GET", f"{DASHBOARD}?days=8")).status == 400


async def test_support_sees_no_money_and_nobody_a_list_that_is_not_theirs(team: Team) -> None:
    await open_shop(team)
    seen = {role: (await (await team.hire(role)).call("GET", DASHBOARD)).json for role in ("support", "auditor")}
    assert seen["support"]["money"] is None
    assert (seen["support"]["held"], seen["support"]["model_caps"], seen["support"]["below_cost"]) == (None, [], None)
    assert seen["support"]["providers"][0]["daily_cap"] is None
    assert seen["support"]["by_day"][0]["charged"] is None
    assert seen["auditor"]["money"]["charged"] == "0"
    for role in seen:
        kinds = {one["kind"] for one in seen[role]["waiting"]}
        assert not kinds & {"credits", "sign_ups"}
        assert {"recharges", "tickets", "risk", "alerts"} <= kinds


async def test_what_waits_stops_and_chains_are_told(team: Team) -> None:
    owner = await team.hire("owner")
    async with transaction(team.pool) as connection:
        await connection.execute("UPDATE users SET approved_at = NULL WHERE user_id = $1", team.stranger.user_id)
        await risk.stop(connection, "chat", cut_streams=False, reason="Repairs", actor=team.actor)
    seen = (await owner.call("GET", DASHBOARD)).json
    waiting = {one["kind"]: one for one in seen["waiting"]}
    assert waiting["sign_ups"]["waiting"] == 1
    assert waiting["sign_ups"]["oldest"] is not None
    assert waiting["tickets"] == {"kind": "tickets", "waiting": 0, "oldest": None}
    assert [(one["scope"], one["reason"]) for one in seen["stops"]] == [("chat", "Repairs")]
    assert [(one["name"], one["state"]) for one in seen["chains"]] == [("ledger", "unchecked"), ("audit", "unchecked")]
