"""What reviewers and banks are told of use: by UTC day and model, with its cost at providers, wherever the sums end."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from omna.usage import reports
from omna.usage.report_model import DayOfModel
from tests.integration.usage.conftest import NOW, Tenant, put_requests, roll_up


@pytest.mark.parametrize("hours", [0, 20, 1000])
async def test_days_of_models_are_those_of_the_rows(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, tenant: Tenant, hours: int
) -> None:
    chance = random.Random(11)
    begin = NOW - timedelta(days=3)
    moments = [begin + timedelta(seconds=chance.uniform(0, 3 * 86400 - 1)) for _ in range(300)]
    rows: list[dict[str, Any]] = await put_requests(superuser, tenant, moments, chance)
    if hours == 1000:
        await roll_up(superuser)
    for _ in range(hours % 1000):
        await superuser.fetchval("SELECT usage_roll_up()")
    since = begin + timedelta(hours=7, minutes=13)
    expected: dict[tuple[Any, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        made = datetime.fromtimestamp((row["request_id"].int >> 80) / 1000, UTC)
        if made >= since:
            part = expected[made.date(), row["model_id"]]
            for index, amount in enumerate((1, row["charge"], row["provider_charge"])):
                part[index] += amount
    found = await reports.days_of_models(connection, tenant.workspace_id, since, NOW + timedelta(minutes=1))
    assert found == [DayOfModel(day, model, *expected[day, model]) for day, model in sorted(expected)]
