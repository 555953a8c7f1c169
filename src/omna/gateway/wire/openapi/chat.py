"""PURE: the bodies of /v1/chat/completions and /v1/completions, asked and answered."""

from omna.gateway.wire.chat.request import IMAGE_SCHEMES
from omna.gateway.wire.completions.request import LARGEST_TOKEN_ID
from omna.gateway.wire.fields import LARGEST_N
from omna.gateway.wire.openapi.common import A_MODEL, MAX_TOKENS, PASSED_ON, PLAIN_TIER, WISHES, N
from omna.gateway.wire.openapi.schema import (
    ANYTHING,
    FLAG,
    INTEGER,
    NULL,
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

_FINISH_REASON = one_of("stop", "length", "tool_calls", "content_filter", "function_call")
_NATIVE = said(STRING, "What the provider called it.")
_IMAGE_URL = {"type": "string", "pattern": f"^({'|'.join(IMAGE_SCHEMES)})"}
_TOKENS = array({"type": "integer", "minimum": 0, "maximum": LARGEST_TOKEN_ID}, minItems=1)

_STREAM: Json = {
    "stream": or_null(FLAG),
    "stream_options": or_null(obj({"include_usage": or_null(FLAG)}, ())),
}
#: Where a choice of a stream and a whole one differ.
_REASONING: Json = {
    "reasoning_content": said(STRING, "The model's reasoning; the same text as `reasoning`."),
    "reasoning": STRING,
    "reasoning_details": array(OBJECT),
}
_FUNCTION = obj({"name": STRING, "arguments": said(STRING, "JSON.")})


def _passed_on(*names: str) -> Json:
    return dict.fromkeys(names, PASSED_ON)


def _message(roles: tuple[str, ...], content: Json, *required: str) -> Json:
    return obj(
        {
            "role": one_of(*roles),
            "content": content,
            "name": ANYTHING,
            "tool_calls": ANYTHING,
            "tool_call_id": ANYTHING,
            "reasoning_content": ANYTHING,
            "reasoning_details": ANYTHING,
        },
        ("role", *required),
    )


def _head(kind: str) -> Json:
    return {
        "id": STRING,
        "object": one_of(kind),
        "created": INTEGER,
        "model": said(STRING, "As it was asked for."),
    }


_CONTENT = any_of(STRING, array(ref("ChatPart")))
_USAGE_OF_STREAM = said(or_null(ref("Usage")), "Only when asked for: null, and in the last chunk the usage.")
#: Not in every answer: the rest of a body's fields are.
_FINGERPRINT = {"system_fingerprint": STRING}

SCHEMAS: dict[str, Json] = {
    "ChatRequest": obj(
        {
            **WISHES,
            "messages": array(ref("ChatMessage"), minItems=1),
            "max_tokens": MAX_TOKENS,
            "max_completion_tokens": said(MAX_TOKENS, "Wins over `max_tokens`."),
            "n": N,
            **_STREAM,
            "service_tier": PLAIN_TIER,
            **_passed_on(
                "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "response_format",
                "reasoning_effort", "reasoning", "temperature", "top_p", "stop", "seed", "logit_bias", "logprobs",
                "top_logprobs", "frequency_penalty", "presence_penalty", "user", "metadata", "prompt_cache_key",
                "store", "modalities",
            ),
        },
        ("messages",),
        anyOf=A_MODEL,
        additionalProperties=True,
        description="Fields that are not named here reach the provider as they are.",
    ),
    "ChatMessage": any_of(
        _message(("system", "developer", "user", "tool", "function"), _CONTENT, "content"),
        _message(("assistant",), any_of(NULL, *_CONTENT["anyOf"])),
    ),
    "ChatPart": any_of(
        obj({"type": one_of("text"), "text": STRING}),
        obj({"type": one_of("image_url"), "image_url": obj({"url": _IMAGE_URL})}),
        obj({"type": one_of("input_audio", "file", "refusal")}),
    ),
    "ChatCompletion": obj(
        {
            **_head("chat.completion"),
            "choices": array(ref("ChatChoice")),
            "usage": ref("Usage"),
            **_FINGERPRINT,
        },
        ("id", "object", "created", "model", "choices", "usage"),
    ),
    "ChatChoice": obj(
        {
            "index": INTEGER,
            "message": obj(
                {
                    "role": one_of("assistant"),
                    "content": said(or_null(STRING), "Null when there are tool calls and no text."),
                    "refusal": or_null(STRING),
                    "annotations": array(OBJECT),
                    "tool_calls": array(obj({"id": STRING, "type": one_of("function"), "function": _FUNCTION})),
                    **_REASONING,
                },
                ("role", "content", "refusal", "annotations"),
                additionalProperties=True,
            ),
            "logprobs": or_null(OBJECT),
            "finish_reason": _FINISH_REASON,
            "native_finish_reason": _NATIVE,
        },
        ("index", "message", "logprobs", "finish_reason"),
    ),
    "ChatEvent": any_of(ref("ChatChunk"), ref("Error")),
    "ChatChunk": obj(
        {
            **_head("chat.completion.chunk"),
            "choices": array(
                obj(
                    {
                        "index": INTEGER,
                        "delta": obj(
                            {
                                "role": one_of("assistant"),
                                "content": STRING,
                                "refusal": STRING,
                                "tool_calls": array(ref("ToolCallStep")),
                                **_REASONING,
                            },
                            (),
                            additionalProperties=True,
                        ),
                        "logprobs": or_null(OBJECT),
                        "finish_reason": or_null(_FINISH_REASON),
                        "native_finish_reason": _NATIVE,
                    },
                    ("index", "delta", "logprobs", "finish_reason"),
                )
            ),
            "usage": _USAGE_OF_STREAM,
        },
        ("id", "object", "created", "model", "choices"),
    ),
    "ToolCallStep": any_of(
        obj({"index": INTEGER, "id": STRING, "type": one_of("function"), "function": _FUNCTION}),
        obj({"index": INTEGER, "function": obj({"arguments": STRING})}),
    ),
    "CompletionsRequest": obj(
        {
            **WISHES,
            "prompt": any_of(
                STRING,
                said(_TOKENS, "One prompt of token ids."),
                array(STRING, minItems=1),
                array(_TOKENS, minItems=1),
            ),
            "suffix": or_null(STRING),
            "max_tokens": MAX_TOKENS,
            "n": N,
            "best_of": said(
                or_null({"type": "integer", "minimum": 1, "maximum": LARGEST_N}),
                "The same as `n`: answers that are thrown away are not sold.",
            ),
            "echo": said(or_null(FLAG), "The prompt before each answer; not with `logprobs` or token ids."),
            **_STREAM,
            "service_tier": PLAIN_TIER,
            **_passed_on(
                "temperature", "top_p", "stop", "seed", "logit_bias", "logprobs", "frequency_penalty",
                "presence_penalty", "user",
            ),
        },
        ("prompt",),
        anyOf=A_MODEL,
        additionalProperties=True,
        description="Fields that are not named here reach the provider as they are.",
    ),
    "TextCompletion": obj(
        {**_head("text_completion"), "choices": array(ref("TextChoice")), "usage": ref("Usage"), **_FINGERPRINT},
        ("id", "object", "created", "model", "choices", "usage"),
    ),
    "TextChoice": obj(
        {
            "index": INTEGER,
            "text": STRING,
            "logprobs": or_null(OBJECT),
            "finish_reason": or_null(one_of("stop", "length", "content_filter")),
            "native_finish_reason": _NATIVE,
        },
        ("index", "text", "logprobs", "finish_reason"),
    ),
    "TextEvent": any_of(ref("TextChunk"), ref("Error")),
    "TextChunk": obj(
        {**_head("text_completion"), "choices": array(ref("TextChoice")), "usage": _USAGE_OF_STREAM},
        ("id", "object", "created", "model", "choices"),
    ),
}  # fmt: skip
