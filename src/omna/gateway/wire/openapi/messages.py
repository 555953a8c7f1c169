"""PURE: the bodies of /v1/messages and /v1/messages/count_tokens, asked and answered."""

from typing import Any

from omna.gateway.wire.messages.errors import ERROR_TYPES
from omna.gateway.wire.messages.parts import NATIVE_BLOCKS
from omna.gateway.wire.messages.request import PLAIN, UNPRICED
from omna.gateway.wire.messages.tools import CLIENT_TOOLS
from omna.gateway.wire.openapi.common import A_MODEL, MAX_TOKENS, PASSED_ON, WISHES
from omna.gateway.wire.openapi.schema import (
    FLAG,
    INTEGER,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    Json,
    any_of,
    array,
    obj,
    one_of,
    or_null,
    ref,
    said,
)

_HTTPS = {"type": "string", "pattern": "^https://"}
_NATIVE_BLOCK = said(
    obj({"type": one_of(*sorted(NATIVE_BLOCKS))}),
    "Work of Anthropic's own tools: only providers that speak Messages get it.",
)
_REQUEST: Json = {
    **WISHES,
    "messages": array(ref("MessagesTurn"), minItems=1),
    "system": any_of(NULL, STRING, array(any_of(ref("TextBlock"), _NATIVE_BLOCK))),
    "stream": or_null(FLAG),
    "tools": or_null(array(ref("MessagesTool"))),
    "tool_choice": or_null(ref("MessagesToolChoice")),
    "thinking": said(
        any_of(
            NULL,
            obj({"type": one_of("enabled"), "budget_tokens": {**MAX_TOKENS, "type": "integer"}}),
            obj({"type": {"type": "string", "not": one_of("enabled")}}),
        ),
        "`enabled`, `adaptive` or `disabled`.",
    ),
    "stop_sequences": or_null(array(STRING)),
    "temperature": or_null(NUMBER),
    "top_p": or_null(NUMBER),
    "top_k": or_null(NUMBER),
    "metadata": or_null(obj({"user_id": or_null(STRING)}, ())),
    **dict.fromkeys(("context_management", "output_config", "cache_control"), PASSED_ON),
    **{name: said(one_of(*plain), "Only the default is sold.") for name, plain in PLAIN.items()},
    **{name: said(one_of(None, False, "", [], {}), "Not sold.") for name in UNPRICED},
}
_IN_TURNS = ("TextBlock", "ImageBlock", "DocumentBlock", "SearchResultBlock")
_PASSES = "Fields that are not named here reach providers that speak Messages."


def _block(kind: str, properties: Json, *required: str) -> Json:
    fields = {"type": one_of(kind), **properties, "cache_control": or_null(OBJECT)}
    return obj(fields, ("type", *required))


def _blocks(*kinds: str) -> Json:
    return any_of(STRING, array(any_of(*(ref(kind) for kind in kinds), _NATIVE_BLOCK)))


def _source(kind: str, **properties: Json) -> Json:
    return obj({"type": one_of(kind), **properties})


def _event(kind: str, **fields: Json) -> Json:
    return obj({"type": one_of(kind), **fields})


