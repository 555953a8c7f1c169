"""PURE: the body of POST /v1/messages: made of a chat body, or the client's own when it spoke Messages already.

Unknown fields are left out. A parameter that Messages lacks and that changes the answer is refused by its name; one
that changes nothing (`user` apart from its id, `store`, `prompt_cache_key`, …) is left out.
Source  https://platform.claude.com/docs/en/api/messages
"""

from typing import Any

from omna.providers.anthropic_content import Block, continues_without_thinking, convert, unsupported
from omna.providers.anthropic_models import Traits, traits
from omna.providers.anthropic_thinking import Thinking, asked_for, fitted
from omna.providers.base import Call
from omna.providers.legacy_functions import with_tools

#: Parameters that Messages lacks, with the values that say what it does anyway.
_LACKING: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "seed": (),
    "audio": (),
    "modalities": (["text"],),
    "prediction": (),
    "web_search_options": (),
    "verbosity": ("medium",),
}

LONGEST_BETA = 1024
LONGEST_USER_ID = 256


def messages_body(call: Call, *, stream: bool) -> dict[str, Any]:
    """Return the body to send for a call.

    Errors  Failure of kind UNSUPPORTED, its `param` naming the field that Messages or this model cannot take
    """
    if call.dialect == "messages" and call.native is not None:
        return _native(call, call.native, stream=stream)
    body = with_tools(call.body)
    for name, neutral in _LACKING.items():
        value = body.get(name)
        if value is not None and value not in neutral:
            raise unsupported("The provider of this model has no such parameter.", name)
    model = traits(call.model)
    system, turns = convert(body.get("messages"))
    sent: dict[str, Any] = {
        "model": call.model,
        "max_tokens": call.max_tokens,
        "stream": stream,
        "messages": turns,
    }
    if system:
        sent["system"] = system
    forced = _tools(body, sent)
    thinking = asked_for(body, model, call.max_tokens)
    if forced or (model.budget and not model.adaptive and continues_without_thinking(turns)):
        thinking = Thinking()
    if thinking.config is not None:
        sent["thinking"] = thinking.config
    _sampling(body, sent, model, thinks=(thinking.config or {}).get("type") in ("enabled", "adaptive"))
    _output(body, sent, thinking.effort)
    if stop := _stop_sequences(body.get("stop")):
        sent["stop_sequences"] = stop
    if user := _user_id(body):
        sent["metadata"] = {"user_id": user}
    if isinstance(body.get("cache_control"), dict):
        sent["cache_control"] = body["cache_control"]
    return sent


def beta_header(call: Call) -> str | None:
    """Return the client's `anthropic-beta`, which goes only with a body that is the client's own.

    Errors  Failure of kind UNSUPPORTED for one that no header can carry
    """
    if call.beta is None or call.dialect != "messages" or call.native is None:
        return None
    if len(call.beta) > LONGEST_BETA or not call.beta.isascii() or not call.beta.isprintable():
        raise unsupported(f"This header is at most {LONGEST_BETA} printable characters.", "anthropic-beta")
    return call.beta.strip() or None


def _native(call: Call, native: dict[str, Any], *, stream: bool) -> dict[str, Any]:
    body = native | {"model": call.model, "max_tokens": call.max_tokens, "stream": stream}
    thinking = native.get("thinking")
    if isinstance(thinking, dict):
        fitting = fitted(thinking, native.get("max_tokens"), call.max_tokens)
        if fitting is None:
            del body["thinking"]
        else:
            body["thinking"] = fitting
    messages = native.get("messages")
    if isinstance(messages, list):
        body["messages"] = [_own_thinking(message) for message in messages]
    return body


def _own_thinking(message: Any) -> Any:
    """Return a turn without thinking that Anthropic did not seal: a conversation may have begun at another vendor."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list) or not any(_is_foreign(block) for block in content):
        return message
    return {**message, "content": [block for block in content if not _is_foreign(block)]}


def _is_foreign(block: Any) -> bool:
    if not isinstance(block, dict) or block.get("type") not in ("thinking", "redacted_thinking"):
        return False
    seal = block.get("signature" if block["type"] == "thinking" else "data")
    # Anthropic's seals are base64; what others sealed travels with its format and id in front, behind colons.
    return not isinstance(seal, str) or not seal or ":" in seal


def _tools(body: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Set `tools` and `tool_choice`, and return whether a call is forced."""
    stated = body.get("tools")
    if not isinstance(stated, list) or not stated:
        return False
    sent["tools"] = [_tool(tool, number) for number, tool in enumerate(stated)]
    choice = _tool_choice(body.get("tool_choice"))
    if body.get("parallel_tool_calls") is False and (choice is None or choice["type"] != "none"):
        choice = (choice or {"type": "auto"}) | {"disable_parallel_tool_use": True}
    if choice is not None:
        sent["tool_choice"] = choice
    return choice is not None and choice["type"] in ("any", "tool")


