"""What travels through the stages of a request."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from omna.catalog.model import Model, PriceVersion, Route
from omna.errors import OmnaError
from omna.ids import KeyId, RequestId, UserId, WorkspaceId
from omna.money import Nanocredits
from omna.providers.base import Dialect, Forwarded

if TYPE_CHECKING:
    from omna.gateway.tracing import Trace

Source = Literal["api", "chat"]


class Caller(msgspec.Struct, frozen=True):
    """Who asks: the digest of an API key, or a workspace that Omna itself speaks for.

    user_id   the person who chats: what holds for the maker of a key holds for them, their spend limit too
    """

    source: Source
    digest: bytes | None = None
    workspace_id: WorkspaceId | None = None
    user_id: UserId | None = None


class Preferences(msgspec.Struct, frozen=True):
    """Which providers a request wants, by the names `omna provider list` shows.

    order   these first, in this order; only, ignore: an allow-list and a deny-list
    """

    order: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    allow_fallbacks: bool = True
    sort: Literal["price", "latency", "throughput"] | None = None


NO_PREFERENCES = Preferences()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed request for an answer, whatever dialect it came in.

    endpoint      what a model must offer to take it, of catalog.model.ENDPOINTS
    body          in chat form, unknown fields kept; of `completions` the body of that endpoint
    native        the client's own body, when its dialect is responses or messages, as far as an upstream that speaks it
                  may be sent it; beta: its `anthropic-beta` header
    echo          of `completions`: what stands before the answer of each choice, by index; empty without `echo`
    fallbacks     models to go on with, in order, when `model_id` cannot answer
    max_tokens    the client's own output bound, None when it named none; of endpoints whose answers are no text what is
                  held for, per choice
    prompt_tokens counted locally; the provider's own count is what is billed
    units         images, seconds and characters that it will cost, counted before the call
    """

    request_id: RequestId
    model_id: str
    body: dict[str, Any]
    prompt_tokens: int
    max_tokens: int | None
    choices: int
    streamed: bool
    include_usage: bool
    received_at: float
    endpoint: str = "chat"
    units: "Tokens | None" = None
    dialect: Dialect = "chat"
    native: dict[str, Any] | None = None
    beta: str | None = None
    echo: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    preferences: Preferences = NO_PREFERENCES

    @property
    def api(self) -> str | None:
        """What the client spoke, as a usage row names it: a dialect or an endpoint; None is chat completions."""
        if self.endpoint in ("chat", "completions"):
            return None if self.dialect == "chat" else self.dialect
        return self.endpoint


class Target(msgspec.Struct, frozen=True):
    """A model at one of its routes, at the price the model has now. asked: the id the caller knows it by."""

    asked: str
    model: Model
    price: PriceVersion
    route: Route


class Rate(msgspec.Struct, frozen=True):
    """The request rate of a key after a decision."""

    limit: int
    left: int
    full_at: datetime
    decided_at: datetime


#: A row of gateway_admit(): the verdict, and the numbers of the limit that bound.
Verdict = Mapping[str, Any]


class Ticket(msgspec.Struct):
    """An admitted request: Credits are held for it.

    asked, model, price, route   where it is now; `others` is where it may go on when that fails, best first
    amount        nanocredits held so far, provider_amount the same at provider cost
    output_bound  output tokens the hold covers, per request; it grows as a stream is extended
    upstream_bound  output tokens a provider may produce per choice
    """

    call: Call
    workspace_id: WorkspaceId
    key_id: KeyId | None
    day: date
    source: Source
    asked: str
    model: Model
    price: PriceVersion
    route: Route
    others: tuple[Target, ...]
    amount: Nanocredits
    provider_amount: Nanocredits
    output_bound: int
    upstream_bound: int
    catalog: int
    catalog_until: datetime
    rate: Rate | None = None
    attempts: list[dict[str, Any]] = []
    #: How the request was billed, once its bill is closed.
    receipt: "Receipt | None" = None
    #: Done when that is committed; it fails where only the journal has it.
    booked: "asyncio.Future[str] | None" = None
    #: Seconds spent waiting for providers before the first event, or the whole answer.
    upstream_seconds: float = 0.0
    #: Why the run was ended from outside, when it was: a freeze, an emergency stop, a shutdown.
    aborted: OmnaError | None = None
    #: The spans of this request, where somebody wants spans.
    trace: "Trace | None" = None


