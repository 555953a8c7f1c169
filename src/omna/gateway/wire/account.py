"""GET /v1/key, /v1/credits and /v1/generation: what a key may, what its workspace has, what a request cost."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from omna.catalog import service as catalog
from omna.clock import iso
from omna.db.pool import Connection, borrow
from omna.errors import GenerationNotFound, MissingRequiredParameter
from omna.gateway import metering
from omna.gateway.gateway import Gateway
from omna.gateway.model import UNITS, Tokens
from omna.gateway.wire.entry import reader_of
from omna.gateway.wire.exchange import Exchange
from omna.gateway.wire.usage import cost_details
from omna.ids import answer_id, made_at, parse, show
from omna.keys.model import ApiKey
from omna.ledger import service as ledger
from omna.money import format_credits
from omna.usage import service as usage
from omna.usage.model import RequestRecord, Running

_RESETS = {"day": "daily", "week": "weekly", "month": "monthly", "total": None, None: None}

#: Ids a customer may quote for one and the same request.
_ID_PREFIXES = ("req", "chatcmpl", "cmpl", "resp", "msg", "modr")

#: Names of OpenRouter's record that mean nothing here; clients that know them find them empty.
_UNKNOWN_HERE = (
    "upstream_id", "app_id", "cache_discount", "origin", "http_referer", "num_media_prompt", "num_media_completion",
    "num_search_results", "moderation_latency", "upstream_inference_cost", "external_user", "router",
)  # fmt: skip


class Account:
    """One of the three reads: authenticate, read, answer."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, exchange: Exchange) -> None:
        key = await reader_of(exchange, self._gateway)
        async with borrow(self._gateway.pool) as connection:
            data = await self.read(connection, key, exchange)
        await exchange.answer(200, {"data": data})

    async def read(self, connection: Connection, key: ApiKey, exchange: Exchange) -> dict[str, Any]:
        raise NotImplementedError


class KeyFacts(Account):
    """GET /v1/key"""

    async def read(self, connection: Connection, key: ApiKey, exchange: Exchange) -> dict[str, Any]:
        spend = await usage.spend_of_key(connection, key.workspace_id, key.key_id)
        today: date = await connection.fetchval("SELECT (now() AT TIME ZONE 'UTC')::date")
        spent = {"day": spend.day, "week": spend.week, "month": spend.month, "total": spend.total}
        used = spent.get(key.spend_period or "", 0)
        left = None if key.spend_limit is None else max(0, key.spend_limit - used - spend.held)
        return {
            "label": key.label,
            "name": key.name,
            "limit": _credits(key.spend_limit),
            "limit_remaining": _credits(left),
            "limit_reset": _RESETS[key.spend_period],
            "limit_resets_at": None if _RESETS[key.spend_period] is None else _reset(today, key.spend_period),
            "usage": format_credits(spend.total),
            "usage_daily": format_credits(spend.day),
            "usage_weekly": format_credits(spend.week),
            "usage_monthly": format_credits(spend.month),
            "held": format_credits(spend.held),
            "rate_limit": None if key.rpm is None else {"requests": key.rpm, "interval": "60s"},
            "allowed_models": None if key.allowed_models is None else list(key.allowed_models),
            "expires_at": None if key.expires_at is None else iso(key.expires_at),
            "is_free_tier": False,
            "is_management_key": False,
            "is_provisioning_key": False,
            "include_byok_in_limit": False,
            "byok_usage": "0",
            "byok_usage_daily": "0",
            "byok_usage_weekly": "0",
            "byok_usage_monthly": "0",
            "creator_user_id": None if key.created_by is None else show("usr", key.created_by),
        }


class Credits(Account):
    """GET /v1/credits"""

    async def read(self, connection: Connection, key: ApiKey, exchange: Exchange) -> dict[str, Any]:
        # One view of both: a charge in between would make the sums disagree.
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            wallet = await ledger.wallet(connection, key.workspace_id)
            charged = await usage.spend_of_workspace(connection, key.workspace_id)
        return {
            "total_credits": format_credits(wallet.balance + charged),
            "total_usage": format_credits(charged),
            "balance": format_credits(wallet.balance),
            "held": format_credits(wallet.held),
            "available": format_credits(wallet.balance - wallet.held),
            "unit": "credit",
        }


