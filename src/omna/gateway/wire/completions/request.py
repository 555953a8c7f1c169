"""PURE: the body of POST /v1/completions: checked where Omna depends on it, kept where it does not."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS, LARGEST_N, check_stream, whole_number
from omna.gateway.wire.wishes import parse_wishes
from omna.ids import RequestId

#: Answers of one request: `n` of every prompt.
LARGEST_CHOICES = 2048
LARGEST_TOKEN_ID = 2**31 - 1


def parse_completions(body: dict[str, Any], request_id: RequestId, received_at: float) -> Call:
    """Return the call a body describes. Unknown fields stay in it and reach the provider.

    `echo` stays here: the prompt is put before each answer at the edge. A provider would send it back as output, and
    output is what is paid for.
    Errors  MissingRequiredParameter, InvalidValue, UnsupportedParameter, each naming the field
    """
    wishes = parse_wishes(body)
    prompts = _prompts(body)
    check_stream(body)
    n = whole_number(body, "n", LARGEST_N) or 1
    if n * len(prompts) > LARGEST_CHOICES:
        raise InvalidValue(f"These are more than {LARGEST_CHOICES:,} answers: prompts times `n`.", param="n")
    best_of = whole_number(body, "best_of", LARGEST_N)
    if best_of is not None and best_of < n:
        raise InvalidValue("`best_of` cannot be less than `n`.", param="best_of")
    if best_of is not None and best_of > n:
        raise UnsupportedParameter("Answers that are thrown away are not sold: leave `best_of` out.", param="best_of")
    stream_options = body.get("stream_options") or {}
    return Call(
        request_id=request_id,
        model_id=wishes.model,
        body={name: value for name, value in body.items() if name != "echo"},
        prompt_tokens=max(1, sum(_tokens(prompt) for prompt in prompts) + _suffix_tokens(body)),
        max_tokens=whole_number(body, "max_tokens", LARGEST_MAX_TOKENS),
        choices=n * len(prompts),
        streamed=body.get("stream") is True,
        include_usage=stream_options.get("include_usage") is True,
        received_at=received_at,
        fallbacks=wishes.fallbacks,
        preferences=wishes.preferences,
        endpoint="completions",
        dialect="completions",
        echo=_echo(body, prompts, n),
    )


def _prompts(body: dict[str, Any]) -> list[Any]:
    """Return the prompts of a body: a text, a list of texts, tokens, or a list of lists of tokens."""
    prompt = body.get("prompt")
    if prompt is None:
        if "messages" in body:
            raise InvalidValue(
                "This is a body for POST /v1/chat/completions: `messages` instead of `prompt`.", param="messages"
            )
        raise MissingRequiredParameter("`prompt` is missing.", param="prompt")
    if isinstance(prompt, str) or _is_tokens(prompt):
        return [prompt]
    if isinstance(prompt, list) and prompt and (_all_texts(prompt) or all(_is_tokens(one) for one in prompt)):
        return prompt
    raise InvalidValue("`prompt` must be a string, a list of token ids, or a list of either.", param="prompt")


def _all_texts(prompts: list[Any]) -> bool:
    return all(isinstance(prompt, str) for prompt in prompts)


def _is_tokens(prompt: Any) -> bool:
    return (
        isinstance(prompt, list)
        and bool(prompt)
        and all(type(token) is int and 0 <= token <= LARGEST_TOKEN_ID for token in prompt)
    )


def _tokens(prompt: Any) -> int:
    return metering.count_text(prompt) if isinstance(prompt, str) else len(prompt)


def _suffix_tokens(body: dict[str, Any]) -> int:
    suffix = body.get("suffix")
    if suffix is None:
        return 0
    if not isinstance(suffix, str):
        raise InvalidValue("`suffix` must be a string.", param="suffix")
    return metering.count_text(suffix)


def _echo(body: dict[str, Any], prompts: list[Any], n: int) -> tuple[str, ...]:
    """Return what stands before each choice, by its index; nothing when `echo` was not asked for."""
    echo = body.get("echo")
    if echo is None or echo is False:
        return ()
    if echo is not True:
        raise InvalidValue("`echo` must be true or false.", param="echo")
    if body.get("logprobs") is not None:
        raise UnsupportedParameter(
            "Probabilities of the prompt are not sold: `echo` goes without `logprobs`.", param="echo"
        )
    if not isinstance(prompts[0], str):
        raise UnsupportedParameter("A prompt of token ids cannot be echoed.", param="echo")
    return tuple(prompt for prompt in prompts for _ in range(n))
