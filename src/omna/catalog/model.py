"""PURE  The catalogue in memory, and what is accepted into it."""

import re
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from omna.errors import InvalidValue, ModelNotFound
from omna.ids import PriceVersionId, ProviderId, RouteId
from omna.money import NANO_PER_CREDIT

KINDS = ("openai", "anthropic", "gemini")
#: What a model may be asked for; `chat` also serves /v1/responses and /v1/messages.
ENDPOINTS = ("chat", "completions", "embeddings", "images", "speech", "transcriptions", "moderations")
INPUT_MODALITIES = ("text", "image", "file", "audio", "video")
OUTPUT_MODALITIES = ("text", "image", "audio", "embeddings")
PROVIDER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}")
PARAMETER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
MOST_PARAMETERS = 100
#: Above these a number is a slip: shares are compared with one another, calls are held in memory.
LARGEST_WEIGHT, MOST_IN_FLIGHT = 1_000_000, 1_000_000
#: Of a key with fewer characters four would give too much away.
SHORTEST_SHOWN_KEY = 20
#: A header of 32 KiB holds it, with room for others.
LONGEST_KEY = 4096
#: Dearer than this, per 1M tokens or per unit, is a slip of the decimal point.
LARGEST_RATE = 1_000_000 * NANO_PER_CREDIT
#: The class that the tokens of another are a part of, and whose price they have when they have none of their own.
WHOLE = {
    "cached": "prompt", "cache_write": "prompt", "reasoning": "completion", "audio_prompt": "prompt",
    "audio_completion": "completion", "image_prompt": "prompt", "image_completion": "completion",
}  # fmt: skip
#: What the price of each class is per.
PER = {
    "prompt": "per 1M tokens", "completion": "per 1M tokens", "cached": "per 1M tokens", "cache_write": "per 1M tokens",
    "reasoning": "per 1M tokens", "request": "per request", "audio_prompt": "per 1M tokens",
    "audio_completion": "per 1M tokens", "image_prompt": "per 1M tokens", "image_completion": "per 1M tokens",
    "image": "per picture", "second": "per second", "character": "per 1M characters",
}  # fmt: skip


class Rates(msgspec.Struct, frozen=True, cache_hash=True):
    """What each class costs, in nanocredits per 1,000,000 tokens.

    prompt, completion              the whole of each side, less what has a price of its own
    cached, cache_write             parts of the prompt
    reasoning                       a part of the completion
    audio_prompt, image_prompt      parts of the prompt that are not cached; None: they cost what the prompt costs
    audio_completion, image_completion   parts of the completion; None: they cost what the completion costs
    request                         nanocredits per request
    image                           nanocredits per picture made
    second                          nanocredits per second of sound that is sent
    character                       nanocredits per 1,000,000 characters of text to be spoken
    """

    prompt: int
    completion: int
    cached: int
    cache_write: int
    reasoning: int
    request: int
    audio_prompt: int | None = None
    audio_completion: int | None = None
    image_prompt: int | None = None
    image_completion: int | None = None
    image: int = 0
    second: int = 0
    character: int = 0

    @property
    def sells_images(self) -> bool:
        """Whether pictures made have a price of their own, be it an explicit 0."""
        return self.image > 0 or self.image_completion is not None


class PriceVersion(msgspec.Struct, frozen=True):
    """A price as it was set: it never changes."""

    price_version_id: PriceVersionId
    model_id: str
    effective_from: datetime
    rates: Rates


class Provider(msgspec.Struct, frozen=True):
    """An upstream account.

    secret         an envelope of omna.vault, None for a provider that asks for no key
    daily_cap      nanocredits at provider cost in a UTC day, None: no cap
    max_in_flight  calls that a process may have open there at once, None: the gateway's own limit
    monthly_cap    like daily_cap, in a UTC month
    key_ends       the last characters of its key, None: none are shown
    """

    provider_id: ProviderId
    name: str
    kind: str
    base_url: str
    secret: str | None
    allow_private: bool
    enabled: bool
    daily_cap: int | None
    max_in_flight: int | None = None
    monthly_cap: int | None = None
    key_ends: str | None = None


class Route(msgspec.Struct, frozen=True):
    """A model at a provider: the name it has there and what it costs there.

    priority  routes are tried by it, lowest first
    weight    its share of the requests among the routes of one priority
    """

    route_id: RouteId
    model_id: str
    provider: Provider
    upstream_model: str
    priority: int
    enabled: bool
    costs: Rates
    weight: int = 1