class Generation(Account):
    """GET /v1/generation?id="""

    async def read(self, connection: Connection, key: ApiKey, exchange: Exchange) -> dict[str, Any]:
        query = parse_qs(exchange.scope["query_string"].decode("latin-1"), max_num_fields=20)
        wanted = query.get("id", [""])[0]
        if not wanted:
            raise MissingRequiredParameter("`id` is missing: the x-request-id or the id of an answer.", param="id")
        try:
            request_id = parse(wanted, *_ID_PREFIXES)
        except ValueError:
            raise GenerationNotFound(param="id") from None
        found = await usage.find(connection, key.workspace_id, request_id)
        if found is None:
            raise GenerationNotFound(param="id")
        if isinstance(found, Running):
            return _running_body(found)
        transfers = await ledger.transfer_ids_of_hold(connection, key.workspace_id, request_id)  # type: ignore[arg-type]
        price = await catalog.price_version(connection, found.price_version_id)
        tokens = Tokens(
            found.prompt_tokens,
            found.completion_tokens,
            found.cached_tokens,
            found.cache_write_tokens,
            found.reasoning_tokens,
            **{UNITS[name]: count for name, count in (found.units or {}).items()},
        )
        charge = metering.charge(tokens, price.rates, most=found.charge) if found.charge else metering.NOTHING
        return _record_body(found) | {
            "cost_details": cost_details(charge, price, found.estimated),
            "ledger_entry_ids": [show("tr", transfer) for transfer in transfers],
        }


def _record_body(found: RequestRecord) -> dict[str, Any]:
    cost = format_credits(found.charge)
    return _empty(found) | {
        "state": "settled" if found.charge else "released",
        "cancelled": found.outcome == "client_left",
        "finish_reason": found.finish_reason,
        "native_finish_reason": found.native_finish_reason,
        "tokens_prompt": found.prompt_tokens,
        "tokens_completion": found.completion_tokens,
        "native_tokens_prompt": found.prompt_tokens,
        "native_tokens_completion": found.completion_tokens,
        "native_tokens_cached": found.cached_tokens,
        "native_tokens_reasoning": found.reasoning_tokens,
        "native_tokens_completion_images": (found.units or {}).get("image_completion_tokens", 0),
        "latency": found.first_delta_ms,
        "generation_time": found.duration_ms,
        "total_cost": cost,
        "usage": cost,
        "provider_responses": [
            *(found.attempts or ()),
            {
                "provider_name": found.provider_name,
                "status": None if found.error_code else 200,
                "latency": found.first_delta_ms,
            },
        ],
        "error": None if found.error_code is None else {"code": found.error_code},
    }


def _running_body(found: Running) -> dict[str, Any]:
    return _empty(found) | {"state": "running", "ledger_entry_ids": [show("tr", found.request_id)]}


def _empty(found: RequestRecord | Running) -> dict[str, Any]:
    """Return the record with all its names: what is known of a request from the start, the rest null."""
    api = found.api if isinstance(found, RequestRecord) else None
    return {
        "id": answer_id(api, found.request_id),
        "request_id": show("req", found.request_id),
        "model": found.model_id,
        "provider_name": found.provider_name,
        # OpenRouter's word for chats.
        "api_type": api or "completions",
        "created_at": iso(made_at(found.request_id)),
        "streamed": found.streamed,
        "hold": format_credits(found.held),
        "is_byok": False,
        **dict.fromkeys(
            (
                "state",
                "cancelled",
                "finish_reason",
                "native_finish_reason",
                "tokens_prompt",
                "tokens_completion",
                "native_tokens_prompt",
                "native_tokens_completion",
                "native_tokens_cached",
                "native_tokens_reasoning",
                "native_tokens_completion_images",
                "latency",
                "generation_time",
                "total_cost",
                "usage",
                "cost_details",
                "ledger_entry_ids",
                "provider_responses",
                "error",
                *_UNKNOWN_HERE,
            )
        ),
    }


def _credits(amount: int | None) -> str | None:
    return None if amount is None else format_credits(amount)


def _reset(today: date, period: str | None) -> str:
    """Return when the period of a spend limit ends: UTC days, weeks from Monday, calendar months."""
    match period:
        case "day":
            end = today + timedelta(days=1)
        case "week":
            end = today + timedelta(days=7 - today.weekday())
        case _:
            end = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return iso(datetime(end.year, end.month, end.day, tzinfo=UTC))
