"""PURE: the body of POST /v1/chat/completions: checked where Omna depends on it, kept where it does not."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call
from omna.ids import RequestId

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_PARTS = ("text", "image_url", "input_audio", "file", "refusal")
_RESPONSES_PARTS = ("input_text", "input_image", "input_file", "output_text")

#: Where a picture may come from: the gateway itself never fetches one.
IMAGE_SCHEMES = ("data:image/", "https://")

#: Output tokens nobody can mean: larger numbers would leave the range the database computes in.
LARGEST_MAX_TOKENS = 10_000_000
LARGEST_N = 128

#: Fields that buy something a model has no price for here.
_UNPRICED = ("web_search_options", "audio", "prediction")
_PLAIN_TIERS = (None, "auto", "default")


def parse_chat(body: dict[str, Any], request_id: RequestId, received_at: float) -> Call:
    """Return the call a body describes. Unknown fields stay in it and reach the provider.

    Errors  MissingRequiredParameter, InvalidValue, UnsupportedParameter, each naming the field
    """
    model = read_model(body)
    _messages(body)
    check_flags(body)
    max_tokens = read_count(body, "max_completion_tokens", LARGEST_MAX_TOKENS)
    other = read_count(body, "max_tokens", LARGEST_MAX_TOKENS)
    stream_options = body.get("stream_options") or {}
    return Call(
        request_id=request_id,
        model_id=model,
        body=body,
        prompt_tokens=metering.count_prompt(body),
        max_tokens=max_tokens if max_tokens is not None else other,
        choices=read_count(body, "n", LARGEST_N) or 1,
        streamed=body.get("stream") is True,
        include_usage=stream_options.get("include_usage") is True,
        received_at=received_at,
    )


def read_model(body: dict[str, Any]) -> str:
    """Return the id of the model a body of any dialect names. Errors: MissingRequiredParameter, InvalidValue"""
    model = body.get("model")
    if model is None:
        raise MissingRequiredParameter(
            "`model` is missing. GET /v1/models lists the models you can use.", param="model"
        )
    if not isinstance(model, str) or not 0 < len(model) <= 256 or "\0" in model:
        raise InvalidValue("`model` must be the id of a model, a string.", param="model")
    return model


def _messages(body: dict[str, Any]) -> None:
    messages = body.get("messages")
    if messages is None:
        if "input" in body:
            raise InvalidValue("This is a body for POST /v1/responses: `input` instead of `messages`.", param="input")
        raise MissingRequiredParameter("`messages` is missing.", param="messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidValue("`messages` must be a list with at least one message.", param="messages")
    for number, message in enumerate(messages):
        _message(message, f"messages[{number}]")


def _message(message: Any, path: str) -> None:
    if not isinstance(message, dict):
        raise InvalidValue(f"`{path}` must be an object.", param=path)
    role = message.get("role")
    if role not in _ROLES:
        raise InvalidValue(f"`{path}.role` must be one of {', '.join(_ROLES)}.", param=f"{path}.role")
    content = message.get("content")
    if isinstance(content, list):
        for number, part in enumerate(content):
            _part(part, f"{path}.content[{number}]")
    elif content is None:
        if role != "assistant":
            raise InvalidValue(f"`{path}.content` is missing.", param=f"{path}.content")
    elif not isinstance(content, str):
        raise InvalidValue(f"`{path}.content` must be a string or a list of parts.", param=f"{path}.content")


def _part(part: Any, path: str) -> None:
    if not isinstance(part, dict):
        raise InvalidValue(f"`{path}` must be an object.", param=path)
    kind = part.get("type")
    if kind in _RESPONSES_PARTS:
        raise InvalidValue(f"`{kind}` parts belong to POST /v1/responses.", param=f"{path}.type")
    if kind not in _PARTS:
        raise InvalidValue(f"`{path}.type` must be one of {', '.join(_PARTS)}.", param=f"{path}.type")
    if kind == "text" and not isinstance(part.get("text"), str):
        raise InvalidValue(f"`{path}.text` must be a string.", param=f"{path}.text")
    if kind == "image_url":
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else None
        if not isinstance(url, str) or not url.startswith(IMAGE_SCHEMES):
            raise InvalidValue(
                f"`{path}.image_url.url` must be a data:image/…;base64 or https URL.", param=f"{path}.image_url.url"
            )


def check_flags(body: dict[str, Any]) -> None:
    """Refuse what OpenAI's dialects have in common: bad stream fields, and fields that buy what has no price here.

    Errors  InvalidValue, UnsupportedParameter
    """
    stream = body.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise InvalidValue("`stream` must be true or false.", param="stream")
    options = body.get("stream_options")
    if options is not None:
        if not isinstance(options, dict):
            raise InvalidValue("`stream_options` must be an object.", param="stream_options")
        include = options.get("include_usage")
        if include is not None and not isinstance(include, bool):
            raise InvalidValue(
                "`stream_options.include_usage` must be true or false.", param="stream_options.include_usage"
            )
    for name in _UNPRICED:
        if body.get(name) is not None:
            raise UnsupportedParameter(f"`{name}` is not sold for this model.", param=name)
    tier = body.get("service_tier")
    if tier not in _PLAIN_TIERS:
        raise UnsupportedParameter("Only the default `service_tier` is sold for this model.", param="service_tier")
    modalities = body.get("modalities")
    if modalities is not None and modalities != ["text"]:
        raise UnsupportedParameter("Only text output is sold for this model.", param="modalities")


def read_count(body: dict[str, Any], name: str, largest: int) -> int | None:
    """Return a whole number from 1 to `largest`, None for null or absent. Errors: InvalidValue"""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise InvalidValue(f"`{name}` must be a whole number from 1 to {largest:,}.", param=name)
    return value