class Tokens(msgspec.Struct, frozen=True):
    """What is billed. cached, cache_write, audio_prompt and image_prompt are parts of the prompt that do not overlap;
    reasoning, audio_completion and image_completion such parts of the completion.

    images       pictures made, where they are counted and not measured in tokens
    seconds      sound that was sent, each second begun counting as one
    characters   text that was spoken
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    audio_prompt: int = 0
    audio_completion: int = 0
    image_prompt: int = 0
    image_completion: int = 0
    images: int = 0
    seconds: int = 0
    characters: int = 0

    @property
    def units(self) -> dict[str, int] | None:
        """The counters that few requests have, by their names in a usage row; None where none is above 0."""
        if not (
            self.audio_prompt
            or self.audio_completion
            or self.image_prompt
            or self.image_completion
            or self.images
            or self.seconds
            or self.characters
        ):
            return None
        return {name: count for name, field in UNITS.items() if (count := getattr(self, field))}


#: The counters of `Tokens` that a usage row keeps apart, by their names there.
UNITS = {
    "audio_prompt_tokens": "audio_prompt",
    "audio_completion_tokens": "audio_completion",
    "image_prompt_tokens": "image_prompt",
    "image_completion_tokens": "image_completion",
    "images": "images",
    "seconds": "seconds",
    "characters": "characters",
}


class Charge(msgspec.Struct, frozen=True):
    """What a request costs. The parts and their sum are exact, in 10⁻⁶ nanocredits; `total` is rounded up, once.

    prompt, completion   text, and of the completion reasoning; what is sound or picture is not in them
    audio                sound of both sides: tokens, seconds heard, characters spoken
    image                pictures of both sides: tokens, images made
    """

    prompt: int
    cached: int
    cache_write: int
    completion: int
    request: int
    total: Nanocredits
    audio: int = 0
    image: int = 0

    @property
    def unrounded(self) -> int:
        return self.prompt + self.cached + self.cache_write + self.completion + self.request + self.audio + self.image


class Receipt(msgspec.Struct, frozen=True):
    """How a request was billed."""

    tokens: Tokens
    charge: Charge
    price: PriceVersion
    estimated: bool


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's answer that is no text, read: what it costs, and what of it the client gets.

    estimated   whether a count that has a price is Omna's own
    delivers    False for an answer that says nothing: it costs nothing
    """

    tokens: Tokens
    estimated: bool
    answer: Any
    content_type: str = "application/json"
    delivers: bool = True


class Order(Protocol):
    """A call whose answer is no text, and what providers must be sent for it."""

    call: Call
    #: Where providers have it, below their base URL.
    path: str

    def content(self, body: dict[str, Any], upstream_model: str) -> tuple[bytes, str]:
        """Return the body for a provider and its content type; `body` is the call's as the model takes it."""
        ...

    def read(self, answer: Forwarded, ticket: Ticket) -> Reading:
        """Return what a provider's answer is worth at the ticket's price. Errors: Failure of an answer that is none."""
        ...


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a usage row that only the gateway knows; see gateway/settlement.sql. Times are milliseconds."""

    outcome: str
    unrounded: str = "0"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    units: dict[str, int] | None = None
    api: str | None = None
    first_delta_ms: int | None = None
    duration_ms: int = 0
    estimated: bool = False
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    error_code: str | None = None
    attempts: list[dict[str, Any]] | None = None
    #: What the client asked for, where another model answered.
    wanted_model: str | None = None

    def encoded(self) -> str:
        """Return the row as the JSON object a settlement carries."""
        return msgspec.json.encode(self).decode()
