"""Reports against a plain count of the rows, with and without sums, in every zone."""

import csv
import io
import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from omna.ids import UserId, show
from omna.money import format_credits
from tests.integration.usage.conftest import NOW, Browse, Tenant, id_at, put_requests, roll_up

START = NOW - timedelta(days=5)


def credits_of(rows: list[dict[str, object]]) -> str:
    return format_credits(sum(row["charge"] for row in rows))  # type: ignore[misc]


def made(row: dict[str, object]) -> datetime:
    return datetime.fromtimestamp((row["request_id"].int >> 80) / 1000, UTC)  # type: ignore[attr-defined]


def mine(row: dict[str, object], person: UserId, keys: list[UUID]) -> bool:
    return row["key_id"] in keys or row["user_id"] == person


@pytest.fixture
def chance() -> random.Random:
    return random.Random(7)


@pytest.fixture
async def rows(superuser: asyncpg.Connection, tenant: Tenant, chance: random.Random) -> list[dict[str, object]]:
    moments = [START + timedelta(seconds=chance.uniform(0, 5 * 86400 - 1)) for _ in range(900)]
    return await put_requests(superuser, tenant, moments, chance)


@pytest.mark.parametrize("summed", ["never", "half", "all"])
async def test_totals_are_those_of_the_rows_wherever_the_sums_end(
    browse: Browse, superuser: asyncpg.Connection, rows: list[dict[str, object]], chance: random.Random, summed: str
) -> None:
    if summed == "half":
        for _ in range(50):
            await superuser.fetchval("SELECT usage_roll_up()")
    if summed == "all":
        assert await roll_up(superuser) > 100
    for _ in range(12):
        start = START + timedelta(seconds=chance.uniform(-9999, 4 * 86400), milliseconds=chance.randrange(1000))
        start = start.replace(microsecond=start.microsecond // 1000 * 1000)
        end = start + timedelta(hours=chance.choice([1, 5, 24, 60, 100]), minutes=chance.choice([0, 7]))
        wanted = {}
        if chance.random() < 0.5:
            wanted["model"] = ["alpha", "=gamma"]
        if chance.random() < 0.3:
            wanted["outcome"] = ["failed"]
        if chance.random() < 0.3:
            wanted["source"] = ["chat"]
        body = (await browse("/usage", from_=start.isoformat(), to=end.isoformat(), **wanted)).json()
        for name, (since, until) in {"current": (start, end), "previous": (start - (end - start), start)}.items():
            expected = [
                row
                for row in rows
                if since <= made(row) < until
                and ("model" not in wanted or row["model_id"] in wanted["model"])
                and ("outcome" not in wanted or row["outcome"] in ("failed", "interrupted"))
                and ("source" not in wanted or row["source"] == "chat")
            ]
            assert body[name]["requests"] == len(expected)
            assert body[name]["spend"] == credits_of(expected)
            assert body[name]["tokens"]["prompt"] == sum(row["prompt_tokens"] for row in expected)
            assert body[name]["errors"] == sum(row["outcome"] in ("failed", "interrupted") for row in expected)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("by", ["model", "key", "source", "member"])
async def test_a_chart_by_days_of_a_zone_is_the_rows_of_those_days(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, rows: list[dict[str, object]], zone: str, by: str
) -> None:
    await roll_up(superuser)
    body = (
        await browse("/usage/series", from_=START.isoformat(), to=NOW.isoformat(), by=by, bucket="day", zone=zone)
    ).json()
    days: dict[object, int] = defaultdict(int)
    for row in rows:
        days[made(row).astimezone(ZoneInfo(zone)).date()] += row["charge"]  # type: ignore[operator]
    found: dict[object, Decimal] = defaultdict(Decimal)
    for series in body["series"]:
        assert sum(Decimal(point["spend"]) for point in series["points"]) == Decimal(series["spend"])
        for point in series["points"]:
            day = datetime.fromisoformat(point["start"]).astimezone(ZoneInfo(zone)).date()
            found[day] += Decimal(point["spend"])
    assert {day: format_credits(amount) for day, amount in days.items()} == {
        day: format_credits(int(amount * 10**9)) for day, amount in found.items() if amount
    }
    if by == "member":
        assert {series["label"] for series in body["series"]} == {"Ann", "=Bob", ""}
        spent = {
            show("usr", person): sum(row["charge"] for row in rows if mine(row, person, keys))  # type: ignore[misc]
            for person, keys in ((tenant.ann, tenant.ann_keys), (tenant.bob, tenant.bob_keys))
        }
        of_people = {series["key"]: series["spend"] for series in body["series"] if series["key"]}
        assert of_people == {person: format_credits(amount) for person, amount in spent.items()}
    if by == "key":
        assert {series["label"] for series in body["series"] if not series["key"].startswith("key_")} == {"chat"}


async def test_a_chart_by_hours_has_every_hour_and_all_the_requests(
    browse: Browse, superuser: asyncpg.Connection, rows: list[dict[str, object]]
) -> None:
    await roll_up(superuser)
    start = NOW - timedelta(hours=20)
    body = (await browse("/usage/series", from_=start.isoformat(), to=NOW.isoformat(), bucket="auto")).json()
    assert body["bucket"] == "hour"
    assert len(body["starts"]) in (20, 21)
    assert sum(series["requests"] for series in body["series"]) == sum(
        start.replace(microsecond=start.microsecond // 1000 * 1000) <= made(row) < NOW for row in rows
    )


@pytest.mark.parametrize("bucket", ["hour", "day"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
async def test_the_bucket_of_this_moment_is_said_to_be_growing(browse: Browse, bucket: str, zone: str) -> None:
    assert (await browse("/usage/series", bucket=bucket, zone=zone)).json()["partial_last"] is True
    ended = {"from_": START.isoformat(), "to": (START + timedelta(days=2)).isoformat()}
    assert (await browse("/usage/series", bucket=bucket, zone=zone, **ended)).json()["partial_last"] is False


@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize(
    "wanted", [{}, {"model": ["beta"], "outcome": ["failed"]}, {"source": ["chat"]}, {"model": ["none"]}]
)
async def test_the_log_has_every_request_once_and_newest_first(
    browse: Browse,
    superuser: asyncpg.Connection,
    rows: list[dict[str, object]],
    wanted: dict[str, list[str]],
    summed: bool,
) -> None:
    if summed:
        await roll_up(superuser)
    query = {"from_": START.isoformat(), "to": NOW.isoformat(), "limit": 40, **wanted}
    seen, cursor = [], None
    while True:
        page = (await browse("/usage/requests", **query, **({"cursor": cursor} if cursor else {}))).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["items"]) == 40
    expected = [
        f"req_{row['request_id'].hex}"  # type: ignore[attr-defined]
        for row in sorted(rows, key=lambda row: row["request_id"], reverse=True)
        if ("model" not in wanted or row["model_id"] in wanted["model"])
        and ("outcome" not in wanted or row["outcome"] in ("failed", "interrupted"))
        and ("source" not in wanted or row["source"] == "chat")
    ]
    assert [item["id"] for item in seen] == expected


async def test_what_is_rare_is_found_within_the_budget_of_a_page(
    browse: Browse,
    superuser: asyncpg.Connection,
    tenant: Tenant,
    rows: list[dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("omna.usage.reports.PAGE_BUDGET", 30)
    monkeypatch.setattr("omna.usage.reports.BATCH", 20)
    await roll_up(superuser)
    query = {"from_": START.isoformat(), "to": NOW.isoformat(), "limit": 50, "model": "beta"}
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = (await browse("/usage/requests", **query, **({"cursor": cursor} if cursor else {}))).json()
        seen += [item["id"] for item in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert pages > 10
    assert len(seen) == len(set(seen)) == sum(row["model_id"] == "beta" for row in rows)


@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize("wanted", [{}, {"model": ["=gamma"]}, {"outcome": ["completed"], "source": ["api"]}])
async def test_an_export_is_the_filtered_set_and_its_sum_is_that_of_the_cards(
    browse: Browse,
    superuser: asyncpg.Connection,
    rows: list[dict[str, object]],
    wanted: dict[str, list[str]],
    summed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("omna.usage.reports.EXPORT_ROWS", 37)
    monkeypatch.setattr("omna.usage.reports.BATCH", 20)
    if summed:
        await roll_up(superuser)
    query = {"from_": START.isoformat(), "to": NOW.isoformat(), **wanted}
    cards = (await browse("/usage", **query)).json()["current"]
    answer = await browse("/usage/export", **query)
    assert answer.headers["content-disposition"].startswith('attachment; filename="omna-usage-')
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    *body, total = lines
    assert len({line["request"] for line in body}) == len(body) == cards["requests"] == int(total["requests"])
    assert [line["time"] for line in body] == sorted(line["time"] for line in body)
    assert sum(Decimal(line["cost"]) for line in body) == Decimal(total["cost"]) == Decimal(cards["spend"])
    assert int(total["prompt_tokens"]) == cards["tokens"]["prompt"] == sum(int(x["prompt_tokens"]) for x in body)
    assert not [line for line in body if line["model"][:1] in "=+-@" or line["member"][:1] in ("=",)]

    document = json.loads((await browse("/usage/export", **query, format="json")).text)
    assert len(document["requests"]) == cards["requests"]
    assert document["totals"]["cost"] == cards["spend"]
    assert {request["model"] for request in document["requests"]} <= {"alpha", "beta", "=gamma", "delta"}
    audited = await superuser.fetch("SELECT action, after FROM audit_log ORDER BY seq")
    assert [row["action"] for row in audited] == ["usage.export"] * 2


async def test_a_member_sees_their_own_keys_and_chats_alone(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, rows: list[dict[str, object]]
) -> None:
    await roll_up(superuser)
    query = {"from_": START.isoformat(), "to": NOW.isoformat()}
    own_rows = [row for row in rows if mine(row, tenant.bob, tenant.bob_keys)]
    chats = [row for row in own_rows if row["source"] == "chat"]
    assert 0 < len(chats) < len(own_rows)
    bob = {"role": "member", "user": tenant.bob}
    assert (await browse("/usage", **query, **bob)).json()["current"]["requests"] == len(own_rows)
    for source in ({"source": "chat"}, {"source": "chat", "member": f"usr_{tenant.bob.hex}"}):
        assert (await browse("/usage", **query, **bob, **source)).json()["current"]["requests"] == len(chats)
    of_key = (await browse("/usage", **query, **bob, key=f"key_{tenant.bob_keys[0].hex}")).json()
    assert of_key["current"]["requests"] == sum(row["key_id"] == tenant.bob_keys[0] for row in rows)
    theirs = (await browse("/usage", **query, **bob, key=f"key_{tenant.ann_keys[0].hex}")).json()
    assert theirs["current"]["requests"] == 0
    assert (await browse("/usage", **query, **bob, member=f"usr_{tenant.ann.hex}")).json()["current"]["requests"] == 0
    strange = next(row for row in rows if row["key_id"] == tenant.ann_keys[0])
    found = await browse("/usage/requests", **bob, request=f"req_{strange['request_id'].hex}")  # type: ignore[attr-defined]
    assert found.json()["items"] == []
    for row in (next(row for row in own_rows if row["key_id"] is not None), chats[0]):
        own = await browse("/usage/requests", **bob, request=f"chatcmpl-{row['request_id'].hex}")  # type: ignore[attr-defined]
        (item,) = own.json()["items"]
        assert (item["id"], item["member_name"], item["source"]) == (
            f"req_{row['request_id'].hex}",  # type: ignore[attr-defined]
            "=Bob",
            row["source"],
        )
    others = next(row for row in rows if row["user_id"] == tenant.ann)
    found = await browse("/usage/requests", **bob, request=f"req_{others['request_id'].hex}")  # type: ignore[attr-defined]
    assert found.json()["items"] == []
    by_owner = (await browse("/usage", **query, member=f"usr_{tenant.bob.hex}")).json()["current"]["requests"]
    assert by_owner == len(own_rows)


async def test_a_request_is_there_as_soon_as_it_is_settled(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, rows: list[dict[str, object]], chance: random.Random
) -> None:
    await roll_up(superuser)
    [fresh] = await put_requests(superuser, tenant, [datetime.now(UTC)], chance)
    page = (await browse("/usage/requests", limit=1)).json()
    assert page["items"][0]["id"] == f"req_{fresh['request_id'].hex}"  # type: ignore[attr-defined]


async def test_an_hour_with_a_running_request_stays_open(
    superuser: asyncpg.Connection, tenant: Tenant, chance: random.Random
) -> None:
    hour = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    await put_requests(superuser, tenant, [hour, hour + timedelta(hours=1)], chance)
    await superuser.execute(
        """INSERT INTO running_requests (workspace_id, request_id, process_id, source, model_id, provider_id, route_id,
               price_version_id, streamed, day, amount, provider_amount, prompt_tokens, started_at)
           VALUES ($1, $2, $1, 'api', 'alpha', $1, $1, $1, true, current_date, 0, 0, 1, now())""",
        tenant.workspace_id,
        id_at(hour + timedelta(minutes=70), chance),
    )
    assert await superuser.fetchval("SELECT usage_roll_up()") == hour + timedelta(hours=1)
    assert await superuser.fetchval("SELECT usage_roll_up()") is None
    await superuser.execute("DELETE FROM running_requests")
    assert await superuser.fetchval("SELECT usage_roll_up()") == hour + timedelta(hours=2)


async def test_late_rows_are_summed_when_the_sums_are_mended(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, rows: list[dict[str, object]], chance: random.Random
) -> None:
    await roll_up(superuser)
    late = await put_requests(superuser, tenant, [START + timedelta(hours=30)] * 3, chance)
    query = {"from_": (START - timedelta(days=1)).isoformat(), "to": NOW.isoformat()}
    assert (await browse("/usage", **query)).json()["current"]["requests"] == len(rows)
    assert await superuser.fetchval("SELECT usage_mend($1)", START - timedelta(days=1)) == 1
    assert await superuser.fetchval("SELECT usage_mend($1)", START - timedelta(days=1)) == 0
    body = (await browse("/usage", **query)).json()["current"]
    assert (body["requests"], body["spend"]) == (len(rows) + 3, credits_of([*rows, *late]))


async def test_reports_of_a_month_that_was_forgotten_still_sum(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, chance: random.Random
) -> None:
    month = (NOW.replace(day=1) - timedelta(days=70)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (month + timedelta(days=32)).replace(day=1)
    await superuser.execute("SET ROLE omna_owner")
    await superuser.execute(
        f"CREATE TABLE requests_{month:%Y_%m} PARTITION OF requests"
        f" FOR VALUES FROM ('{id_first(month)}') TO ('{id_first(following)}')"
    )
    await superuser.execute("RESET ROLE")
    span = (following - month).total_seconds()
    old = await put_requests(
        superuser, tenant, [month + timedelta(seconds=chance.uniform(0, span)) for _ in range(60)], chance
    )
    new = await put_requests(superuser, tenant, [following + timedelta(minutes=number) for number in range(40)], chance)
    query = {"from_": month.isoformat(), "to": NOW.isoformat()}
    before = (await browse("/usage", **query)).json()["current"]
    assert await superuser.fetchval("SELECT usage_forget($1)", following) is None, "its hours are not summed yet"
    await roll_up(superuser)
    assert await superuser.fetchval("SELECT usage_forget($1)", following - timedelta(days=1)) is None
    assert await superuser.fetchval("SELECT usage_forget($1)", following) == month
    body = (await browse("/usage", **query)).json()
    assert body["current"] == before
    assert datetime.fromisoformat(body["details_from"]) == following
    log = (await browse("/usage/requests", **query, limit=200)).json()
    assert len(log["items"]) == len(new)
    lines = list(csv.DictReader(io.StringIO((await browse("/usage/export", **query)).text)))
    assert lines[-1]["cost"] == before["spend"] == credits_of([*old, *new])
    assert int(lines[-1]["requests"]) == sum(int(line["requests"]) for line in lines[:-1]) == len(old) + len(new)


def id_first(moment: datetime) -> str:
    return str(
        id_at(moment, random.Random(0)).__class__(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))
    )


@pytest.mark.parametrize(
    "query",
    [
        {"from_": "yesterday"}, {"from_": NOW.isoformat(), "to": START.isoformat()}, {"key": "key_zz"}, {"key": "usr_1"},
        {"source": "elsewhere"}, {"outcome": "won"}, {"zone": "Mars/Base"}, {"zone": "../etc/passwd"}, {"by": "colour"},
        {"bucket": "hour", "from_": "2020-01-01"}, {"from_": "0001-01-01"},
    ],
)  # fmt: skip
async def test_values_that_mean_nothing_are_refused_with_their_name(browse: Browse, query: dict[str, str]) -> None:
    answer = await browse("/usage/series", **query)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"].split(".")[0] in {name.rstrip("_") for name in query}
