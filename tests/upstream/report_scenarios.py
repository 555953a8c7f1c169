"""What providers report that days cost: OpenRouter's /activity and /key, OpenAI's /organization/costs.

The key names what happens: a word after the last dash. `Upstream.reported` has the cost of days in US$, by ISO date;
a day that is not in it is not reported yet.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.upstream.scenarios import send_json
from tests.upstream.server import Exchange, Scenario

PATHS = ("/v1/activity", "/v1/key", "/v1/organization/costs")
#: Results of one page.
_PAGE = 2
_GARBAGE = {
    "list": b"[]",
    "empty": b"{}",
    "cut": b'{"data": [{',
    "words": b'{"data": "nothing"}',
    "page": b"<html>down</html>",
    "text": b'{"data": [{"date": "DAY", "usage": "a lot"}], "has_more": false}',
    "absurd": b'{"data": [{"date": "DAY", "usage": 1e30}], "has_more": false}',
}


def find(path: str, authorization: str, reported: dict[str, str]) -> Scenario:
    """Return what a report does for a key."""

    async def report(x: Exchange) -> None:
        word = authorization.rpartition("-")[2]
        query = {name: values[0] for name, values in parse_qs(urlsplit(x.arrival.path).query).items()}
        if word == "refused":
            send_json(x, b'{"error": {"message": "bad key sk-report-canary"}}', status=401)
        elif word == "silent":
            await x.wait()
        elif word in _GARBAGE:
            send_json(x, _GARBAGE[word].replace(b"DAY", query.get("date", "").encode()))
        elif path == "/v1/key":
            send_json(
                x, _json({"data": {"label": "k", "usage": 12.5, "usage_daily": _number(reported.get("today", "0"))}})
            )
        elif path == "/v1/activity":
            send_json(x, _activity(query["date"], reported))
        else:
            send_json(x, _costs(query, reported, word))

    return report


def _activity(day: str, reported: dict[str, str]) -> bytes:
    cost = reported.get(day)
    rows = []
    if cost is not None:
        half = float(cost) / 2
        rows = [
            {"date": f"{day} 00:00:00", "model": name, "usage": half, "byok_usage_inference": 0, "requests": 1}
            for name in ("a/one", "b/two")
        ]
    # A neighbour that a client must not add.
    rows.append({"date": "2020-01-01", "model": "a/old", "usage": 99, "requests": 1})
    return _json({"data": rows})


def _costs(query: dict[str, str], reported: dict[str, str], word: str) -> bytes:
    start, end = int(query["start_time"]), int(query["end_time"])
    buckets: list[dict[str, Any]] = []
    moment = datetime.fromtimestamp(start, UTC)
    while moment.timestamp() < end:
        cost = reported.get(moment.date().isoformat())
        if cost is not None:
            amount = {"value": _number(cost), "currency": "eur" if word == "euro" else "usd"}
            results = [{"object": "organization.costs.result", "amount": amount, "line_item": None}]
            seconds = int(moment.timestamp())
            buckets.append(
                {"object": "bucket", "start_time": seconds, "end_time": seconds + 86_400, "results": results}
            )
        moment += timedelta(days=1)
    first = int(query.get("page", "page_0").removeprefix("page_"))
    page = buckets[first : first + _PAGE] if word in ("paged", "endless") else buckets
    more = word == "endless" or first + len(page) < len(buckets)
    return _json({
        "object": "page", "data": page, "has_more": more, "next_page": f"page_{first + _PAGE}" if more else None,
    })  # fmt: skip


def _number(text: str) -> float:
    return float(text)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
