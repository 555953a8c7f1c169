"""PURE: the table of /v1: every operation with its bodies, its failures and its headers. A new endpoint is a row."""

import msgspec

from omna import errors
from omna.gateway.wire.openapi.failures import ADMISSION, BODY, DOOR, FORM, IDEMPOTENCY, MODEL, PROVIDER, Failures
from omna.gateway.wire.openapi.schema import STRING, Json

#: Headers of every answer.
ALWAYS = ("x-request-id", "openai-processing-ms", "access-control-allow-origin", "access-control-expose-headers")
_RATE = ("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests")
#: Headers of an answer that a provider gave.
_GENERATED = ("x-generation-id", "x-omna-model", "x-omna-provider", "x-omna-overhead-ms", *_RATE)
_GENERATING: Failures = (*DOOR, *BODY, *MODEL, *ADMISSION, *PROVIDER, *IDEMPOTENCY)
#: Headers of an answer that is no text.
_MADE = (*_GENERATED, "x-omna-cost")
#: Answers that are not kept have no use for an Idempotency-Key.
_SPEAKING: Failures = (*DOOR, *BODY, *MODEL, *ADMISSION, *PROVIDER)
_WRITING_DOWN: Failures = (*DOOR, *FORM, *MODEL, *ADMISSION, *PROVIDER)
_SOUND: Json = {"description": "The bytes of the sound."}
_TRANSCRIPT: dict[str, Json] = {"text/plain": {**STRING, "description": "For `text`, `srt` and `vtt`."}}


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. `request`, `answer`, `event` and `envelope` name schemas; `event` is what a stream is made of.

    answer   of an answer in JSON, None where there is none
    others   the schemas of answers that are no JSON, by their type
    """

    path: str
    name: str
    summary: str
    failures: Failures
    request: str | None = None
    request_type: str = "application/json"
    answer: str | None = None
    others: dict[str, Json] = {}
    event: str | None = None
    envelope: str = "Error"
    headers: tuple[str, ...] = ()
    #: Headers of failures too: a dialect's own.
    always: tuple[str, ...] = ALWAYS
    parameters: tuple[Json, ...] = ()
    #: Whether an answer that the client has already is 304 without a body.
    revalidates: bool = False

    @property
    def method(self) -> str:
        return "get" if self.request is None else "post"


def _header(name: str, description: str, **schema: object) -> Json:
    return {"name": name, "in": "header", "description": description, "schema": {**STRING, **schema}}


_IDEMPOTENCY_KEY = _header(
    "idempotency-key",
    "The same key and body again get the same answer for 24 hours, and one charge. No `stream`, nothing above 16 MiB.",
    minLength=1,
    maxLength=255,
    pattern="^[ -~]*$",
)
_BETA = _header("anthropic-beta", "Passed on to providers that speak Messages.")
_MODEL_ID: Json = {
    "name": "model_id",
    "in": "path",
    "required": True,
    "description": "It may hold slashes and colons, as they are or percent-encoded.",
    "schema": STRING,
}
_GENERATION_ID: Json = {
    "name": "id",
    "in": "query",
    "required": True,
    "description": "The `x-request-id` of an answer, or the id in its body.",
    "schema": {**STRING, "minLength": 1},
}
_MESSAGES_ALWAYS = (*ALWAYS, "request-id")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        path="/v1/chat/completions",
        name="createChatCompletion",
        summary="Answer a conversation, whole or as a stream, in OpenAI's chat form.",
        request="ChatRequest",
        answer="ChatCompletion",
        event="ChatEvent",
        failures=_GENERATING,
        headers=(*_GENERATED, "idempotent-replayed"),
        parameters=(_IDEMPOTENCY_KEY,),
    ),
    Operation(
        path="/v1/completions",
        name="createCompletion",
        summary="Continue a text, for models that offer it.",
        request="CompletionsRequest",
        answer="TextCompletion",
        event="TextEvent",
        failures=_GENERATING,
        headers=(*_GENERATED, "idempotent-replayed"),
        parameters=(_IDEMPOTENCY_KEY,),
    ),
    Operation(
        path="/v1/responses",
        name="createResponse",
        summary="Answer a conversation in OpenAI's Responses form. Nothing is stored.",
        request="ResponsesRequest",
        answer="Response",
        event="ResponseEvent",
        failures=_GENERATING,
        headers=(*_GENERATED, "idempotent-replayed"),
        parameters=(_IDEMPOTENCY_KEY,),
    ),
    Operation(
        path="/v1/messages",
        name="createMessage",
        summary="Answer a conversation in Anthropic's Messages form.",
        request="MessagesRequest",
        answer="Message",
        event="MessageEvent",
        envelope="MessagesError",
        failures=_GENERATING,
        headers=(*_GENERATED, "idempotent-replayed"),
        always=_MESSAGES_ALWAYS,
        parameters=(_IDEMPOTENCY_KEY, _BETA),
    ),
    Operation(
        path="/v1/messages/count_tokens",
        name="countTokens",
        summary="Count the tokens of a Messages prompt. Free; no provider is asked.",
        request="CountTokensRequest",
        answer="TokenCount",
        envelope="MessagesError",
        failures=(*DOOR, *BODY, *MODEL),
        always=_MESSAGES_ALWAYS,
    ),
    Operation(
        path="/v1/admission",
        name="rehearse",
        summary="Tell whether a chat request would be admitted, and what would be held for it. Takes nothing.",
        request="ChatRequest",
        answer="Admission",
        failures=(*DOOR, *BODY, *MODEL, *ADMISSION),
        headers=_RATE,
    ),
    Operation(
        path="/v1/embeddings",
        name="createEmbeddings",
        summary="Turn texts into vectors.",
        request="EmbeddingsRequest",
        answer="EmbeddingList",
        failures=_GENERATING,
        headers=(*_MADE, "idempotent-replayed"),
        parameters=(_IDEMPOTENCY_KEY,),
    ),
    Operation(
        path="/v1/images/generations",
        name="createImages",
        summary="Make images.",
        request="ImagesRequest",
        answer="ImageList",
        failures=_GENERATING,
        headers=(*_MADE, "idempotent-replayed"),
        parameters=(_IDEMPOTENCY_KEY,),
    ),
    Operation(
        path="/v1/audio/speech",
        name="createSpeech",
        summary="Speak a text.",
        request="SpeechRequest",
        others={"audio/*": _SOUND, "application/octet-stream": _SOUND},
        failures=_SPEAKING,
        headers=_MADE,
    ),
    Operation(
        path="/v1/audio/transcriptions",
        name="createTranscription",
        summary="Write down what is said.",
        request="TranscriptionRequest",
        request_type="multipart/form-data",
        answer="Transcript",
        others=_TRANSCRIPT,
        failures=_WRITING_DOWN,
        headers=_MADE,
    ),
    Operation(
        path="/v1/audio/translations",
        name="createTranslation",
        summary="Write down in English what is said in another language.",
        request="TranscriptionRequest",
        request_type="multipart/form-data",
        answer="Transcript",
        others=_TRANSCRIPT,
        failures=_WRITING_DOWN,
        headers=_MADE,
    ),
    Operation(
        path="/v1/moderations",
        name="createModeration",
        summary="Judge whether texts and images are harmful. Free.",
        request="ModerationRequest",
        answer="Moderation",
        failures=_GENERATING,
        headers=(*_MADE, "idempotent-replayed"),
        parameters=(_IDEMPOTENCY_KEY,),
    ),
    Operation(
        path="/v1/models",
        name="listModels",
        summary="List the models that the key may use, with their prices.",
        answer="ModelList",
        failures=DOOR,
        headers=("cache-control", "etag"),
        parameters=(_header("if-none-match", "The `etag` of a list that the client has."),),
        revalidates=True,
    ),
    Operation(
        path="/v1/models/{model_id}",
        name="getModel",
        summary="Describe one model.",
        answer="Model",
        failures=(*DOOR, errors.ModelNotFound),
        parameters=(_MODEL_ID,),
    ),
    Operation(
        path="/v1/key", name="getKey", summary="Tell the limits and the usage of the key.", answer="Key", failures=DOOR
    ),
    Operation(
        path="/v1/credits",
        name="getCredits",
        summary="Tell the balance of the workspace.",
        answer="Credits",
        failures=DOOR,
    ),
    Operation(
        path="/v1/generation",
        name="getGeneration",
        summary="Tell what became of a request and what it cost.",
        answer="Generation",
        failures=(*DOOR, errors.MissingRequiredParameter, errors.GenerationNotFound),
        parameters=(_GENERATION_ID,),
    ),
)

#: Every header an answer can have.
HEADERS: dict[str, Json] = {
    name: {"description": description, "schema": {"type": kind}}
    for name, kind, description in (
        ("x-request-id", "string", "The id of the request: quote it when you ask for help."),
        ("request-id", "string", "The same as `x-request-id`."),
        ("openai-processing-ms", "integer", "Milliseconds from the request to these headers."),
        ("access-control-allow-origin", "string", "Always `*`: keys travel in headers that scripts set themselves."),
        ("access-control-expose-headers", "string", "The headers that scripts of other origins may read."),
        ("x-generation-id", "string", "The id in the body; where that has none, the one of the request."),
        ("x-omna-model", "string", "The model that answered: another than was asked for after a fallback."),
        ("x-omna-provider", "string", "The provider that answered."),
        ("x-omna-overhead-ms", "number", "Milliseconds of Omna itself."),
        ("x-omna-cost", "string", "What was charged, in Credits: the digits of `cost_details.total`."),
        ("x-ratelimit-limit-requests", "integer", "Requests a minute; not sent for a key without such a limit."),
        ("x-ratelimit-remaining-requests", "integer", "What is left of them."),
        ("x-ratelimit-reset-requests", "string", "When all are there again: `12ms`, `1s`, `6m0s`."),
        ("idempotent-replayed", "string", "`true` for the answer an earlier request got."),
        ("cache-control", "string", "How long the list may be kept."),
        ("etag", "string", "Changes when the list does."),
        ("www-authenticate", "string", "`Bearer`."),
        ("retry-after", "integer", "Seconds, 1 to 60; a request at that moment is admitted."),
        ("retry-after-ms", "integer", "The same in milliseconds."),
        ("x-should-retry", "string", "`false`: a retry cannot help. Never `true`."),
    )
}
