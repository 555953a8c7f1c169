"""GET /v1/models and GET /v1/models/{id}: what the key may use, with prices, from memory."""

import hashlib
from typing import Any

from omna.catalog.model import Model, Rates
from omna.clock import iso
from omna.errors import ModelNotFound
from omna.gateway.fitting import PATHS
from omna.gateway.gateway import Gateway
from omna.gateway.wire.entry import reader_of
from omna.gateway.wire.exchange import Exchange
from omna.http.strict_json import dumps
from omna.keys.model import ApiKey
from omna.money import format_decimal

#: A price of n nanocredits per 10^6 tokens is n × 10^-15 Credits per token.
_PER_TOKEN_DECIMALS = 15
_PER_UNIT_DECIMALS = 9

#: What every chat model here takes; provider quirks beyond it are answered by the provider.
_PARAMETERS = (
    "max_completion_tokens", "max_tokens", "temperature", "top_p", "stop", "seed", "stream", "stream_options",
    "frequency_penalty", "presence_penalty", "tools", "tool_choice", "response_format",
)  # fmt: skip


class Models:
    """Both endpoints."""

    def __init__(self, gateway: Gateway, usd_per_credit: int) -> None:
        self._gateway = gateway
        self._usd_nano_per_credit = usd_per_credit

    async def __call__(self, exchange: Exchange) -> None:
        key = await reader_of(exchange, self._gateway)
        wanted = exchange.scope.get("path_params", {}).get("model_id")
        if wanted is None:
            await self._list(exchange, key)
        else:
            await self._gateway.catalogue.refresh()
            await exchange.answer(200, self._one(wanted, key))

    async def _list(self, exchange: Exchange, key: ApiKey) -> None:
        # A list is read seldom: it is worth one look at whether prices have changed.
        await self._gateway.catalogue.refresh()
        snapshot = self._gateway.catalogue.snapshot
        models = {**snapshot.models, **{alias: snapshot.models[of] for alias, of in snapshot.aliases.items()}}
        data = [
            self._item(name, model)
            for name, model in sorted(models.items())
            if _allowed(model, key) and not model.hidden
        ]
        content = dumps({"object": "list", "data": data})
        etag = b'"' + hashlib.sha256(content).hexdigest()[:32].encode() + b'"'
        headers = [(b"cache-control", b"private, max-age=60"), (b"etag", etag)]
        if (b"if-none-match", etag) in exchange.headers:
            await exchange.start(304, headers)
            await exchange.send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await exchange.answer_bytes(200, content, headers)

    def _one(self, model_id: str, key: ApiKey) -> dict[str, Any]:
        model = self._gateway.catalogue.model(model_id)
        if model is None:
            raise self._gateway.catalogue.snapshot.missing(model_id)
        if not _allowed(model, key):
            raise ModelNotFound(f"There is no model {model_id!r}. GET /v1/models lists yours.", param="model")
        return self._item(model_id, model)

    def _item(self, name: str, model: Model) -> dict[str, Any]:
        """Return what a model is and costs, under its id or an alias."""
        assert model.price is not None, "a snapshot holds priced models only"
        rates, coming = model.price.rates, model.next_price
        return {
            "id": name,
            "object": "model",
            "created": int(model.created_at.timestamp()),
            "owned_by": model.model_id.partition("/")[0] if "/" in model.model_id else "omna",
            "name": model.name,
            "description": model.description,
            "context_length": model.context_length,
            "max_model_len": model.context_length,
            "max_output_tokens": model.max_output_tokens,
            "top_provider": {
                "context_length": model.context_length,
                "max_completion_tokens": model.max_output_tokens,
                "is_moderated": False,
            },
            "architecture": {
                "modality": f"{'+'.join(model.input_modalities)}->{'+'.join(model.output_modalities)}",
                "input_modalities": model.input_modalities,
                "output_modalities": model.output_modalities,
                "tokenizer": "Other",
            },
            "pricing": _pricing(rates),
            "pricing_usd": _pricing(rates, usd_nano=self._usd_nano_per_credit),
            "supported_parameters": _parameters(model),
            "supported_endpoints": [path for endpoint in model.endpoints for path in PATHS[endpoint]],
            "per_request_limits": None,
            "expiration_date": None if model.retires_at is None else model.retires_at.date().isoformat(),
            "deprecated": model.deprecated_at is not None,
            "successor": model.successor,
            "next_pricing": None
            if coming is None
            else {"effective_from": iso(coming.effective_from), "pricing": _pricing(coming.rates)},
        }


def _parameters(model: Model) -> tuple[str, ...]:
    """Return what the entry says; unknown, what every chat model takes, and nothing for a model that does not chat."""
    if model.supported_parameters is not None:
        return model.supported_parameters
    return _PARAMETERS if "chat" in model.endpoints else ()


def _allowed(model: Model, key: ApiKey) -> bool:
    return key.allowed_models is None or model.model_id in key.allowed_models


def _pricing(rates: Rates, usd_nano: int | None = None) -> dict[str, Any]:
    """Return prices as exact decimal strings: in Credits, or in US$ at `usd_nano` nano-dollars a Credit.

    Tokens and characters have the price of one; `request`, `image` and `second` that of a request, of an image made and
    of a second of sound that is sent.
    """
    factor, decimals = (1, 0) if usd_nano is None else (usd_nano, 9)

    def per_token(amount: int) -> str:
        return format_decimal(amount * factor, _PER_TOKEN_DECIMALS + decimals)

    def per_unit(amount: int) -> str:
        return format_decimal(amount * factor, _PER_UNIT_DECIMALS + decimals)

    return {
        "prompt": per_token(rates.prompt),
        "completion": per_token(rates.completion),
        "input_cache_read": per_token(rates.cached),
        "input_cache_write": per_token(rates.cache_write),
        "internal_reasoning": per_token(rates.reasoning),
        "audio": per_token(rates.prompt if rates.audio_prompt is None else rates.audio_prompt),
        "audio_output": per_token(rates.completion if rates.audio_completion is None else rates.audio_completion),
        "image_token": per_token(rates.prompt if rates.image_prompt is None else rates.image_prompt),
        "image_output": per_token(rates.completion if rates.image_completion is None else rates.image_completion),
        "image": per_unit(rates.image),
        "request": per_unit(rates.request),
        "second": per_unit(rates.second),
        "character": per_token(rates.character),
        "overrides": [],
    }
