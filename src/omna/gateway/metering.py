"""PURE: tokens × prices → nanocredits, and local token counts where the provider's cannot be had or believed."""

from functools import cache, lru_cache
from typing import Any

from bpe_openai._bindings import tokenizer_for_encoding

from omna.catalog.model import Model, PriceVersion, Rates
from omna.gateway.model import Call, Charge, Tokens
from omna.money import TOKENS_PER_PRICE, Nanocredits
from omna.providers.base import Usage

#: What a message costs beside its text in the usual chat templates, and the template itself.
MESSAGE_OVERHEAD, PROMPT_OVERHEAD = 4, 3
#: Tokens of a picture at high detail: providers charge less for most, and the hold must cover the dearest.
IMAGE_TOKENS = 2_000
#: Base64 characters of audio or a file per token, an upper bound of what the large providers count.
ENCODED_CHARACTERS_PER_TOKEN = 6
#: Our tokenizer is one vocabulary; another model's may need more tokens for the same text.
HOLD_PERCENT = 125
#: How far a provider's count of text may be from ours before it is not believed.
TOLERANCE_FACTOR, TOLERANCE_TOKENS = 2, 64
#: Text this long is bounded by its bytes instead of counted: a token is never shorter than a byte.
LONGEST_COUNTED_TEXT = 1_000_000
#: No balance is this large, and the database can add it to one: an absurd call is refused and fails nobody's batch.
LARGEST_HOLD = Nanocredits(2**60)

#: The classes beside text that may have a price of their own, by the names of the rates.
_ANY_PROMPT = frozenset({"audio_prompt", "image_prompt"})
EVERY_CLASS = _ANY_PROMPT | {"audio_completion", "image_completion"}
#: The same for endpoints that make or hear one thing; a chat body says itself what it is about.
_CLASSES_OF_ENDPOINTS: dict[str, frozenset[str]] = {
    "embeddings": frozenset(),
    "images": frozenset({"image_completion"}),
    "speech": frozenset({"audio_completion"}),
    "transcriptions": frozenset({"audio_prompt"}),
}
#: Endpoints that cost nothing, whatever the prices of their models say.
FREE_ENDPOINTS = frozenset({"moderations"})
_CLASSES_OF_PARTS: dict[str, frozenset[str]] = {
    "text": frozenset(),
    "refusal": frozenset(),
    "image_url": frozenset({"image_prompt"}),
    "input_audio": frozenset({"audio_prompt"}),
}


@cache
def _tokenizer() -> Any:
    # The library's own way in makes a list of the tokens to be counted, and raises for a text of more than 200,000.
    return tokenizer_for_encoding("o200k_base")


def count_text(text: str) -> int:
    """Return how many tokens a text is in the o200k vocabulary; a bound, not a count, for text above a megabyte."""
    if not text:
        return 0
    if len(text) > LONGEST_COUNTED_TEXT:
        return len(text.encode("utf-8", "surrogatepass"))
    try:
        return int(_tokenizer().count(text))
    except UnicodeEncodeError:  # half of a surrogate pair, which only a provider can say
        return int(_tokenizer().count(text.encode("utf-8", "replace").decode()))


def count_prompt(body: dict[str, Any]) -> int:
    """Return how many tokens the prompt of a chat body is: messages, tool definitions and schemas."""
    tokens = PROMPT_OVERHEAD
    for message in body.get("messages") or ():
        content = message.get("content")
        # A message that is a role and its text, as nearly all are: the overhead stands for the role.
        plain = len(message) == 2 and isinstance(content, str)
        tokens += MESSAGE_OVERHEAD + (count_text(content) if plain else _count_value(message))
    for name in ("tools", "functions", "response_format"):
        if body.get(name):
            tokens += _count_value(body[name])
    return tokens


def classes_of(call: Call, model: Model) -> frozenset[str]:
    """Return which classes with a price of their own a call can make the model use, beside text.

    Sound and pictures cost many times what text costs: a call that neither sends nor asks for them is not held for
    them. A part that may be anything, such as a file, may be both.
    """
    rates = None if model.price is None else model.price.rates
    if rates is None or (
        rates.audio_prompt is None
        and rates.image_prompt is None
        and rates.audio_completion is None
        and rates.image_completion is None
    ):
        return EVERY_CLASS  # all of them cost what text does
    if call.endpoint in _CLASSES_OF_ENDPOINTS:
        return _CLASSES_OF_ENDPOINTS[call.endpoint]
    body = call.body
    classes: set[str] = set()
    for message in body.get("messages") or ():
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            kind = part.get("type") if isinstance(part, dict) else None
            classes |= _CLASSES_OF_PARTS.get(kind, _ANY_PROMPT) if isinstance(kind, str) else _ANY_PROMPT
    asked = body.get("modalities")
    for modality in asked if isinstance(asked, list) else model.output_modalities:
        if modality in ("audio", "image"):
            classes.add(f"{modality}_completion")
    return frozenset(classes)


