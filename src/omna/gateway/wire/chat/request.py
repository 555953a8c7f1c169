"""PURE: the body of POST /v1/chat/completions: checked where Omna depends on it, kept where it does not."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter
from omna.gateway import metering
from omna.gateway.model import Call
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS, LARGEST_N, check_stream, whole_number
from omna.gateway.wire.wishes import parse_wishes
from omna.ids import RequestId

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_PARTS = ("text", "image_url", "input_audio", "file", "refusal")
_RESPONSES_PARTS = ("input_text", "input_image", "input_file", "output_text")

#: Where a picture may come from: the gateway itself never fetches one.
IMAGE_SCHEMES = ("data:image/", "https://")


def parse_chat(body: dict[str, Any], request_id: RequestId, received_at: float) -> Call:
    """Return the call a body describes. Unknown fields stay in it and reach the provider.

    Errors  MissingRequiredParameter, InvalidValue, UnsupportedParameter, each naming the field
    """
    wishes = parse_wishes(body)
    _messages(body)
    check_stream(body)
    max_tokens = whole_number(body, "max_completion_tokens", LARGEST_MAX_TOKENS)
    other = whole_number(body, "max_tokens", LARGEST_MAX_TOKENS)
    stream_options = body.get("stream_options") or {}
    return Call(
        request_id=request_id,
        model_id=wishes.model,
        body=body,
        prompt_tokens=metering.count_prompt(body),
        max_tokens=max_tokens if max_tokens is not None else other,
        choices=whole_number(body, "n", LARGEST_N) or 1,
        streamed=body.get("stream") is True,
        include_usage=stream_options.get("include_usage") is True,
        received_at=received_at,
        fallbacks=wishes.fallbacks,
        preferences=wishes.preferences,
    )


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