_STOP = {
    "stop_reason": or_null(
        one_of("end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "model_context_window_exceeded")
    ),
    "stop_sequence": or_null(STRING),
    "stop_details": NULL,
    "container": NULL,
}
_COUNTS: dict[str, Any] = {
    "input_tokens": INTEGER,
    "cache_creation_input_tokens": INTEGER,
    "cache_read_input_tokens": INTEGER,
    "output_tokens": INTEGER,
    "output_tokens_details": or_null(obj({"thinking_tokens": INTEGER})),
    "server_tool_use": NULL,
    "cost": said(or_null(NUMBER), "Credits; null at the start of a stream."),
    "cost_details": or_null(ref("CostDetails")),
}

SCHEMAS: dict[str, Json] = {
    "MessagesRequest": obj(
        {**_REQUEST, "max_tokens": {**MAX_TOKENS, "type": "integer"}},
        ("messages", "max_tokens"),
        anyOf=A_MODEL,
        additionalProperties=True,
        description=_PASSES,
    ),
    "CountTokensRequest": obj(_REQUEST, ("messages",), anyOf=A_MODEL, additionalProperties=True, description=_PASSES),
    "MessagesTurn": any_of(
        obj({"role": one_of("user"), "content": _blocks(*_IN_TURNS, "ToolResultBlock")}),
        obj(
            {
                "role": one_of("assistant"),
                "content": _blocks("TextBlock", "ThinkingBlock", "RedactedThinkingBlock", "ToolUseBlock"),
            }
        ),
        obj({"role": one_of("system"), "content": _blocks("TextBlock")}),
    ),
    "TextBlock": _block("text", {"text": STRING}, "text"),
    "ImageBlock": _block(
        "image",
        {
            "source": any_of(
                _source("base64", media_type={"type": "string", "pattern": "^image/"}, data=STRING),
                _source("url", url=_HTTPS),
            )
        },
        "source",
    ),
    "DocumentBlock": _block(
        "document",
        {
            "source": any_of(
                _source("base64", media_type=one_of("application/pdf"), data=STRING),
                _source("url", url=_HTTPS),
                _source("text", data=STRING),
                _source("content", content=_blocks("TextBlock", "ImageBlock")),
            ),
            "title": or_null(STRING),
            "context": or_null(STRING),
        },
        "source",
    ),
    "SearchResultBlock": _block(
        "search_result",
        {"title": STRING, "source": STRING, "content": _blocks("TextBlock")},
        "title", "source", "content",
    ),
    "ToolReferenceBlock": _block("tool_reference", {"tool_name": STRING}, "tool_name"),
    "ToolResultBlock": _block(
        "tool_result",
        {
            "tool_use_id": STRING,
            "is_error": or_null(FLAG),
            "content": any_of(NULL, *_blocks(*_IN_TURNS, "ToolReferenceBlock")["anyOf"]),
        },
        "tool_use_id",
    ),
    "ThinkingBlock": obj(
        {"type": one_of("thinking"), "thinking": STRING, "signature": or_null(STRING)}, ("type", "thinking")
    ),
    "RedactedThinkingBlock": obj({"type": one_of("redacted_thinking"), "data": STRING}),
    "ToolUseBlock": obj({"type": one_of("tool_use"), "id": STRING, "name": STRING, "input": OBJECT}),
    "MessagesTool": any_of(
        obj(
            {
                "type": one_of("custom", None),
                "name": {"type": "string", "minLength": 1},
                "description": or_null(STRING),
                "input_schema": OBJECT,
                "cache_control": or_null(OBJECT),
            },
            ("name", "input_schema"),
        ),
        said(
            obj({"type": {"type": "string", "pattern": f"^({'|'.join(CLIENT_TOOLS)})"}}),
            "A tool that Anthropic defines and the client runs: only Anthropic's models know it.",
        ),
    ),
    "MessagesToolChoice": any_of(
        obj({"type": one_of("auto", "any", "none"), "disable_parallel_tool_use": or_null(FLAG)}, ("type",)),
        obj({"type": one_of("tool"), "name": STRING, "disable_parallel_tool_use": or_null(FLAG)}, ("type", "name")),
    ),
    "TokenCount": obj({"input_tokens": INTEGER}),
    "Message": obj(
        {
            "id": STRING,
            "type": one_of("message"),
            "role": one_of("assistant"),
            "model": said(STRING, "As it was asked for."),
            "content": array(ref("MessageBlock")),
            **_STOP,
            "usage": obj({**_COUNTS, "cache_creation": NULL, "service_tier": NULL, "inference_geo": NULL}),
        }
    ),
    "MessageBlock": any_of(
        obj({"type": one_of("text"), "text": STRING, "citations": NULL}),
        obj({"type": one_of("thinking"), "thinking": STRING, "signature": STRING}),
        obj({"type": one_of("redacted_thinking"), "data": STRING}),
        obj({"type": one_of("tool_use"), "id": STRING, "name": STRING, "input": OBJECT}),
    ),
    "MessageEvent": any_of(
        _event("ping"),
        _event("message_start", message=ref("Message")),
        _event("content_block_start", index=INTEGER, content_block=ref("MessageBlock")),
        _event(
            "content_block_delta",
            index=INTEGER,
            delta=any_of(
                obj({"type": one_of("text_delta"), "text": STRING}),
                obj({"type": one_of("thinking_delta"), "thinking": STRING}),
                obj({"type": one_of("signature_delta"), "signature": STRING}),
                obj({"type": one_of("input_json_delta"), "partial_json": STRING}),
            ),
        ),
        _event("content_block_stop", index=INTEGER),
        _event("message_delta", delta=obj(_STOP), usage=obj(_COUNTS)),
        _event("message_stop"),
        ref("MessagesError"),
    ),
    "MessagesError": obj(
        {
            "type": one_of("error"),
            "error": obj(
                {
                    "type": one_of(*ERROR_TYPES),
                    "message": STRING,
                    "code": STRING,
                    "param": said(STRING, "The field at fault."),
                    "metadata": ref("ErrorMetadata"),
                },
                ("type", "message", "code"),
            ),
            "request_id": STRING,
        }
    ),
}  # fmt: skip