def worst_case(call: Call, model: Model, rates: Rates, output_tokens: int) -> Nanocredits:
    """Return the most this call can cost with so many output tokens, at the dearest rates of what it can use.

    rates   those of the model, or what a route of it costs
    Units   prices in nanocredits per million tokens; the sum is rounded up once, to a whole nanocredit
    Source  docs/decisions/0002-money-is-integers.md
    """
    if call.endpoint in FREE_ENDPOINTS:
        return Nanocredits(0)
    return worst_case_at(rates, call.prompt_tokens, output_tokens, classes_of(call, model), call.units)


def worst_case_at(
    rates: Rates,
    prompt_tokens: int,
    output_tokens: int,
    classes: frozenset[str] = EVERY_CLASS,
    units: Tokens | None = None,
) -> Nanocredits:
    """Return the most so many tokens can cost at these rates.

    classes   the classes beside text that can occur, as `classes_of` says
    units     images, seconds and characters that come on top; they are counted before the call and cost what they cost
    """
    prompt_rate, output_rate = _dearest(rates, classes)
    unrounded = (
        -(-prompt_tokens * HOLD_PERCENT // 100) * prompt_rate
        + output_tokens * output_rate
        + rates.request * TOKENS_PER_PRICE
    )
    if units is not None:
        unrounded += _price_of_units(units, rates)
    most = -(-unrounded // TOKENS_PER_PRICE)
    return LARGEST_HOLD if most > LARGEST_HOLD else Nanocredits(most)


def output_affordable(
    price: PriceVersion,
    prompt_tokens: int,
    available: int,
    classes: frozenset[str] = EVERY_CLASS,
    units: Tokens | None = None,
) -> int:
    """Return how many output tokens `available` nanocredits pay for, after the prompt; 0 or less: none."""
    _, rate = _dearest(price.rates, classes)
    left = available - worst_case_at(price.rates, prompt_tokens, 0, classes, units)
    if left < 0:
        return 0
    return left * TOKENS_PER_PRICE // rate if rate else 2**31 - 1


def charge(tokens: Tokens, rates: Rates, *, most: int | None = None) -> Charge:
    """Return what these tokens cost: parts exact, the sum rounded up once, and never more than `most`."""
    plain_prompt = tokens.prompt - tokens.cached - tokens.cache_write
    plain_completion = tokens.completion - tokens.reasoning
    audio = image = 0
    if (
        tokens.audio_prompt
        or tokens.audio_completion
        or tokens.image_prompt
        or tokens.image_completion
        or tokens.images
        or tokens.seconds
        or tokens.characters
    ):
        plain_prompt -= tokens.audio_prompt + tokens.image_prompt
        plain_completion -= tokens.audio_completion + tokens.image_completion
        audio, image = _price_of_media(tokens, rates)
    assert plain_prompt >= 0, "cached, written, heard and seen tokens are parts of the prompt"
    assert plain_completion >= 0, "reasoning, sound and pictures are parts of the completion"
    prompt = plain_prompt * rates.prompt
    cached = tokens.cached * rates.cached
    cache_write = tokens.cache_write * rates.cache_write
    completion = plain_completion * rates.completion + tokens.reasoning * rates.reasoning
    request = rates.request * TOKENS_PER_PRICE
    total = -(-(prompt + cached + cache_write + completion + request + audio + image) // TOKENS_PER_PRICE)
    if most is not None and total > most:
        total = most
    return Charge(prompt, cached, cache_write, completion, request, total, audio, image)  # type: ignore[arg-type]


def prices_tokens(rates: Rates) -> bool:
    """Return whether tokens cost anything: where they do not, those that nobody stated need not be estimated."""
    return any(
        (
            rates.prompt, rates.completion, rates.cached, rates.cache_write, rates.reasoning, rates.audio_prompt,
            rates.audio_completion, rates.image_prompt, rates.image_completion,
        )
    )  # fmt: skip


NOTHING = Charge(0, 0, 0, 0, 0, Nanocredits(0))


def believe(usage: Usage | None, *, prompt: int, text: int, context: int | None, output_bound: int) -> Tokens | None:
    """Return a provider's usage as tokens to bill, or None when it is absent or cannot be true.

    prompt, text   our own counts of the prompt and of the visible output
    A count of text may differ by a factor 2 (and 64 tokens) from ours; reasoning, sound and pictures only have the
    bound that was sent. Providers count a token that is cached sound as both: it is billed once, as cached.
    Source  docs/concepts/billing.md
    """
    if usage is None:
        return None
    visible = usage.completion - usage.reasoning
    plain = usage.prompt - usage.cached - usage.cache_write
    if plain < 0:
        return None
    if usage.prompt > TOLERANCE_FACTOR * prompt + TOLERANCE_TOKENS and usage.prompt > (context or 0):
        return None
    heard, seen = usage.audio_prompt, usage.image_prompt
    if heard or seen or usage.audio_completion or usage.image_completion:
        if heard + seen > usage.prompt:
            return None
        visible -= usage.audio_completion + usage.image_completion
        heard = min(heard, plain)
        seen = min(seen, plain - heard)
    if visible < 0 or usage.completion > output_bound or visible > TOLERANCE_FACTOR * text + TOLERANCE_TOKENS:
        return None
    if text > TOLERANCE_FACTOR * usage.completion + TOLERANCE_TOKENS or (text and not usage.completion):
        return None
    if usage.prompt == 0:
        return None
    return Tokens(
        usage.prompt,
        usage.completion,
        usage.cached,
        usage.cache_write,
        usage.reasoning,
        heard,
        usage.audio_completion,
        seen,
        usage.image_completion,
    )


@lru_cache(maxsize=4096)
def _dearest(rates: Rates, classes: frozenset[str]) -> tuple[int, int]:
    """Return the highest rates of prompt and output. Kept: every hold asks, and prices seldom change."""
    prompt = [rates.prompt, rates.cached, rates.cache_write]
    output = [rates.completion, rates.reasoning]
    for name in classes:
        rate: int | None = getattr(rates, name)
        if rate is not None:
            (prompt if name in _ANY_PROMPT else output).append(rate)
    return max(prompt), max(output)


def _price_of_media(tokens: Tokens, rates: Rates) -> tuple[int, int]:
    """Return what sound and pictures cost: tokens of both sides and units, exact, in 10⁻⁶ nanocredits."""
    audio = (
        tokens.audio_prompt * (rates.prompt if rates.audio_prompt is None else rates.audio_prompt)
        + tokens.audio_completion * (rates.completion if rates.audio_completion is None else rates.audio_completion)
        + tokens.seconds * rates.second * TOKENS_PER_PRICE
        + tokens.characters * rates.character
    )
    image = (
        tokens.image_prompt * (rates.prompt if rates.image_prompt is None else rates.image_prompt)
        + tokens.image_completion * (rates.completion if rates.image_completion is None else rates.image_completion)
        + tokens.images * rates.image * TOKENS_PER_PRICE
    )
    return audio, image


def _price_of_units(units: Tokens, rates: Rates) -> int:
    return (units.images * rates.image + units.seconds * rates.second) * TOKENS_PER_PRICE + (
        units.characters * rates.character
    )


def _count_value(value: Any) -> int:
    """Count the text of a JSON value without recursion: bodies may be nested as deep as the parser allows."""
    tokens = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            tokens += count_text(item)
        elif isinstance(item, dict):
            kind = item.get("type")
            if kind == "image_url":
                tokens += IMAGE_TOKENS
            elif kind in ("input_audio", "file"):
                tokens += _encoded_tokens(item)
            else:
                waiting.extend(item.values())
                tokens += len(item)
        elif isinstance(item, list):
            waiting.extend(item)
        elif item is not None:
            tokens += 1
    return tokens


def _encoded_tokens(part: dict[str, Any]) -> int:
    payload = part.get(part["type"])
    if not isinstance(payload, dict):
        return 0
    data = payload.get("data") or payload.get("file_data") or ""
    return len(data) // ENCODED_CHARACTERS_PER_TOKEN + MESSAGE_OVERHEAD if isinstance(data, str) else 0
