"""PURE: what the bodies of several dialects have in common: the model a request asks for, and what an answer cost."""

from omna.gateway.wire.fields import LARGEST_MAX_TOKENS, LARGEST_N
from omna.gateway.wire.openapi.schema import (
    CREDITS,
    EXACT,
    FLAG,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    Json,
    array,
    obj,
    one_of,
    or_null,
    ref,
    said,
)
from omna.gateway.wire.wishes import LONGEST_MODEL_ID, MOST_FALLBACKS, MOST_PROVIDERS

MODEL = {"type": "string", "minLength": 1, "maxLength": LONGEST_MODEL_ID, "pattern": r"^[^\u0000]*$"}
_NAMES = or_null(array(STRING, maxItems=MOST_PROVIDERS))
#: Counted among the tokens of a side, where there are any.
_SOUND_AND_PICTURES: Json = {"audio_tokens": INTEGER, "image_tokens": INTEGER}

MAX_TOKENS = or_null({"type": "integer", "minimum": 1, "maximum": LARGEST_MAX_TOKENS})
N = or_null({"type": "integer", "minimum": 1, "maximum": LARGEST_N})
PASSED_ON: Json = {"description": "Passed on to the provider, which knows what it takes."}
PLAIN_TIER = said(one_of("auto", "default", None), "Other tiers are not sold.")

#: The fields that name models and providers, the same in every dialect.
WISHES: Json = {
    "model": said(or_null(MODEL), "The model that answers; may be left out when `models` names one."),
    "models": said(
        or_null(array(MODEL, minItems=1, maxItems=MOST_FALLBACKS + 1)), "Models to ask instead, in this order."
    ),
    "provider": said(or_null(ref("ProviderPreferences")), "Wishes for the providers of the model."),
}
#: One of the two names a model.
A_MODEL: list[Json] = [
    {"required": ["model"], "properties": {"model": {"not": NULL}}},
    {"required": ["models"], "properties": {"models": {"not": NULL}}},
]

SCHEMAS: dict[str, Json] = {
    "ProviderPreferences": obj(
        {
            "order": said(_NAMES, "Providers to try first, in this order."),
            "only": said(_NAMES, "The providers that may be used."),
            "ignore": said(_NAMES, "Providers that may not be used."),
            "allow_fallbacks": said(or_null(FLAG), "False: no provider but those of `order`."),
            "sort": or_null(one_of("price", "latency", "throughput")),
        },
        (),
    ),
    "CostDetails": obj(
        {
            "total": said(CREDITS, "What was charged: the digits of `cost`."),
            "unit": one_of("credit"),
            "prompt": EXACT,
            "cache_read": EXACT,
            "cache_write": EXACT,
            "completion": EXACT,
            "audio": said(EXACT, "Sound of both sides: tokens, seconds heard, characters spoken."),
            "image": said(EXACT, "Pictures of both sides: tokens, pictures made."),
            "request": EXACT,
            "price_version": said(STRING, "The price it was charged at: the one of the moment of admission."),
            "usage_source": one_of("provider", "gateway"),
            "estimated": said(FLAG, "True when the provider stated no usage that can be believed."),
            "upstream_inference_cost": or_null(NUMBER),
        }
    ),
    "Usage": obj(
        {
            "prompt_tokens": INTEGER,
            "completion_tokens": INTEGER,
            "total_tokens": INTEGER,
            "prompt_tokens_details": obj(
                {"cached_tokens": INTEGER, "cache_write_tokens": INTEGER, **_SOUND_AND_PICTURES},
                ("cached_tokens", "cache_write_tokens"),
            ),
            "completion_tokens_details": obj(
                {"reasoning_tokens": INTEGER, **_SOUND_AND_PICTURES}, ("reasoning_tokens",)
            ),
            "cost": said(NUMBER, "Credits, as a number with the digits of `cost_details.total`."),
            "is_byok": FLAG,
            "cost_details": ref("CostDetails"),
        }
    ),
}