def _tool(tool: Any, number: int) -> Block:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type", "function") == "function" else None
    if not isinstance(function, dict):
        raise unsupported("The provider of this model takes functions only.", f"tools[{number}].type")
    schema = function.get("parameters")
    converted: Block = {
        "name": function.get("name"),
        "input_schema": {"type": "object", **schema} if schema and isinstance(schema, dict) else _NO_ARGUMENTS,
    }
    if isinstance(function.get("description"), str) and function["description"]:
        converted["description"] = function["description"]
    if function.get("strict") is True:
        converted["strict"] = True
    mark = tool.get("cache_control") or function.get("cache_control")
    if isinstance(mark, dict):
        converted["cache_control"] = mark
    return converted


_NO_ARGUMENTS = {"type": "object", "properties": {}}
_CHOICES = {"auto": "auto", "none": "none", "required": "any"}


def _tool_choice(choice: Any) -> dict[str, Any] | None:
    if choice is None:
        return None
    if isinstance(choice, str) and choice in _CHOICES:
        return {"type": _CHOICES[choice]}
    function = choice.get("function") if isinstance(choice, dict) else None
    if isinstance(function, dict) and isinstance(function.get("name"), str):
        return {"type": "tool", "name": function["name"]}
    raise unsupported("The provider of this model knows auto, none, required and one function.", "tool_choice")


def _sampling(body: dict[str, Any], sent: dict[str, Any], model: Traits, *, thinks: bool) -> None:
    temperature, top_p, top_k = body.get("temperature"), body.get("top_p"), body.get("top_k")
    free = model.sampling and not thinks
    why = "This model does not take it together with reasoning." if model.sampling else "This model does not take it."
    if temperature is not None and (free or temperature != 1):
        if not free:
            raise unsupported(why, "temperature")
        # OpenAI's scale ends at 2, this one at 1: what is hotter is as hot as it gets.
        sent["temperature"] = 1 if isinstance(temperature, int | float) and temperature > 1 else temperature
    if top_p is not None and (free or top_p != 1):
        if not free:
            raise unsupported(why, "top_p")
        sent["top_p"] = top_p
    if top_k is not None:
        if not free:
            raise unsupported(why, "top_k")
        sent["top_k"] = top_k


def _output(body: dict[str, Any], sent: dict[str, Any], effort: str | None) -> None:
    """Set `output_config`: the caller's own, an effort, and the schema of a structured answer."""
    stated = body.get("output_config")
    config = dict(stated) if isinstance(stated, dict) else {}
    if effort is not None:
        config.setdefault("effort", effort)
    stated = body.get("response_format")
    wanted = stated if isinstance(stated, dict) else {}
    if wanted.get("type") == "json_schema":
        described = wanted.get("json_schema")
        schema = described.get("schema") if isinstance(described, dict) else None
        if not isinstance(schema, dict):
            raise unsupported("The provider of this model needs a schema.", "response_format.json_schema.schema")
        config["format"] = {"type": "json_schema", "schema": schema}
    elif stated is not None and wanted.get("type") != "text":
        raise unsupported("The provider of this model writes JSON to a schema only: json_schema.", "response_format")
    if config:
        sent["output_config"] = config


def _stop_sequences(stop: Any) -> list[Any]:
    sequences = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    if any(isinstance(sequence, str) and not sequence.strip() for sequence in sequences):
        raise unsupported("The provider of this model does not stop at blanks alone.", "stop")
    return sequences


def _user_id(body: dict[str, Any]) -> str | None:
    metadata = body.get("metadata")
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    user = user or body.get("user")
    return user if isinstance(user, str) and 0 < len(user) <= LONGEST_USER_ID else None
