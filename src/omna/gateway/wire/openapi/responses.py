"""PURE: the bodies of /v1/responses, asked and answered."""

from omna.gateway.wire.chat.request import IMAGE_SCHEMES
from omna.gateway.wire.openapi.common import A_MODEL, MAX_TOKENS, PLAIN_TIER, WISHES
from omna.gateway.wire.openapi.schema import (
    ANYTHING,
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
from omna.gateway.wire.responses.history import CALL_ITEMS, LEFT_OUT, OUTPUT_ITEMS
from omna.gateway.wire.responses.request import LARGEST_TOP_LOGPROBS
from omna.gateway.wire.responses.tools import LONGEST_OFFERED_NAME, REFUSED_TOOLS, TOOL_ITEMS

_TEXT = obj({"text": STRING})
_IMAGE_URL = {"type": "string", "pattern": f"^({'|'.join(IMAGE_SCHEMES)})"}
_NOT_STORED = said(NULL, "Nothing is stored here that it could mean.")
_CONTENT = any_of(STRING, array(ref("ResponsePart")))
#: A call and its output are told apart by `call_id`; those of a local shell may have `id` alone.
_CALL_ID: list[Json] = [
    {"required": ["call_id"], "properties": {"call_id": STRING}},
    {"required": ["id"], "properties": {"call_id": NULL, "id": STRING}},
]
_ITEM_ROLE = one_of("user", "system", "developer", "assistant")
_LOGPROBS = array(OBJECT)
_STATUS = one_of("in_progress", "completed", "incomplete")
_TEXT_PART = obj({"type": one_of("output_text"), "text": STRING, "annotations": array(OBJECT), "logprobs": _LOGPROBS})
_REFUSAL_PART = obj({"type": one_of("refusal"), "refusal": STRING})
_SUMMARY_PART = obj({"type": one_of("summary_text"), "text": STRING})
_CALL: Json = {"id": STRING, "status": _STATUS, "call_id": STRING, "name": STRING, "namespace": STRING}


def _other_tool(*known: str) -> Json:
    """Return the type of a tool that is none of these."""
    return {"type": "string", "minLength": 1, "not": {"enum": list(known)}}


def _call(kind: str, field: str) -> Json:
    properties = {"type": one_of(kind), **_CALL, field: STRING}
    return obj(properties, [name for name in properties if name != "namespace"])


def _event(*kinds: str, **fields: Json) -> Json:
    return obj({"type": one_of(*kinds), "sequence_number": INTEGER, **fields})


_AT_ITEM: Json = {"output_index": INTEGER, "item_id": STRING}
_AT_PART: Json = {**_AT_ITEM, "content_index": INTEGER}
_AT_SUMMARY: Json = {**_AT_ITEM, "summary_index": INTEGER}
_ERROR_FIELDS: Json = {"code": STRING, "message": STRING, "param": or_null(STRING)}

SCHEMAS: dict[str, Json] = {
    "ResponsesRequest": obj(
        {
            **WISHES,
            "input": any_of(STRING, array(ref("ResponseInputItem"), minItems=1)),
            "instructions": or_null(STRING),
            "max_output_tokens": MAX_TOKENS,
            "max_tool_calls": MAX_TOKENS,
            "stream": or_null(FLAG),
            "stream_options": or_null(obj({"include_usage": or_null(FLAG)}, ())),
            "tools": or_null(array(ref("ResponseTool"))),
            "tool_choice": any_of(
                one_of("none", "auto", "required", None),
                obj({"type": one_of("function", "custom"), "name": STRING}),
                obj({"type": one_of("allowed_tools"), "mode": one_of("auto", "required"), "tools": array(OBJECT)}),
                obj({"type": _other_tool("function", "custom", "allowed_tools", *REFUSED_TOOLS)}),
            ),
            "parallel_tool_calls": or_null(FLAG),
            "text": or_null(obj({"verbosity": or_null(STRING), "format": or_null(ref("ResponseTextFormat"))}, ())),
            "reasoning": or_null(obj({"effort": or_null(STRING), "summary": or_null(STRING)}, ())),
            "include": or_null(array(STRING)),
            "temperature": or_null(NUMBER),
            "top_p": or_null(NUMBER),
            "presence_penalty": or_null(NUMBER),
            "frequency_penalty": or_null(NUMBER),
            "top_logprobs": or_null({"type": "integer", "minimum": 0, "maximum": LARGEST_TOP_LOGPROBS}),
            "truncation": one_of("auto", "disabled", None),
            "metadata": or_null(OBJECT),
            "user": or_null(STRING),
            "safety_identifier": or_null(STRING),
            "prompt_cache_key": or_null(STRING),
            "store": said(or_null(FLAG), "Accepted; nothing is stored."),
            "background": one_of(False, None),
            "service_tier": PLAIN_TIER,
            "previous_response_id": _NOT_STORED,
            "conversation": _NOT_STORED,
            "prompt": _NOT_STORED,
        },
        ("input",),
        anyOf=A_MODEL,
        additionalProperties=True,
        description="Fields that are not named here reach providers that know the dialect.",
    ),
    "ResponseInputItem": any_of(
        obj({"type": one_of("message", None), "role": _ITEM_ROLE, "content": _CONTENT}, ("role", "content")),
        obj({"type": one_of("function_call"), "call_id": STRING, "name": STRING, "arguments": STRING}),
        obj({"type": one_of("custom_tool_call"), "call_id": STRING, "name": STRING, "input": STRING}),
        obj({"type": one_of(*CALL_ITEMS)}, anyOf=_CALL_ID),
        obj(
            {"type": one_of(*OUTPUT_ITEMS), "output": said(ANYTHING, "Text, parts, or anything as JSON.")},
            ("type",),
            anyOf=_CALL_ID,
        ),
        obj(
            {
                "type": one_of("reasoning"),
                "summary": or_null(array(_TEXT)),
                "content": or_null(array(_TEXT)),
                "encrypted_content": or_null(STRING),
            },
            ("type",),
        ),
        obj({"type": one_of(*TOOL_ITEMS), "tools": or_null(array(ref("ResponseTool")))}, ("type",)),
        said(
            obj({"type": one_of(*(kind for kind in LEFT_OUT if kind not in TOOL_ITEMS))}),
            "Work of a provider's own tools: only providers that know the dialect get it.",
        ),
    ),
    "ResponsePart": any_of(
        obj({"type": one_of("input_text", "output_text"), "text": STRING}),
        obj({"type": one_of("refusal"), "refusal": STRING}),
        obj({"type": one_of("input_image"), "image_url": _IMAGE_URL, "file_id": NULL}, ("type", "image_url")),
        obj(
            {"type": one_of("input_file"), "file_data": STRING, "file_url": NULL, "file_id": NULL},
            ("type", "file_data"),
        ),
        obj({"type": one_of("input_audio"), "input_audio": OBJECT}),
    ),
    "ResponseTool": any_of(
        obj(
            {
                "type": one_of("function", "custom"),
                "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_OFFERED_NAME},
                "description": or_null(STRING),
                "parameters": or_null(OBJECT),
                "strict": or_null(FLAG),
            },
            ("type", "name"),
        ),
        said(
            obj({"type": _other_tool("function", "custom", *REFUSED_TOOLS)}),
            "A tool of another type: only providers that know it are told of it. Search and pictures are left out.",
        ),
    ),
    "ResponseTextFormat": any_of(
        obj({"type": one_of("text", "json_object")}),
        obj({"type": one_of("json_schema"), "name": STRING, "schema": OBJECT}),
    ),
    "Response": obj(
        {
            "id": STRING,
            "object": one_of("response"),
            "created_at": INTEGER,
            "completed_at": or_null(INTEGER),
            "status": one_of("in_progress", "completed", "incomplete", "failed"),
            "background": one_of(False),
            "error": or_null(
                obj({"code": one_of("server_error", "rate_limit_exceeded", "invalid_prompt"), "message": STRING})
            ),
            "incomplete_details": or_null(obj({"reason": one_of("max_output_tokens", "content_filter")})),
            "instructions": or_null(STRING),
            "max_output_tokens": or_null(INTEGER),
            "max_tool_calls": or_null(INTEGER),
            "metadata": OBJECT,
            "model": said(STRING, "As it was asked for."),
            "output": array(ref("ResponseOutputItem")),
            "parallel_tool_calls": FLAG,
            "presence_penalty": NUMBER,
            "frequency_penalty": NUMBER,
            "previous_response_id": NULL,
            "prompt_cache_key": or_null(STRING),
            "reasoning": obj({"effort": or_null(STRING), "summary": or_null(STRING)}),
            "safety_identifier": or_null(STRING),
            "service_tier": one_of("default"),
            "store": one_of(False),
            "temperature": NUMBER,
            "text": OBJECT,
            "tool_choice": any_of(STRING, OBJECT),
            "tools": array(OBJECT),
            "top_logprobs": INTEGER,
            "top_p": NUMBER,
            "truncation": one_of("auto", "disabled"),
            "usage": or_null(ref("ResponseUsage")),
            "user": or_null(STRING),
        }
    ),
    "ResponseUsage": obj(
        {
            "input_tokens": INTEGER,
            "input_tokens_details": obj({"cached_tokens": INTEGER, "cache_write_tokens": INTEGER}),
            "output_tokens": INTEGER,
            "output_tokens_details": obj({"reasoning_tokens": INTEGER}),
            "total_tokens": INTEGER,
            "cost": NUMBER,
            "cost_details": ref("CostDetails"),
        }
    ),
    "ResponseOutputItem": any_of(
        obj(
            {
                "id": STRING,
                "type": one_of("message"),
                "status": _STATUS,
                "role": one_of("assistant"),
                "content": array(any_of(_TEXT_PART, _REFUSAL_PART)),
            }
        ),
        obj(
            {
                "id": STRING,
                "type": one_of("reasoning"),
                "status": _STATUS,
                "summary": array(_SUMMARY_PART),
                "encrypted_content": STRING,
            },
            ("id", "type", "status", "summary"),
        ),
        _call("function_call", "arguments"),
        _call("custom_tool_call", "input"),
        said(OBJECT, "An item of a tool that only a provider of this dialect knows."),
    ),
    "ResponseEvent": any_of(
        _event(
            "response.created", "response.in_progress", "response.completed", "response.incomplete",
            "response.failed", response=ref("Response"),
        ),
        _event(
            "response.output_item.added", "response.output_item.done",
            output_index=INTEGER, item=ref("ResponseOutputItem"),
        ),
        _event(
            "response.content_part.added", "response.content_part.done",
            **_AT_PART, part=any_of(_TEXT_PART, _REFUSAL_PART),
        ),
        _event("response.output_text.delta", **_AT_PART, delta=STRING, logprobs=_LOGPROBS),
        _event("response.output_text.done", **_AT_PART, text=STRING, logprobs=_LOGPROBS),
        _event("response.refusal.delta", **_AT_PART, delta=STRING),
        _event("response.refusal.done", **_AT_PART, refusal=STRING),
        _event(
            "response.reasoning_summary_part.added", "response.reasoning_summary_part.done",
            **_AT_SUMMARY, part=_SUMMARY_PART,
        ),
        _event("response.reasoning_summary_text.delta", **_AT_SUMMARY, delta=STRING),
        _event("response.reasoning_summary_text.done", **_AT_SUMMARY, text=STRING),
        _event(
            "response.function_call_arguments.delta", "response.custom_tool_call_input.delta",
            **_AT_ITEM, delta=STRING,
        ),
        _event("response.function_call_arguments.done", **_AT_ITEM, name=STRING, arguments=STRING),
        _event("response.custom_tool_call_input.done", **_AT_ITEM, input=STRING),
        _event("error", **_ERROR_FIELDS, error=obj({"type": STRING, **_ERROR_FIELDS})),
    ),
}  # fmt: skip
