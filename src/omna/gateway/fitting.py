"""PURE: whether a model can take a call, and the body in the form the model takes it.

What a model offers stands in its entry of the catalogue; what a provider cannot do is its adapter's to say.
"""

from typing import Any

from omna.catalog.model import Model
from omna.errors import OmnaError, UnsupportedEndpoint, UnsupportedParameter
from omna.gateway.model import Call

#: Fields of a body that are the gateway's own business or no parameter of the model.
_NOT_PARAMETERS = frozenset(
    ("model", "models", "provider", "messages", "prompt", "stream", "stream_options", "n", "user", "metadata", "store")
)
#: Nor are these at an endpoint: what a request is about, and the form of its answer.
_NOT_PARAMETERS_OF = {
    "embeddings": frozenset(("input", "encoding_format")),
    "images": frozenset(("response_format",)),
    "speech": frozenset(("input", "voice", "response_format")),
    "transcriptions": frozenset(("response_format",)),
    "moderations": frozenset(("input",)),
}
#: Where a model can be asked for what.
PATHS = {
    "chat": ("/v1/chat/completions", "/v1/responses", "/v1/messages"),
    "completions": ("/v1/completions",),
    "embeddings": ("/v1/embeddings",),
    "images": ("/v1/images/generations",),
    "speech": ("/v1/audio/speech",),
    "transcriptions": ("/v1/audio/transcriptions", "/v1/audio/translations"),
    "moderations": ("/v1/moderations",),
}
#: Endpoints whose answers are text, as long as the model makes it.
_TEXT = ("chat", "completions")
#: Names of one and the same parameter.
_SYNONYMS = {"max_completion_tokens": "max_tokens", "functions": "tools", "function_call": "tool_choice"}

#: Fields that buy something beside text, and the kind of output whose price makes them a sale.
_SOLD_WITH = {"audio": "audio"}
#: Fields that buy something no model has a price for.
_NEVER_SOLD = ("web_search_options", "prediction")
_PLAIN_TIERS = (None, "auto", "default")


def refusal(call: Call, model: Model) -> OmnaError | None:
    """Return why this model cannot take the call, None when it can."""
    if call.endpoint not in model.endpoints:
        offered = ", ".join(path for endpoint in model.endpoints for path in PATHS[endpoint])
        return UnsupportedEndpoint(f"{model.model_id!r} does not answer here; ask it at {offered}.", param="model")
    body = call.body
    # A Responses body reaches an upstream as it is; what Messages sells is for its parser to know.
    native = call.native if call.dialect == "responses" else None
    return _unsold(body, model) or _unsupported(call, model) or (_unsold(native, model) if native else None)


def fitted(body: dict[str, Any], model: Model) -> dict[str, Any]:
    """Return the body without what is Omna's alone and without what the model's entry says to drop."""
    unwanted = [name for name in ("models", "provider", *model.dropped_parameters) if name in body]
    if not unwanted:
        return body
    return {name: value for name, value in body.items() if name not in unwanted}


def output_bound(call: Call, model: Model, default: int) -> int:
    """Return how many tokens a choice of this call may have at a model; `default` for an entry that names no bound.

    The bound of an answer that is no text was computed and is no wish of the client: without an entry's, it holds.
    """
    if call.endpoint not in _TEXT:
        assert call.max_tokens is not None, "what is no text has a bound of its own"
        return call.max_tokens if model.max_output_tokens is None else min(call.max_tokens, model.max_output_tokens)
    most = model.max_output_tokens or model.context_length or default
    return most if call.max_tokens is None else min(most, call.max_tokens)


def _unsold(body: dict[str, Any], model: Model) -> OmnaError | None:
    for name in _NEVER_SOLD:
        if body.get(name) is not None:
            return UnsupportedParameter(f"`{name}` is not sold for {model.model_id!r}.", param=name)
    for name, modality in _SOLD_WITH.items():
        if body.get(name) is not None and modality not in model.output_modalities:
            return UnsupportedParameter(f"`{name}` is not sold for {model.model_id!r}.", param=name)
    if body.get("service_tier") not in _PLAIN_TIERS:
        return UnsupportedParameter(
            f"Only the default `service_tier` is sold for {model.model_id!r}.", param="service_tier"
        )
    modalities = body.get("modalities")
    if modalities is not None and not (
        isinstance(modalities, list)
        and modalities
        and all(modality in model.output_modalities for modality in modalities)
    ):
        return UnsupportedParameter(
            f"{model.model_id!r} gives {', '.join(model.output_modalities)}; ask for no other `modalities`.",
            param="modalities",
        )
    return None


def _unsupported(call: Call, model: Model) -> OmnaError | None:
    supported = model.supported_parameters
    if supported is None:
        return None
    not_parameters = _NOT_PARAMETERS | _NOT_PARAMETERS_OF.get(call.endpoint, frozenset())
    for name, value in call.body.items():
        if value is None or name in not_parameters or name in model.dropped_parameters:
            continue
        if name not in supported and _SYNONYMS.get(name, name) not in supported:
            return UnsupportedParameter(f"{model.model_id!r} does not take `{name}`.", param=name)
    return None
