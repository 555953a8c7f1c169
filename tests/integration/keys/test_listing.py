"""What a key spent in the last 24 hours is right to the request, summed or not."""

import random
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from omna.keys import listing_store
from tests.integration.usage.conftest import make_tenant, put_requests


@pytest.mark.parametrize("summed", [False, True])
async def test_the_last_24_hours_are_counted_to_the_request(
    database_url: str, connection: asyncpg.Connection, summed: bool
) -> None:
    superuser = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    tenant, other = await make_tenant(superuser), await make_tenant(superuser)
    chance, now = random.Random(4), datetime.now(UTC)
    moments = [now - timedelta(minutes=chance.randrange(1, 30 * 60)) for _ in range(300)]
    # Neither end may be off by one request.
    moments += [now - timedelta(hours=24, seconds=20), now - timedelta(hours=23, minutes=59)]
    made = await put_requests(superuser, tenant, moments, chance)
    await put_requests(superuser, other, moments, chance)
    if summed:
        while await superuser.fetchval("SELECT usage_roll_up()") is not None:
            pass
        assert await superuser.fetchval("SELECT count(*) FROM usage_sums WHERE grain = 'h'") > 10
    rows = await listing_store.rows(connection, tenant.workspace_id)
    since = now - timedelta(hours=24)
    for row in rows:
        counted = [
            one
            for one, moment in zip(made, moments, strict=True)
            if one["key_id"] == row.key.key_id and moment >= since
        ]
        assert row.requests_24h == len(counted)
        assert row.spent_24h == sum(int(str(one["charge"])) for one in counted)
    assert sum(row.requests_24h for row in rows) > 100
    await superuser.close()
