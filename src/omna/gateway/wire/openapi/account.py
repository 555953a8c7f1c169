"""PURE: the bodies of the endpoints that cost nothing: models, key, credits, generation, admission."""

from omna.catalog.model import INPUT_MODALITIES, OUTPUT_MODALITIES
from omna.gateway.fitting import PATHS
from omna.gateway.wire.openapi.schema import (
    CREDITS,
    EXACT,
    FLAG,
    INTEGER,
    MOMENT,
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

_PRICES = obj(
    {
        **dict.fromkeys(
            (
                "prompt", "completion", "input_cache_read", "input_cache_write", "internal_reasoning", "audio",
                "audio_output", "image_token", "image_output", "image", "request", "second", "character",
            ),
            EXACT,
        ),
        "overrides": array(OBJECT),
    }
)  # fmt: skip
_COUNT_OR_NULL = or_null(INTEGER)
_APIS = ("completions", "responses", "messages", *(name for name in PATHS if name not in ("chat", "completions")))
_UNKNOWN_OF_GENERATION = (
    "upstream_id", "app_id", "cache_discount", "origin", "http_referer", "num_media_prompt", "num_media_completion",
    "num_search_results", "moderation_latency", "upstream_inference_cost", "external_user", "router",
)  # fmt: skip

SCHEMAS: dict[str, Json] = {
    "Model": obj(
        {
            "id": said(STRING, "Its id, or an alias that stands for it."),
            "object": one_of("model"),
            "created": INTEGER,
            "owned_by": STRING,
            "name": STRING,
            "description": or_null(STRING),
            "context_length": _COUNT_OR_NULL,
            "max_model_len": _COUNT_OR_NULL,
            "max_output_tokens": _COUNT_OR_NULL,
            "top_provider": obj(
                {
                    "context_length": _COUNT_OR_NULL,
                    "max_completion_tokens": _COUNT_OR_NULL,
                    "is_moderated": FLAG,
                }
            ),
            "architecture": obj(
                {
                    "modality": STRING,
                    "input_modalities": array(one_of(*INPUT_MODALITIES)),
                    "output_modalities": array(one_of(*OUTPUT_MODALITIES)),
                    "tokenizer": STRING,
                }
            ),
            "pricing": said(
                _PRICES, "Credits for one: a token, a character, a request, an `image` made, a `second` of sound sent."
            ),
            "pricing_usd": said(_PRICES, "The same in US dollars."),
            "supported_parameters": array(STRING),
            "supported_endpoints": array(one_of(*(path for paths in PATHS.values() for path in paths))),
            "per_request_limits": or_null(OBJECT),
            "expiration_date": said(or_null(STRING), "The day on which it retires, in UTC."),
            "deprecated": said(FLAG, "It will retire: change to its successor."),
            "successor": said(or_null(STRING), "What to use instead of a model that is deprecated."),
            "next_pricing": or_null(
                obj({"effective_from": MOMENT, "pricing": said(_PRICES, "In Credits, from that moment on.")})
            ),
        }
    ),
    "ModelList": obj({"object": one_of("list"), "data": array(ref("Model"))}),
    "Key": obj(
        {
            "data": obj(
                {
                    "label": said(STRING, "The key, masked."),
                    "name": STRING,
                    "limit": or_null(CREDITS),
                    "limit_remaining": or_null(CREDITS),
                    "limit_reset": one_of("daily", "weekly", "monthly", None),
                    "limit_resets_at": or_null(MOMENT),
                    "usage": CREDITS,
                    "usage_daily": CREDITS,
                    "usage_weekly": CREDITS,
                    "usage_monthly": CREDITS,
                    "held": said(CREDITS, "What running requests may still cost."),
                    "rate_limit": or_null(obj({"requests": INTEGER, "interval": STRING})),
                    "allowed_models": or_null(array(STRING)),
                    "expires_at": or_null(MOMENT),
                    "is_free_tier": FLAG,
                    "is_management_key": FLAG,
                    "is_provisioning_key": FLAG,
                    "include_byok_in_limit": FLAG,
                    "byok_usage": CREDITS,
                    "byok_usage_daily": CREDITS,
                    "byok_usage_weekly": CREDITS,
                    "byok_usage_monthly": CREDITS,
                    "creator_user_id": or_null(STRING),
                }
            )
        }
    ),
    "Credits": obj(
        {
            "data": obj(
                {
                    "total_credits": CREDITS,
                    "total_usage": CREDITS,
                    "balance": said(CREDITS, "`total_credits` − `total_usage`."),
                    "held": CREDITS,
                    "available": said(CREDITS, "`balance` − `held`."),
                    "unit": one_of("credit"),
                }
            )
        }
    ),
    "Generation": obj(
        {
            "data": obj(
                {
                    "id": STRING,
                    "request_id": STRING,
                    "model": STRING,
                    "provider_name": or_null(STRING),
                    "api_type": said(one_of(*_APIS), "What was asked; chats are `completions` too."),
                    "created_at": MOMENT,
                    "state": one_of("running", "settled", "released"),
                    "streamed": FLAG,
                    "cancelled": or_null(FLAG),
                    "finish_reason": or_null(STRING),
                    "native_finish_reason": or_null(STRING),
                    "tokens_prompt": _COUNT_OR_NULL,
                    "tokens_completion": _COUNT_OR_NULL,
                    "native_tokens_prompt": _COUNT_OR_NULL,
                    "native_tokens_completion": _COUNT_OR_NULL,
                    "native_tokens_cached": _COUNT_OR_NULL,
                    "native_tokens_reasoning": _COUNT_OR_NULL,
                    "native_tokens_completion_images": _COUNT_OR_NULL,
                    "latency": said(_COUNT_OR_NULL, "Milliseconds to the first delta."),
                    "generation_time": said(_COUNT_OR_NULL, "Milliseconds."),
                    "total_cost": or_null(CREDITS),
                    "usage": said(or_null(CREDITS), "The same as `total_cost`."),
                    "cost_details": or_null(ref("CostDetails")),
                    "hold": said(CREDITS, "What was held for it."),
                    "ledger_entry_ids": or_null(array(STRING)),
                    "provider_responses": said(or_null(array(OBJECT)), "The attempts, the last one last."),
                    "error": or_null(obj({"code": STRING})),
                    "is_byok": FLAG,
                    **dict.fromkeys(_UNKNOWN_OF_GENERATION, NULL),
                }
            )
        }
    ),
    "Admission": any_of(
        obj(
            {
                "admitted": one_of(True),
                "hold": CREDITS,
                "model": STRING,
                "provider": STRING,
                "price_version": STRING,
                "prompt_tokens": INTEGER,
                "output_tokens": said(INTEGER, "What the hold covers; it grows with the answer."),
                "max_output_tokens": INTEGER,
                "error": NULL,
            }
        ),
        obj(
            {
                "admitted": one_of(False),
                "hold": NULL,
                "status": said(INTEGER, "The status a request would get."),
                "error": ref("ErrorDetails"),
            }
        ),
    ),
}
