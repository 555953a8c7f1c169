"""The starter catalogue: models and prices proposed for the providers whose keys are in the environment.

Run at every start. It adds what was never there and changes nothing an operator decided: a model that exists is left
alone, a switched-off provider stays off, and a key is taken from the environment only when the environment's changed.
Prices come from the list `genai-prices` carries; a model it does not know has no price and is not added.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from omna.audit import service as audit
from omna.catalog import service, store
from omna.catalog.model import Rates, rates
from omna.clock import now
from omna.db.pool import Connection
from omna.ids import RouteId, new_id
from omna.money import NANO_PER_CREDIT, parse_credits
from omna.providers.registry import Host, host_named
from omna.vault import service as vault
from omna.vault.keyring import Keyring, Purpose

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice

LOCAL_PROVIDER = "local"
LOCAL_MODEL = "smollm2-135m-instruct"
LOCAL_CONTEXT = 8192
#: A first call without max_tokens is answered within seconds.
LOCAL_MAX_OUTPUT = 1024
FREE_MODEL = "openrouter-free"
#: What that is called while only the bundled model answers it: it has a price, so it is not "free models".
LOCAL_NAME = "Omna local"
FREE_NAME = "Free models"
#: What the bundled model and OpenRouter's free ones answer.
ENDPOINTS = ("chat", "completions")
#: OpenRouter's own router over the models it serves for nothing.
FREE_UPSTREAM = "openrouter/free"

# Small and not zero: the first answer of a new installation shows a charge.
SMALL_PRICE = rates(parse_credits("0.05"), parse_credits("0.10"))
# Said explicitly: the bundled model and OpenRouter's free models cost the operator nothing.
NO_COST = rates(0, 0)

_NOWHERE = "http://127.0.0.1:1/v1"


@dataclass(frozen=True)
class Shelf:
    """Models of one well-known host, by the names it knows; `prices` is the host's name in the price list."""

    host: str
    prices: str
    models: tuple[str, ...]


