"""Try a provider: one small call through its adapter, as a request would go, paid by the operator.

It is recorded with its cost, which counts against the caps of provider and model; nobody's Credits are touched. Two
short transactions, and the call between them.
"""

import asyncio
from collections.abc import Sequence

import asyncpg
import msgspec

from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.catalog.model import Model, Provider, Route
from omna.clock import monotonic
from omna.db.pool import Connection, transaction
from omna.errors import Conflict
from omna.gateway import metering
from omna.gateway.faults import failure_class
from omna.gateway.model import Call, Tokens
from omna.ids import ProviderId, RequestId, new_id, show
from omna.money import Nanocredits, format_credits
from omna.providers import base, registry
from omna.providers.base import Completion, Failure, FailureKind
from omna.providers.egress import EgressRefused
from omna.vault.envelope import EnvelopeError
from omna.vault.keyring import Keyring

#: Seconds that such a call may take, and tokens it may answer.
SECONDS, MOST_TOKENS = 30.0, 16
ANSWERED = "answered"
_BODY = {"messages": [{"role": "user", "content": "Answer with the one word: ok"}]}
#: Failures before anything was sent, or that say so: they cost nothing.
_FREE = (FailureKind.CONNECT, FailureKind.STATUS, FailureKind.UNSUPPORTED, FailureKind.CROWDED)


class Probed(msgspec.Struct, frozen=True):
    """How a test call ended. outcome: `answered`, or the class of the failure; status: 0 where there was no answer."""

    model_id: str
    upstream_model: str
    outcome: str
    status: int
    duration_ms: int
    prompt_tokens: int
    completion_tokens: int
    cost: int
    audit_seq: int


class _Trial(msgspec.Struct):
    outcome: str
    cost: int
    status: int = 0
    tokens: Tokens = Tokens()


def choose(models: Sequence[Model], provider: Provider, model_id: str | None) -> tuple[Model, Route]:
    """Return the route to try: that of a model, or the cheapest that answers chat. Errors: Conflict without one."""
    found = [
        (route.costs.prompt + route.costs.completion, model.model_id, str(route.route_id), model, route)
        for model in models
        for route in model.routes
        if route.provider.provider_id == provider.provider_id
        and "chat" in model.endpoints
        and model_id in (None, model.model_id)
    ]
    if not found:
        raise Conflict("A test call needs a model of this provider that answers chat; add one first.")
    return min(found, key=lambda one: one[:3])[3:]


async def probe(
    pool: asyncpg.Pool, keyring: Keyring, provider: Provider, model: Model, route: Route, *, reason: str,
    actor: audit.Actor,
) -> Probed:  # fmt: skip
    """Make a test call and record it. Errors: Conflict when a cap does not allow it."""
    test = RequestId(new_id())
    prompt = metering.count_prompt(_BODY)
    most = _most(test, model, route, prompt)
    async with transaction(pool) as connection:
        await _begin(connection, test, provider.provider_id, model, route, most, actor)
    began = monotonic()
    trial = await _call(test, keyring, provider, route, prompt, most)
    duration = round((monotonic() - began) * 1000)
    async with transaction(pool) as connection:
        await connection.execute(
            "SELECT gateway_probed($1, $2, $3, $4, $5, $6)",
            test,
            trial.cost,
            trial.tokens.prompt,
            trial.tokens.completion,
            duration,
            trial.outcome,
        )
        seq = await audit.record(
            connection,
            actor,
            "provider.test",
            provider.name,
            reason=reason,
            after={
                "model": model.model_id,
                "upstream_model": route.upstream_model,
                "outcome": trial.outcome,
                "status": trial.status or None,
                "milliseconds": duration,
                "prompt_tokens": trial.tokens.prompt,
                "completion_tokens": trial.tokens.completion,
                "cost": format_credits(Nanocredits(trial.cost)),
            },
        )
    return Probed(
        model.model_id, route.upstream_model, trial.outcome, trial.status, duration, trial.tokens.prompt,
        trial.tokens.completion, trial.cost, seq,
    )  # fmt: skip


async def _begin(
    connection: Connection,
    test: RequestId,
    provider_id: ProviderId,
    model: Model,
    route: Route,
    most: int,
    actor: audit.Actor,
) -> None:
    verdict = await connection.fetchval(
        "SELECT gateway_probe($1, $2, $3, $4, $5, $6)",
        test,
        provider_id,
        model.model_id,
        route.upstream_model,
        most,
        actor.name,
    )
    if verdict != "begun":
        subject = "provider" if verdict == "provider_cap" else "model"
        raise Conflict(f"The cap of this {subject} is reached, and a test call counts against it. Raise the cap first.")


async def _call(test: RequestId, keyring: Keyring, provider: Provider, route: Route, prompt: int, most: int) -> _Trial:
    try:
        adapter = registry.open_provider(provider.kind, catalog.endpoint(provider, keyring), 1)
    except (EgressRefused, EnvelopeError, ValueError) as refused:
        # Nothing was sent: the address is none a provider may have, or the key cannot be read or sent.
        return _Trial("address" if isinstance(refused, EgressRefused) else "key", 0)
    try:
        async with asyncio.timeout(SECONDS + 5):
            answer = await adapter.complete(
                base.Call(
                    body=dict(_BODY),
                    model=route.upstream_model,
                    max_tokens=MOST_TOKENS,
                    request_id=show("req", test),
                    timeouts=base.Timeouts(first_byte=SECONDS, progress=SECONDS, total=SECONDS),
                )
            )
    except Failure as failure:
        cost = 0 if failure.kind in _FREE else most
        return _Trial(failure_class(failure), cost, failure.status or 0)
    except TimeoutError:
        return _Trial(FailureKind.TOTAL.value, most)
    finally:
        await adapter.close()
    tokens = _tokens(answer, prompt)
    return _Trial(ANSWERED, metering.charge(tokens, route.costs, most=most).total, 200, tokens)


def _tokens(answer: Completion, prompt: int) -> Tokens:
    text = sum(metering.count_text(f"{choice.content or ''}{choice.reasoning or ''}") for choice in answer.choices)
    believed = None
    if not answer.usage_invalid:
        believed = metering.believe(answer.usage, prompt=prompt, text=text, context=None, output_bound=MOST_TOKENS)
    return believed or Tokens(prompt=prompt, completion=text)


def _most(test: RequestId, model: Model, route: Route, prompt: int) -> Nanocredits:
    call = Call(
        request_id=test,
        model_id=model.model_id,
        body=_BODY,
        prompt_tokens=prompt,
        max_tokens=MOST_TOKENS,
        choices=1,
        streamed=False,
        include_usage=False,
        received_at=0.0,
    )
    return metering.worst_case(call, model, route.costs, MOST_TOKENS)
