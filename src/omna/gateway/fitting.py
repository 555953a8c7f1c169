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
#: Names of one and the same parameter.
_SYNONYMS = {"max_completion_tokens": "max_tokens", "functions": "tools", "function_call": "tool_choice"}

#: Fields that buy something beside text, and the kind of output whose price makes them a sale.
_SOLD_WITH = {"audio": "audio"}
#: Fields that buy something no model has a price for.
_NEVER_SOLD = ("web_search_options", "prediction")
_PLAIN_TIERS = (None, "auto", "default")


def refusal(call: Call, model: Model) -> OmnaError | None:
    """Return why this model cannot take the call, None when it can."""
    endpoint = "completions" if call.dialect == "completions" else "chat"
    if endpoint not in model.endpoints:
        return UnsupportedEndpoint(
            f"{model.model_id!r} does not answer here; its endpoints are {', '.join(model.endpoints)}.", param="model"
        )
    body = call.body
    # A Responses body reaches an upstream as it is; what Messages sells is for its parser to know.
    native = call.native if call.dialect == "responses" else None
    return _unsold(body, model) or _unsupported(body, model) or (_unsold(native, model) if native else None)


def fitted(body: dict[str, Any], model: Model) -> dict[str, Any]:
    """Return the body without what is Omna's alone and without what the model's entry says to drop."""
    unwanted = [name for name in ("models", "provider", *model.dropped_parameters) if name in body]
    if not unwanted:
        return body
    return {name: value for name, value in body.items() if name not in unwanted}


def output_limit(model: Model, default: int) -> int:
    """Return how many tokens an answer of this model may have; `default` for an entry that names no bound."""
    return model.max_output_tokens or model.context_length or default


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


def _unsupported(body: dict[str, Any], model: Model) -> OmnaError | None:
    supported = model.supported_parameters
    if supported is None:
        return None
    for name, value in body.items():
        if value is None or name in _NOT_PARAMETERS or name in model.dropped_parameters:
            continue
        if name not in supported and _SYNONYMS.get(name, name) not in supported:
            return UnsupportedParameter(f"{model.model_id!r} does not take `{name}`.", param=name)
    return None
