"""Reports never read a large table from end to end: every plan goes through an index that names the workspace."""

import random
from datetime import timedelta

import asyncpg
import pytest

from tests.integration.usage.conftest import NOW, Tenant, put_requests, roll_up

SUMMED = "SELECT sum(charge) FROM usage_summed($1, $2, $3, $4, NULL, $5, NULL, NULL)"
PERSON = "SELECT sum(charge) FROM usage_summed($1, $2, $3, $4, ARRAY[$5::uuid], NULL, NULL, NULL, ARRAY[$6::uuid])"
SINGLE = "SELECT sum(charge) FROM usage_single($1, ARRAY[$2::uuid], ARRAY[$3::uuid], NULL, $4, NULL, NULL)"
DETAILS = "SELECT * FROM usage_details($1, ARRAY[$2::uuid], ARRAY[$3::uuid], NULL, $4, NULL, NULL) ORDER BY request_id DESC LIMIT 51"
NEWEST = "SELECT request_id FROM requests WHERE workspace_id = $1 AND request_id >= $2 AND request_id < $3 ORDER BY request_id DESC LIMIT 51"
EFFECTS = {"p_workspace": "$1", "p_after": "$2", "p_until": "$3"}
LARGE = ("requests", "usage_sums", "transfers", "entries", "ledger_lines")


@pytest.fixture
async def large(superuser: asyncpg.Connection, tenant: Tenant) -> asyncpg.Connection:
    chance = random.Random(5)
    await put_requests(superuser, tenant, [NOW - timedelta(minutes=7 * n) for n in range(2000)], chance)
    await roll_up(superuser)
    await superuser.execute("ANALYZE")
    return superuser


async def plan_of(connection: asyncpg.Connection, query: str, *arguments: object, mode: str) -> str:
    await connection.execute(f"SET plan_cache_mode = {mode}")
    # Small tables are cheapest read whole: what is asked is whether there is another way.
    await connection.execute("SET enable_seqscan = off")
    literal = query
    for number, argument in reversed(list(enumerate(arguments, 1))):
        literal = literal.replace(
            f"${number}", await connection.fetchval("SELECT quote_nullable($1::text)", str(argument))
        )
    return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {literal}"))


def assert_by_index(plan: str) -> None:
    for table in LARGE:
        assert f"Seq Scan on {table}" not in plan, plan
    assert "workspace_id = " in plan, plan


@pytest.mark.parametrize("grain", ["d", "h"])
async def test_sums_are_found_by_workspace_and_time(large: asyncpg.Connection, tenant: Tenant, grain: str) -> None:
    begins, ends = NOW - timedelta(days=4), NOW
    plan = await plan_of(
        large, SUMMED, tenant.workspace_id, "{" + grain + "}", "{" + begins.isoformat() + "}",
        "{" + ends.isoformat() + "}", "{alpha}", mode="auto",
    )  # fmt: skip
    assert_by_index(plan)


async def test_sums_of_a_person_are_found_by_their_keys_and_by_them(large: asyncpg.Connection, tenant: Tenant) -> None:
    begins, ends = NOW - timedelta(days=4), NOW
    await large.execute("SET enable_bitmapscan = off")
    plan = await plan_of(
        large, PERSON, tenant.workspace_id, "{h}", "{" + begins.isoformat() + "}", "{" + ends.isoformat() + "}",
        tenant.bob_keys[0], tenant.bob, mode="auto",
    )  # fmt: skip
    assert_by_index(plan)
    assert "usage_sums_by_person" in plan


async def test_a_page_of_the_log_walks_the_key(large: asyncpg.Connection, tenant: Tenant) -> None:
    first, last = await large.fetchrow("SELECT first_id_at(now() - interval '2 days'), first_id_at(now())")  # type: ignore[misc]
    plan = await plan_of(large, NEWEST, tenant.workspace_id, first, last, mode="auto")
    assert_by_index(plan)
    assert "Index Only Scan Backward" in plan
    assert "Sort " not in plan
    assert_by_index(await plan_of(large, SINGLE, tenant.workspace_id, first, last, "{alpha}", mode="auto"))
    assert_by_index(await plan_of(large, DETAILS, tenant.workspace_id, first, last, "{alpha}", mode="auto"))


async def test_what_a_transfer_did_is_found_by_its_number(large: asyncpg.Connection, tenant: Tenant) -> None:
    body = await large.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_effects'")
    for name, place in EFFECTS.items():
        body = body.replace(name, place)
    plan = await plan_of(
        large, body.replace("$2", "10::bigint").replace("$3", "50::bigint"), tenant.workspace_id, mode="auto"
    )
    assert_by_index(plan)
    assert "transfers_in_order" in plan
    assert "entries_pkey" in plan
