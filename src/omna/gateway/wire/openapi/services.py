"""PURE: the bodies of the endpoints whose answers are no text: embeddings, images, sound, transcripts, moderation."""

from omna.gateway.wire.openapi.common import A_MODEL, MODEL, PASSED_ON, PLAIN_TIER, WISHES
from omna.gateway.wire.openapi.schema import (
    FLAG,
    INTEGER,
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
from omna.gateway.wire.services import embeddings, form, images, moderations, speech, transcriptions
from omna.gateway.wire.wishes import MOST_FALLBACKS

_REST = "Fields that are not named here reach the provider as they are."
_TEXT = {"type": "string", "minLength": 1}
_WORD = or_null({"type": "string", "maxLength": images.LONGEST_WORD})
_TOKENS = array({"type": "integer", "minimum": 0, "maximum": embeddings.LARGEST_TOKEN_ID}, minItems=1)
#: What every `usage` ends with.
_COST: Json = {
    "cost": said(NUMBER, "Credits, as a number with the digits of `cost_details.total`."),
    "cost_details": ref("CostDetails"),
}
#: The bytes of a file in a form.
_FILE: Json = {"type": "string", "contentMediaType": "application/octet-stream", "minLength": 1}
_NO_STREAM = said(one_of(*transcriptions.NO_STREAM), "Transcripts come when they are finished.")


def _inputs(item: Json) -> Json:
    return array(item, minItems=1, maxItems=embeddings.MOST_INPUTS)


def _request(properties: Json, *required: str, **more: object) -> Json:
    fields = {**WISHES, **properties, "service_tier": PLAIN_TIER}
    return obj(fields, required, **more, additionalProperties=True, description=_REST)


def _several(value: Json) -> Json:
    """Return a field of a form that may stand in it several times."""
    return any_of(value, array(value, minItems=1))


_FORM_FIELDS: Json = {
    "file": said(_FILE, "The sound to write down."),
    "model": said(MODEL, "The model that answers; may be left out when `models[]` names one."),
    "models[]": said(
        array(MODEL, minItems=1, maxItems=MOST_FALLBACKS + 1), "Models to ask instead, in this order; or `models`."
    ),
    "response_format": one_of(*transcriptions.JSON_FORMATS, *transcriptions.TEXT_FORMATS),
    "stream": _NO_STREAM,
    "language": STRING,
    "prompt": STRING,
    "temperature": STRING,
    "timestamp_granularities[]": _several(STRING),
    "include[]": _several(STRING),
    "chunking_strategy": STRING,
    "known_speaker_names[]": _several(STRING),
    "known_speaker_references[]": said(_several(STRING), "Sound as data URLs."),
}

SCHEMAS: dict[str, Json] = {
    "EmbeddingsRequest": _request(
        {
            "input": any_of(
                _TEXT,
                said(_TOKENS, "One text as token ids."),
                _inputs(_TEXT),
                _inputs(_TOKENS),
            ),
            "encoding_format": said(one_of("float", "base64", None), "`base64`: little-endian float32."),
            "dimensions": or_null({"type": "integer", "minimum": 1, "maximum": embeddings.MOST_DIMENSIONS}),
            "user": or_null(STRING),
        },
        "input",
        anyOf=A_MODEL,
    ),
    "EmbeddingList": obj(
        {
            "object": one_of("list"),
            "data": said(array(ref("Embedding")), "One for each input, in their order."),
            "model": said(STRING, "As it was asked for."),
            "usage": obj({"prompt_tokens": INTEGER, "total_tokens": INTEGER, **_COST}),
        }
    ),
    "Embedding": obj(
        {
            "object": one_of("embedding"),
            "index": INTEGER,
            "embedding": any_of(array(NUMBER, minItems=1), said(_TEXT, "Base64.")),
        }
    ),
    "ImagesRequest": _request(
        {
            "prompt": _TEXT,
            "n": or_null({"type": "integer", "minimum": 1, "maximum": images.MOST_IMAGES}),
            "size": said(_WORD, "Width and height in pixels, `1024x1024`, or a word of the provider's."),
            "quality": _WORD,
            "stream": said(one_of(None, False), "Images come when they are finished."),
            "partial_images": said(one_of(None, 0, False), "Not sold."),
            "output_format": {"not": one_of("svg"), "description": "Not `svg`."},
            "response_format": PASSED_ON,
        },
        "prompt",
        anyOf=A_MODEL,
    ),
    "ImageList": obj(
        {
            "created": INTEGER,
            "data": array(
                obj({"b64_json": or_null(STRING), "url": or_null(STRING)}, (), additionalProperties=True), minItems=1
            ),
            "usage": obj(
                {
                    "images": said(INTEGER, "How many were charged."),
                    "input_tokens": INTEGER,
                    "output_tokens": INTEGER,
                    "total_tokens": INTEGER,
                    "input_tokens_details": ref("TextAndImageTokens"),
                    "output_tokens_details": ref("TextAndImageTokens"),
                    **_COST,
                }
            ),
        },
        additionalProperties=True,
        description="What else the provider says of its images stands beside.",
    ),
    "TextAndImageTokens": obj({"text_tokens": INTEGER, "image_tokens": INTEGER}),
    "SpeechRequest": _request(
        {
            "input": {"type": "string", "minLength": 1, "maxLength": speech.LONGEST_INPUT},
            "instructions": or_null(STRING),
            "speed": or_null({"type": "number", "minimum": speech.SLOWEST, "maximum": speech.FASTEST}),
            "stream_format": said(one_of("audio", None), "Sound comes as it is."),
            "voice": PASSED_ON,
            "response_format": PASSED_ON,
        },
        "input",
        anyOf=A_MODEL,
    ),
    "TranscriptionRequest": obj(
        _FORM_FIELDS,
        ("file",),
        anyOf=[{"required": ["model"]}, {"required": ["models[]"]}],
        additionalProperties=_several({"type": "string", "maxLength": form.LONGEST_VALUE}),
        maxProperties=form.MOST_PARTS,
        propertyNames={"pattern": f"^{form.NAME.pattern}$", "not": {"const": "models"}},
        description=f"At most {form.MOST_PARTS} fields. Those that are not named here reach the provider as they are.",
    ),
    "Transcript": obj(
        {
            "text": STRING,
            "usage": any_of(
                obj({"type": one_of("duration"), "seconds": INTEGER, **_COST}),
                obj(
                    {
                        "type": one_of("tokens"),
                        "input_tokens": INTEGER,
                        "output_tokens": INTEGER,
                        "total_tokens": INTEGER,
                        "input_token_details": obj({"text_tokens": INTEGER, "audio_tokens": INTEGER}),
                        "seconds": said(INTEGER, "Where seconds are charged too."),
                        **_COST,
                    },
                    ("type", "input_tokens", "output_tokens", "total_tokens", "input_token_details", *_COST),
                ),
            ),
        },
        additionalProperties=True,
        description="What else the provider says of the sound stands beside: segments, words, speakers.",
    ),
    "ModerationRequest": _request(
        {
            "input": any_of(
                STRING,
                array(STRING, minItems=1, maxItems=moderations.MOST_INPUTS),
                said(
                    array(obj({"type": STRING}), minItems=1, maxItems=moderations.MOST_INPUTS),
                    "One text with its images, as `text` and `image_url` parts.",
                ),
            ),
        },
        "input",
    ),
    "Moderation": obj(
        {
            "id": STRING,
            "model": said(STRING, "As it was asked for."),
            "results": said(
                array(
                    obj(
                        {
                            "flagged": FLAG,
                            "categories": OBJECT,
                            "category_scores": OBJECT,
                            "category_applied_input_types": OBJECT,
                        },
                        ("flagged",),
                        additionalProperties=True,
                    ),
                    minItems=1,
                ),
                "One for each text.",
            ),
        },
        additionalProperties=True,
    ),
}