SHELVES = (
    Shelf(
        "openrouter",
        "openrouter",
        (
            "openai/gpt-5-mini",
            "openai/gpt-5.4-mini",
            "anthropic/claude-sonnet-5.5",
            "google/gemini-2.5-flash",
            "deepseek/deepseek-v3.2",
            "meta-llama/llama-3.3-70b-instruct",
        ),
    ),
    Shelf("openai", "openai", ("gpt-5.4", "gpt-5.4-mini", "gpt-5-mini", "gpt-5-nano", "gpt-4.1-mini")),
    Shelf("anthropic", "anthropic", ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5")),
    Shelf("gemini", "google", ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-3.5-flash")),
    Shelf("groq", "groq", ("llama-3.3-70b-versatile", "llama-3.1-8b-instant")),
    Shelf("deepseek", "deepseek", ("deepseek-chat", "deepseek-reasoner")),
    Shelf("mistral", "mistral", ("mistral-small-latest", "mistral-large-latest")),
    Shelf("xai", "x-ai", ("grok-4", "grok-4.3")),
)


@dataclass(frozen=True)
class Proposal:
    """What the price list says of a model: nanocredits per 1M tokens, and the context those prices hold for."""

    name: str
    context_length: int | None
    rates: Rates


async def stock(
    connection: Connection,
    *,
    environment: Mapping[str, str],
    usd_per_credit: str,
    local: bool,
    keyring: Keyring,
    actor: audit.Actor,
) -> list[str]:
    """Add the providers and models that were never there, and return the names of what was added.

    environment     searched for the keys of well-known hosts (OPENROUTER_API_KEY, OPENAI_API_KEY, …)
    usd_per_credit  US$ of one Credit, a decimal string
    local           whether this installation runs the bundled model
    """
    await store.lock_controls(connection)
    added = await _stock_local(connection, keyring, actor) if local else []
    for shelf in SHELVES:
        host = host_named(shelf.host)
        if host is None or host.key_variable is None:
            continue
        secret = environment.get(host.key_variable, "").strip()
        if secret:
            added += await _stock_host(connection, shelf, host, secret, Decimal(usd_per_credit), keyring, actor)
    return added


async def set_local_endpoint(
    connection: Connection, address: str, secret: str | None, *, keyring: Keyring, actor: audit.Actor
) -> None:
    """Tell the catalogue where the bundled model listens now, for example `http://127.0.0.1:41234/v1`.

    Nothing is written, and the catalogue's version stays, when that is what it knows already.
    """
    await service.add_provider(
        connection,
        LOCAL_PROVIDER,
        kind="openai",
        base_url=address,
        secret=secret,
        allow_private=True,
        keyring=keyring,
        actor=actor,
    )


def propose(prices: str, model: str, usd_per_credit: Decimal, at: datetime) -> Proposal | None:
    """Return what the price list says of a model of a host, or None when it does not know the model or its price.

    A list price that rises with the length of the prompt is proposed for its first step only, and the context ends
    there: a price version has one rate per token class.
    """
    from genai_prices.data import providers  # a large table: loaded only when a key asks for it

    host = next((provider for provider in providers if provider.id == prices), None)
    found = host.find_model(model) if host is not None else None
    if found is None or found.deprecated:
        return None
    listed = found.get_prices(at)
    prompt, completion = _rate(listed, "input_mtok", usd_per_credit), _rate(listed, "output_mtok", usd_per_credit)
    if prompt is None or completion is None:
        return None
    return Proposal(
        name=found.name or model,
        context_length=_context(found, listed),
        rates=rates(
            prompt,
            completion,
            cached=_rate(listed, "cache_read_mtok", usd_per_credit),
            cache_write=_rate(listed, "cache_write_mtok", usd_per_credit),
            request=_per_request(listed, usd_per_credit),
        ),
    )


async def _stock_local(connection: Connection, keyring: Keyring, actor: audit.Actor) -> list[str]:
    added = []
    if await store.provider(connection, LOCAL_PROVIDER) is None:
        await set_local_endpoint(connection, _NOWHERE, None, keyring=keyring, actor=actor)
        added.append(LOCAL_PROVIDER)
    for model_id, name, priority in (
        (LOCAL_MODEL, "SmolLM2 135M Instruct", 0),
        (FREE_MODEL, LOCAL_NAME, 1),
    ):
        if await _offer(
            connection,
            model_id,
            name=name,
            provider=LOCAL_PROVIDER,
            upstream_model=LOCAL_MODEL,
            priority=priority,
            actor=actor,
        ):
            added.append(model_id)
    return added


async def _stock_host(
    connection: Connection,
    shelf: Shelf,
    host: Host,
    secret: str,
    usd_per_credit: Decimal,
    keyring: Keyring,
    actor: audit.Actor,
) -> list[str]:
    added: list[str] = []
    known = await store.provider(connection, host.name)
    before, after = await _environment_key(connection, keyring, host.name, secret)
    # A provider the operator added keeps the operator's key; the environment's is for the well-known address.
    ours = known is None or (before is not None and known.base_url == host.base_url)
    if before != after and ours:
        await service.add_provider(
            connection,
            host.name,
            # A row that exists keeps the format it was added with: only its key is new.
            kind=host.kind if known is None else known.kind,
            base_url=host.base_url,
            secret=secret,
            allow_private=False,
            keyring=keyring,
            actor=actor,
        )
        added += [host.name] if known is None else []
    if host.name == "openrouter":
        offered = await _offer(
            connection,
            FREE_MODEL,
            name=FREE_NAME,
            provider=host.name,
            upstream_model=FREE_UPSTREAM,
            priority=0,
            actor=actor,
        )
        if offered:
            await store.rename_model(connection, FREE_MODEL, LOCAL_NAME, FREE_NAME)
            added.append(FREE_MODEL)
    unknown = await service.unknown_models(connection, shelf.models)
    moment = now()
    for model in unknown:
        proposal = propose(shelf.prices, model, usd_per_credit, moment)
        if proposal is not None:
            await service.add_model(
                connection,
                model,
                provider=host.name,
                upstream_model=model,
                prices=proposal.rates,
                costs=proposal.rates,
                name=proposal.name,
                context_length=proposal.context_length,
                actor=actor,
            )
            added.append(model)
    return added


async def _offer(
    connection: Connection,
    model_id: str,
    *,
    name: str,
    provider: str,
    upstream_model: str,
    priority: int,
    actor: audit.Actor,
) -> bool:
    """Add a model at the small price, or the missing route of one that exists. Return whether anything was added."""
    if await service.unknown_models(connection, [model_id]):
        await service.add_model(
            connection,
            model_id,
            provider=provider,
            upstream_model=upstream_model,
            prices=SMALL_PRICE,
            costs=NO_COST,
            name=name,
            context_length=LOCAL_CONTEXT,
            max_output_tokens=LOCAL_MAX_OUTPUT,
            endpoints=ENDPOINTS,
            priority=priority,
            actor=actor,
        )
        return True
    model = await service.find_model(connection, model_id)
    if any(route.provider.name == provider for route in model.routes):
        return False
    target = await service.find_provider(connection, provider)
    await store.put_route(
        connection, RouteId(new_id()), model_id, target.provider_id, upstream_model, priority, NO_COST
    )
    await audit.record(
        connection, actor, "model.route", model_id, after={"provider": provider, "upstream_model": upstream_model}
    )
    return True


async def _environment_key(
    connection: Connection, keyring: Keyring, provider: str, secret: str
) -> tuple[str | None, str]:
    """Return the digests of the environment's key at the last start and now, and remember the new one."""
    name = f"starter.key.{provider}"
    digest = hmac.digest(keyring.derive(Purpose.ENVIRONMENT_KEYS), f"{provider}\0{secret}".encode(), "sha256").hex()
    before = await vault.recall(connection, name)
    if before != digest:
        await vault.remember(connection, name, digest)
    return before, digest


def _rate(listed: "ModelPrice", name: str, usd_per_credit: Decimal) -> int | None:
    price = getattr(listed, name)
    if price is None:
        return None
    usd: Decimal = getattr(price, "base", price)
    return int((usd * NANO_PER_CREDIT / usd_per_credit).to_integral_value(ROUND_CEILING))


def _per_request(listed: "ModelPrice", usd_per_credit: Decimal) -> int:
    per_thousand = _rate(listed, "requests_kcount", usd_per_credit)
    return 0 if per_thousand is None else -(-per_thousand // 1000)


def _context(found: "ModelInfo", listed: "ModelPrice") -> int | None:
    steps = [
        tier.start
        for name in ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")
        for tier in getattr(getattr(listed, name), "tiers", ())
    ]
    lengths = [length for length in (found.context_window, *steps) if length]
    return min(lengths, default=None)
