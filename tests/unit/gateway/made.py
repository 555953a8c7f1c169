"""Tickets, prices and calls to test with."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from omna.catalog.model import Model, PriceVersion, Provider, Rates, Route, rates
from omna.gateway.model import Call, Ticket
from omna.ids import PriceVersionId, ProviderId, RequestId, RouteId, WorkspaceId
from omna.money import Nanocredits

MOMENT = datetime(2026, 5, 4, tzinfo=UTC)
REQUEST = RequestId(UUID(int=7))


def price(of: Rates) -> PriceVersion:
    return PriceVersion(PriceVersionId(UUID(int=9)), "small", MOMENT, of)


def route(number: int = 1, costs: Rates | None = None, *, priority: int | None = None, weight: int = 1) -> Route:
    provider = Provider(
        ProviderId(UUID(int=number)), f"provider{number}", "openai", "https://example.com/v1", None, False, True, None
    )
    return Route(
        RouteId(UUID(int=100 + number)), "small", provider, "small", number if priority is None else priority, True,
        costs or rates(1, 1), weight,
    )  # fmt: skip


def model(*routes: Route, context_length: int | None = None) -> Model:
    return Model(
        "small", "Small", "", context_length, None, True, None, MOMENT, price(rates(1, 1)), routes or (route(),)
    )


def call(**changes: Any) -> Call:
    made: dict[str, Any] = {
        "request_id": REQUEST, "model_id": "small", "body": {}, "prompt_tokens": 10, "max_tokens": None, "choices": 1,
        "streamed": True, "include_usage": False, "received_at": 0.0,
    }  # fmt: skip
    return Call(**(made | changes))


def ticket(
    of: Rates | None = None, *, amount: int = 10**15, bound: int = 1_000, context: int | None = None, **changes: Any
) -> Ticket:
    """A ticket for a call of 10 prompt tokens; `changes` are the call's."""
    made = model(context_length=context)
    return Ticket(
        call=call(**changes), workspace_id=WorkspaceId(UUID(int=3)), key_id=None, day=date(2026, 5, 4), source="api",
        asked="small", model=made, price=price(of or rates(1_000_000, 2_000_000)), route=made.routes[0], others=(),
        amount=Nanocredits(amount), provider_amount=Nanocredits(amount), output_bound=bound, upstream_bound=bound,
        catalog=1, catalog_until=MOMENT,
    )  # fmt: skip
