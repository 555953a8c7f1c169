"""PURE: the body of POST /v1/responses: checked, cleaned for upstreams that know it, and translated to chat form."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS, check_stream, whole_number
from omna.gateway.wire.responses import tools as tool_forms
from omna.gateway.wire.responses.history import messages
from omna.gateway.wire.responses.tools import TOOL_ITEMS, Tools
from omna.gateway.wire.wishes import parse_wishes
from omna.ids import RequestId

Json = dict[str, Any]

#: What an answer must hold beside its text, when a body asks for it.
INCLUDE_REASONING = "reasoning.encrypted_content"
INCLUDE_LOGPROBS = "message.output_text.logprobs"

LARGEST_TOP_LOGPROBS = 20

#: Fields that mean something stored at the provider, or work that goes on without the caller.
_STORED = ("previous_response_id", "conversation", "prompt")
_STRINGS = ("user", "safety_identifier", "prompt_cache_key")
_NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_FLAGS = ("store", "parallel_tool_calls", "background")


def parse_responses(body: Json, request_id: RequestId, received_at: float) -> Call:
    """Return the call a body describes: `native` is what a Responses upstream may be sent, `body` the chat form.

    The native form is the caller's own, unknown fields included, without tools that cost extra and with `store` off.
    The chat form holds what both dialects mean alike; the rest is left out.
    Errors  MissingRequiredParameter, InvalidValue, UnsupportedParameter, each naming the field
    """
    wishes = parse_wishes(body)
    _refuse_stored(body)
    check_stream(body)
    _check_fields(body)
    max_tokens = whole_number(body, "max_output_tokens", LARGEST_MAX_TOKENS)
    native = _native(body)
    tools = Tools(native)
    chat = {"model": wishes.model, "messages": messages(body, tools), **_chat_fields(native, tools)}
    return Call(
        request_id=request_id,
        model_id=wishes.model,
        body=chat,
        prompt_tokens=metering.count_prompt(_countable(chat)),
        max_tokens=max_tokens,
        choices=1,
        streamed=body.get("stream") is True,
        include_usage=True,
        received_at=received_at,
        fallbacks=wishes.fallbacks,
        preferences=wishes.preferences,
        dialect="responses",
        native=native,
    )


def _refuse_stored(body: Json) -> None:
    for name in _STORED:
        if body.get(name) is not None:
            raise UnsupportedParameter(f"Nothing is stored here that `{name}` could mean.", param=name)
    if body.get("background") is True:
        raise UnsupportedParameter("Answers are given at once; `background` is not supported.", param="background")


def _check_fields(body: Json) -> None:
    given = body.get("input")
    if given is None:
        if "messages" in body:
            raise InvalidValue(
                "This is a body for POST /v1/chat/completions: `messages` instead of `input`.", param="messages"
            )
        raise MissingRequiredParameter("`input` is missing.", param="input")
    if not isinstance(given, str) and (not isinstance(given, list) or not given):
        raise InvalidValue("`input` must be a string or a list with at least one item.", param="input")
    for name in ("instructions", *_STRINGS):
        _check(body, name, str, "a string")
    for name in _FLAGS:
        _check(body, name, bool, "true or false")
    for name in _NUMBERS:
        if isinstance(body.get(name), bool):
            raise InvalidValue(f"`{name}` must be a number.", param=name)
        _check(body, name, (int, float), "a number")
    for name in ("metadata", "text", "reasoning"):
        _check(body, name, dict, "an object")
    whole_number(body, "max_tool_calls", LARGEST_MAX_TOKENS)
    top = body.get("top_logprobs")
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or not 0 <= top <= LARGEST_TOP_LOGPROBS):
        raise InvalidValue(
            f"`top_logprobs` must be a whole number from 0 to {LARGEST_TOP_LOGPROBS}.", param="top_logprobs"
        )
    if body.get("truncation") not in (None, "auto", "disabled"):
        raise InvalidValue("`truncation` must be auto or disabled.", param="truncation")
    include = body.get("include")
    if include is not None and (not isinstance(include, list) or not all(isinstance(name, str) for name in include)):
        raise InvalidValue("`include` must be a list of strings.", param="include")
    for name in ("effort", "summary"):
        _check(body.get("reasoning") or {}, name, str, "a string", "reasoning.")
    _check_text(body.get("text") or {})


def _check_text(text: Json) -> None:
    _check(text, "verbosity", str, "a string", "text.")
    _check(text, "format", dict, "an object", "text.")
    form = text.get("format")
    if form is None:
        return
    if form.get("type") not in ("text", "json_object", "json_schema"):
        raise InvalidValue(
            "`text.format.type` must be one of text, json_object, json_schema.", param="text.format.type"
        )
    if form["type"] == "json_schema":
        for name, kind, said in (("name", str, "a string"), ("schema", dict, "an object")):
            if not isinstance(form.get(name), kind):
                raise InvalidValue(f"`text.format.{name}` must be {said}.", param=f"text.format.{name}")


def _check(body: Json, name: str, kind: type | tuple[type, ...], said: str, path: str = "") -> None:
    if body.get(name) is not None and not isinstance(body[name], kind):
        raise InvalidValue(f"`{path}{name}` must be {said}.", param=f"{path}{name}")


def _native(body: Json) -> Json:
    native = {**body, "store": False}
    if body.get("tools") is not None:
        native["tools"] = tool_forms.without_paid_tools(body["tools"], "tools")
    if body.get("tool_choice") is not None:
        native["tool_choice"] = tool_forms.check_choice(body["tool_choice"])
    if isinstance(body["input"], list):
        native["input"] = [
            cleaned
            for number, item in enumerate(body["input"])
            if (cleaned := _native_item(item, f"input[{number}]")) is not None
        ]
    return native


def _native_item(item: Any, path: str) -> Any:
    """Return an item as a Responses upstream understands it, None for one that it would look for in vain."""
    if not isinstance(item, dict):
        return item  # refused by its path, when the conversation is read
    kind = item.get("type")
    if kind in TOOL_ITEMS and item.get("tools") is not None:
        return {**item, "tools": tool_forms.without_paid_tools(item["tools"], f"{path}.tools")}
    if kind == "reasoning":
        # Its id is ours. With it, the provider would look for a stored item, or refuse what it encrypted under another.
        if not item.get("encrypted_content") and not item.get("content"):
            return None
        return {name: value for name, value in item.items() if name != "id"}
    return item


def _chat_fields(native: Json, tools: Tools) -> Json:
    chat: Json = {}
    for name in (*_NUMBERS, *_STRINGS):
        if native.get(name) is not None:
            chat[name] = native[name]
    choice, offered = tool_forms.chat_choice(native.get("tool_choice"), tools)
    if offered:
        # Upstreams refuse a choice, or parallel calls, of nothing.
        chat["tools"] = offered
        if choice is not None:
            chat["tool_choice"] = choice
        if native.get("parallel_tool_calls") is not None:
            chat["parallel_tool_calls"] = native["parallel_tool_calls"]
    text = native.get("text") or {}
    if text.get("format") is not None:
        chat["response_format"] = _response_format(text["format"])
    if text.get("verbosity") is not None:
        chat["verbosity"] = text["verbosity"]
    effort = (native.get("reasoning") or {}).get("effort")
    if effort is not None:
        chat["reasoning_effort"] = effort
    top = native.get("top_logprobs")
    if top or INCLUDE_LOGPROBS in (native.get("include") or ()):
        chat["logprobs"] = True
        if top:
            chat["top_logprobs"] = top
    return chat


def _response_format(form: Json) -> Json:
    if form["type"] != "json_schema":
        return {"type": form["type"]}
    schema = {name: form[name] for name in ("name", "description", "schema", "strict") if form.get(name) is not None}
    return {"type": "json_schema", "json_schema": schema}


def _countable(chat: Json) -> Json:
    """Return the body to count. Encrypted reasoning is no text: it is bounded as other encoded parts are."""
    if not any("reasoning_details" in message for message in chat["messages"]):
        return chat
    counted = []
    for message in chat["messages"]:
        details = message.get("reasoning_details", ())
        plain = {name: value for name, value in message.items() if name != "reasoning_details"}
        encoded = [{"type": "file", "file": {"file_data": entry["data"]}} for entry in details if "data" in entry]
        counted.append({**plain, "encrypted": encoded} if encoded else plain)
    return {**chat, "messages": counted}