class Model(msgspec.Struct, frozen=True):
    """What customers call.

    price                 the version in effect, None for a model that has none yet
    endpoints             what it may be asked for, of ENDPOINTS
    supported_parameters  request fields it takes beside the message, None: unknown, everything is passed on
    dropped_parameters    request fields that are removed without a word, where others are an error
    hidden                in no list and on no page; whoever names it is answered
    deprecated_at, retires_at   when it was said to go, and from when on nobody is answered; both or neither
    successor             what its callers are told to use instead
    next_price            the version that takes effect next, None when none is announced
    """

    model_id: str
    name: str
    description: str
    context_length: int | None
    max_output_tokens: int | None
    enabled: bool
    daily_cap: int | None
    created_at: datetime
    price: PriceVersion | None
    routes: tuple[Route, ...]
    endpoints: tuple[str, ...] = ("chat",)
    input_modalities: tuple[str, ...] = ("text",)
    output_modalities: tuple[str, ...] = ("text",)
    supported_parameters: tuple[str, ...] | None = None
    dropped_parameters: tuple[str, ...] = ()
    hidden: bool = False
    deprecated_at: datetime | None = None
    retires_at: datetime | None = None
    successor: str | None = None
    next_price: PriceVersion | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """The models on sale at one moment: enabled ones with a price, each with its enabled routes by priority.

    version      admission refuses a request priced from another one
    valid_until  when the next price takes effect or a model retires, None when nothing is announced
    aliases      other names: alias → id of a model that is on sale
    retired      models that were on sale: id or alias → successor, None for a model without one
    A model whose providers are all switched off is here with no routes.
    """

    version: int
    valid_until: datetime | None
    models: dict[str, Model]
    aliases: dict[str, str] = {}
    retired: dict[str, str | None] = {}

    def model(self, name: str) -> Model | None:
        """Return the model of this id or alias, None when none is on sale."""
        return self.models.get(name) or self.models.get(self.aliases.get(name, ""))

    def missing(self, name: str) -> ModelNotFound:
        """Return the error for a name that stands for no model on sale; of one that retired it names the successor."""
        successor = self.retired.get(name)
        if name not in self.retired:
            return ModelNotFound(f"There is no model {name!r}. GET /v1/models lists yours.", param="model")
        instead = "GET /v1/models lists yours." if successor is None else f"Use {successor!r} instead."
        return ModelNotFound(f"The model {name!r} was retired. {instead}", param="model")


def rates(
    prompt: int,
    completion: int,
    *,
    cached: int | None = None,
    cache_write: int | None = None,
    reasoning: int | None = None,
    request: int = 0,
    audio_prompt: int | None = None,
    audio_completion: int | None = None,
    image_prompt: int | None = None,
    image_completion: int | None = None,
    image: int = 0,
    second: int = 0,
    character: int = 0,
) -> Rates:
    """Return checked rates in nanocredits; parts of a class that have no price of their own cost what the class costs.

    Errors  InvalidValue naming the class, when one is negative or absurd
    """
    made = Rates(
        prompt=prompt,
        completion=completion,
        cached=prompt if cached is None else cached,
        cache_write=prompt if cache_write is None else cache_write,
        reasoning=completion if reasoning is None else reasoning,
        request=request,
        audio_prompt=audio_prompt,
        audio_completion=audio_completion,
        image_prompt=image_prompt,
        image_completion=image_completion,
        image=image,
        second=second,
        character=character,
    )
    for name in Rates.__struct_fields__:
        amount = getattr(made, name)
        if amount is None:
            continue
        if amount < 0:
            raise InvalidValue(f"The {name} price cannot be negative.", param=name)
        if amount > LARGEST_RATE:
            raise InvalidValue(
                f"The {name} price is above 1,000,000 Credits {PER[name]}; check the decimal point.", param=name
            )
    return made


