"""Read what a provider says a UTC day cost: a few GETs, within the bounds and the guard that every call has.

Source  OpenRouter: GET /activity (management key; completed days, up to 30 back) and GET /key (any key; the day so far)
        OpenAI: GET /organization/costs (admin key; buckets of a UTC day, paged)
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from omna.providers.base import Endpoint, Failure, FailureKind
from omna.providers.egress import EgressRefused, Guard
from omna.providers.transport import open_session

FORMATS = ("openrouter", "openai")
MAX_REPORT_BYTES = 8 << 20
REPORT_SECONDS = 30.0
#: More pages than a month of days can have mean that the report does not end.
MOST_PAGES = 40
#: US$: more of one day is no report but a mistake.
_MOST_USD = Decimal(10_000_000)
#: Numbers become decimals as they are written: a float would lose what is compared.
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)

Read = TypeVar("Read")


def format_of(host: str | None) -> str | None:
    """Return the format that a well-known host reports in, None for others."""
    return {"openrouter.ai": "openrouter", "api.openai.com": "openai"}.get(host or "")


async def costs_by_day(
    endpoint: Endpoint, report: str, days: Sequence[date], seconds: float = REPORT_SECONDS
) -> dict[date, Decimal]:
    """Return the cost of days in US$, as far as the report has them: a day that is not there yet is left out.

    endpoint  where the provider is, with its reporting key
    report    of FORMATS
    Errors    Failure: STATUS of a refusal, MALFORMED for what fits no report or another currency, CONNECT, TOTAL
    """
    if not days:
        return {}
    reader = _openrouter_days if report == "openrouter" else _openai_days
    return await _read(endpoint, seconds, lambda client: reader(client, days))


async def cost_of_today(endpoint: Endpoint, seconds: float = REPORT_SECONDS) -> Decimal:
    """Return what OpenRouter says its own key cost in the UTC day so far, in US$. Errors: those of costs_by_day."""
    return await _read(endpoint, seconds, _openrouter_today)


class _Client:
    """One session at one provider."""

    def __init__(self, session: ClientSession, base: str, secret: str) -> None:
        self._session = session
        self._base = base
        self._headers = {
            "User-Agent": "omna",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Authorization": f"Bearer {secret}",
        }

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        async with self._session.get(
            f"{self._base}{path}", params=dict(query), headers=self._headers, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise Failure(FailureKind.STATUS, "its report was refused", status=response.status)
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                raise Failure(FailureKind.MALFORMED, "it compressed its report, unasked")
            content = bytearray()
            async for piece in response.content.iter_any():
                content += piece
                if len(content) > MAX_REPORT_BYTES:
                    raise Failure(FailureKind.MALFORMED, "its report is too large")
        try:
            found = _DECODER.decode(bytes(content))
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise Failure(FailureKind.MALFORMED, "its report is no JSON object") from None
        return found


async def _read(endpoint: Endpoint, seconds: float, read: Callable[["_Client"], Awaitable[Read]]) -> Read:
    try:
        guard = Guard(endpoint)
    except EgressRefused:
        raise Failure(FailureKind.CONNECT, "its address is not one a provider may have") from None
    try:
        async with asyncio.timeout(seconds), open_session(guard, ClientTimeout(total=None)) as session:
            return await read(_Client(session, str(guard.url), endpoint.secret or ""))
    except TimeoutError:
        raise Failure(FailureKind.TOTAL, f"its report did not come within {seconds:g} seconds") from None
    except (ClientError, OSError) as error:
        cause = getattr(error, "os_error", None) or error.__cause__ or error
        raise Failure(FailureKind.CONNECT, f"it cannot be reached: {type(cause).__name__}") from None
    finally:
        await guard.close()


async def _openrouter_days(client: _Client, days: Sequence[date]) -> dict[date, Decimal]:
    found: dict[date, Decimal] = {}
    for day in days:
        rows = (await client.get("/activity", {"date": day.isoformat()})).get("data")
        if not isinstance(rows, list):
            raise Failure(FailureKind.MALFORMED, "its report has no rows")
        costs = [_usd(row.get("usage")) for row in rows if _of_day(row, day)]
        # A day without a row is one that is not reported yet, or one without a request: both are told as missing.
        if costs:
            found[day] = sum(costs, Decimal(0))
    return found


async def _openrouter_today(client: _Client) -> Decimal:
    data = (await client.get("/key", {})).get("data")
    if not isinstance(data, dict):
        raise Failure(FailureKind.MALFORMED, "its report says nothing of the key")
    return _usd(data.get("usage_daily"))


async def _openai_days(client: _Client, days: Sequence[date]) -> dict[date, Decimal]:
    first, last = min(days), max(days)
    query = {
        "start_time": str(_seconds(first)),
        "end_time": str(_seconds(last + timedelta(days=1))),
        "bucket_width": "1d",
        "limit": str(min((last - first).days + 1, 180)),
    }
    found: dict[date, Decimal] = {}
    for _ in range(MOST_PAGES):
        page = await client.get("/organization/costs", query)
        buckets = page.get("data")
        if not isinstance(buckets, list):
            raise Failure(FailureKind.MALFORMED, "its report has no buckets")
        for bucket in buckets:
            day, cost = _bucket(bucket)
            if day in days:
                found[day] = found.get(day, Decimal(0)) + cost
        if not page.get("has_more"):
            return found
        following = page.get("next_page")
        if not isinstance(following, str) or not following or query.get("page") == following:
            raise Failure(FailureKind.MALFORMED, "its report does not say how it goes on")
        query["page"] = following
    raise Failure(FailureKind.MALFORMED, "its report does not end")


def _bucket(bucket: Any) -> tuple[date, Decimal]:
    results = bucket.get("results") if isinstance(bucket, dict) else None
    start = bucket.get("start_time") if isinstance(bucket, dict) else None
    if not isinstance(results, list) or not isinstance(start, int) or not 0 < start < 2**33:
        raise Failure(FailureKind.MALFORMED, "its report has a bucket that is none")
    cost = Decimal(0)
    for result in results:
        amount = result.get("amount") if isinstance(result, dict) else None
        if not isinstance(amount, dict):
            raise Failure(FailureKind.MALFORMED, "its report has a result without an amount")
        if str(amount.get("currency", "")).lower() != "usd":
            raise Failure(FailureKind.MALFORMED, "its report is not in US$", code="currency")
        cost += _usd(amount.get("value"))
    return datetime.fromtimestamp(start, UTC).date(), cost


def _of_day(row: Any, day: date) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("date"), str):
        raise Failure(FailureKind.MALFORMED, "its report has a row without a day")
    return str(row["date"]).startswith(day.isoformat())


def _usd(value: Any) -> Decimal:
    """Return an amount. It may come as a number or as text; anything else, and what is absurd, is no amount."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Failure(FailureKind.MALFORMED, "its report has no amount where one belongs")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise Failure(FailureKind.MALFORMED, "its report has an amount that is none") from None
    if not amount.is_finite() or not -_MOST_USD <= amount <= _MOST_USD:
        raise Failure(FailureKind.MALFORMED, "its report has an absurd amount")
    return amount


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
