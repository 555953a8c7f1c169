"""PURE: tokens × prices → nanocredits, and local token counts where the provider's cannot be had or believed."""

from functools import cache
from typing import Any

from bpe_openai import get_encoding

from omna.catalog.model import PriceVersion, Rates
from omna.gateway.model import Call, Charge, Tokens
from omna.money import TOKENS_PER_PRICE, Nanocredits, round_up
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


@cache
def _encoding() -> Any:
    return get_encoding("o200k_base")


def count_text(text: str) -> int:
    """Return how many tokens a text is in the o200k vocabulary; a bound, not a count, for text above a megabyte."""
    if not text:
        return 0
    if len(text) > LONGEST_COUNTED_TEXT:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(_encoding().encode_ordinary(text))


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


def worst_case(call: Call, price: PriceVersion, output_tokens: int) -> Nanocredits:
    """Return the most this call can cost with so many output tokens, every token class at its dearest rate.

    Units   prices in nanocredits per million tokens; the sum is rounded up once, to a whole nanocredit
    Source  docs/decisions/0002-money-is-integers.md
    """
    return worst_case_at(price.rates, call.prompt_tokens, output_tokens)


def worst_case_at(rates: Rates, prompt_tokens: int, output_tokens: int) -> Nanocredits:
    """Return the most so many tokens can cost at these rates."""
    prompt = -(-prompt_tokens * HOLD_PERCENT // 100) * max(rates.prompt, rates.cached, rates.cache_write)
    output = output_tokens * max(rates.completion, rates.reasoning)
    return min(round_up(prompt + output + rates.request * TOKENS_PER_PRICE, TOKENS_PER_PRICE), LARGEST_HOLD)


def output_affordable(price: PriceVersion, prompt_tokens: int, available: int) -> int:
    """Return how many output tokens `available` nanocredits pay for, after the prompt; 0 or less: none."""
    rate = max(price.rates.completion, price.rates.reasoning)
    left = available - worst_case_at(price.rates, prompt_tokens, 0)
    if left < 0:
        return 0
    return left * TOKENS_PER_PRICE // rate if rate else 2**31 - 1


def charge(tokens: Tokens, rates: Rates, *, most: int | None = None) -> Charge:
    """Return what these tokens cost: parts exact, the sum rounded up once, and never more than `most`."""
    plain_prompt = tokens.prompt - tokens.cached - tokens.cache_write
    plain_completion = tokens.completion - tokens.reasoning
    assert plain_prompt >= 0, "cached and written tokens are parts of the prompt"
    assert plain_completion >= 0, "reasoning is a part of the completion"
    prompt = plain_prompt * rates.prompt
    cached = tokens.cached * rates.cached
    cache_write = tokens.cache_write * rates.cache_write
    completion = plain_completion * rates.completion + tokens.reasoning * rates.reasoning
    request = rates.request * TOKENS_PER_PRICE
    total = round_up(prompt + cached + cache_write + completion + request, TOKENS_PER_PRICE)
    return Charge(
        prompt, cached, cache_write, completion, request, total if most is None else min(total, Nanocredits(most))
    )


NOTHING = Charge(0, 0, 0, 0, 0, Nanocredits(0))


def believe(usage: Usage | None, *, prompt: int, text: int, context: int | None, output_bound: int) -> Tokens | None:
    """Return a provider's usage as tokens to bill, or None when it is absent or cannot be true.

    prompt, text   our own counts of the prompt and of the visible output
    A count of text may differ by a factor 2 (and 64 tokens) from ours; reasoning only has the bound that was sent.
    Source  docs/concepts/billing.md
    """
    if usage is None:
        return None
    if usage.cached + usage.cache_write > usage.prompt or usage.reasoning > usage.completion:
        return None
    if usage.prompt > max(context or 0, TOLERANCE_FACTOR * prompt + TOLERANCE_TOKENS):
        return None
    visible = usage.completion - usage.reasoning
    if usage.completion > output_bound or visible > TOLERANCE_FACTOR * text + TOLERANCE_TOKENS:
        return None
    if text > TOLERANCE_FACTOR * usage.completion + TOLERANCE_TOKENS or (text and not usage.completion):
        return None
    if usage.prompt == 0:
        return None
    return Tokens(usage.prompt, usage.completion, usage.cached, usage.cache_write, usage.reasoning)


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