def check_prices(endpoints: Collection[str], output_modalities: Collection[str], prices: Rates) -> None:
    """Refuse a price list that does not say what something costs that a model makes: it would be sold as text.

    Errors  InvalidValue naming the price that is missing
    """
    # What is only made to be heard is priced below, by what it is asked for.
    chats = "chat" in endpoints or "completions" in endpoints
    if chats and "audio" in output_modalities and prices.audio_completion is None:
        raise InvalidValue("A model that answers in sound needs a price for it.", param="audio_completion")
    if ("image" in output_modalities or "images" in endpoints) and not prices.sells_images:
        raise InvalidValue("A model that makes pictures needs a price for them, each or by the token.", param="image")
    if "speech" in endpoints and not prices.character and prices.audio_completion is None:
        raise InvalidValue("A model that speaks needs a price, by the character or by the token.", param="character")
    if "transcriptions" in endpoints and not prices.second and prices.audio_prompt is None:
        raise InvalidValue("A model that transcribes needs a price, by the second or by the token.", param="second")


def check_provider(name: str, kind: str, base_url: str, allow_private: bool) -> str:
    """Return the base URL in the form it is stored: without a slash at its end.

    Errors  InvalidValue naming what cannot be accepted
    """
    if PROVIDER_NAME.fullmatch(name) is None:
        raise InvalidValue(
            f"{name!r} is no provider name: lower-case letters, digits, '.', '_' and '-', at most 64.", param="name"
        )
    if kind not in KINDS:
        raise InvalidValue(f"A provider's kind is {', '.join(KINDS)}.", param="kind")
    try:
        url = urlsplit(base_url)
        port = url.port
    except ValueError:
        raise InvalidValue(f"{base_url!r} is not a URL.", param="base_url") from None
    if url.scheme not in ("https", "http") or not url.hostname:
        raise InvalidValue(f"{base_url!r} is not an http(s) URL.", param="base_url")
    if url.username is not None or url.password is not None or url.query or url.fragment:
        raise InvalidValue("A base URL has no user, query or fragment.", param="base_url")
    if not allow_private and (url.scheme != "https" or port not in (None, 443)):
        raise InvalidValue(
            "Plain http and ports other than 443 need --allow-private, which admits exactly this host and port.",
            param="base_url",
        )
    return base_url.rstrip("/")


def origin_of(base_url: str) -> tuple[str, str | None, int]:
    """Return scheme, host and port: what a provider's key belongs to."""
    url = urlsplit(base_url)
    return url.scheme, url.hostname, url.port or (443 if url.scheme == "https" else 80)


def ending_of(secret: str) -> str | None:
    """Return what staff may see of a key to tell it from another; nothing of a short one."""
    return secret[-4:] if len(secret) >= SHORTEST_SHOWN_KEY else None


def check_model(model_id: str, upstream_model: str, context_length: int | None, max_output_tokens: int | None) -> None:
    """Errors: InvalidValue naming what cannot be accepted."""
    _check_id(model_id, "model")
    if not 0 < len(upstream_model) <= 256 or not upstream_model.isprintable():
        raise InvalidValue("A model needs the name its provider knows, at most 256 characters.", param="upstream_model")
    for name, value in (("context", context_length), ("max_output", max_output_tokens)):
        if value is not None and not 0 < value <= 2**31 - 1:
            raise InvalidValue(f"{name} is a number of tokens above 0.", param=name)


def check_alias(alias: str) -> None:
    """Errors: InvalidValue for a name that no model could have either."""
    _check_id(alias, "alias")


def _check_id(text: str, param: str) -> None:
    if MODEL_ID.fullmatch(text) is None:
        raise InvalidValue(
            f"{text!r} is no model id: letters, digits and '._:/@+-', at most 128, a letter or digit first.",
            param=param,
        )


def check_entry(model: Model) -> None:
    """Errors: InvalidValue naming what a model's entry cannot say about endpoints, modalities and parameters."""
    for name, values, known in (
        ("endpoints", model.endpoints, ENDPOINTS),
        ("input_modalities", model.input_modalities, INPUT_MODALITIES),
        ("output_modalities", model.output_modalities, OUTPUT_MODALITIES),
    ):
        if not values or any(value not in known for value in values):
            raise InvalidValue(f"{name}: one or more of {', '.join(known)}.", param=name)
    for name, parameters in (
        ("supported_parameters", model.supported_parameters or ()),
        ("dropped_parameters", model.dropped_parameters),
    ):
        if len(parameters) > MOST_PARAMETERS or any(PARAMETER.fullmatch(value) is None for value in parameters):
            raise InvalidValue(
                f"{name}: at most {MOST_PARAMETERS} names of request fields, such as temperature.", param=name
            )
