"""What a chat asks the gateway for: the same call as any program's, refused before it is sent when it cannot fit."""

from collections.abc import Mapping, Sequence
from typing import Any

from omna.clock import monotonic
from omna.errors import ContextLengthExceeded, RequestTooLarge
from omna.gateway import metering
from omna.gateway.gateway import Gateway
from omna.gateway.model import Call
from omna.http.strict_json import dumps
from omna.ids import RequestId, new_id

#: Fields that a model whose entry does not list them goes without: they are wishes, and no message depends on them.
_WISHES = ("temperature", "top_p", "reasoning_effort")


def call_of(gateway: Gateway, model_id: str, messages: Sequence[dict[str, Any]], parameters: Mapping[str, Any]) -> Call:
    """Return the call for an answer of one model. Errors: RequestTooLarge."""
    model = gateway.catalogue.model(model_id)
    taken = None if model is None else model.supported_parameters
    wishes = {
        name: value
        for name, value in parameters.items()
        if value is not None and (name not in _WISHES or taken is None or name in taken)
    }
    body = {"model": model_id, "messages": list(messages), "stream": True, **wishes}
    if _characters(messages) > gateway.settings.body_limit:
        raise RequestTooLarge("This conversation and its files are too large for one request.")
    return Call(
        request_id=RequestId(new_id()),
        model_id=model_id,
        body=body,
        prompt_tokens=metering.count_prompt(body),
        max_tokens=parameters.get("max_tokens"),
        choices=1,
        streamed=True,
        include_usage=True,
        received_at=monotonic(),
    )


def require_fit(gateway: Gateway, call: Call) -> None:
    """Refuse a prompt that the model cannot read as a whole. Errors: ContextLengthExceeded."""
    model = gateway.catalogue.model(call.model_id)
    if model is None or model.context_length is None or call.prompt_tokens < model.context_length:
        return
    over = call.prompt_tokens - model.context_length + 1
    raise ContextLengthExceeded(
        f"This conversation is about {call.prompt_tokens:,} tokens; {model.name} reads {model.context_length:,} with"
        f" its answer. It is {over:,} too many: nothing was sent. Fork from an earlier message, remove a file, or"
        " choose a model with a larger context.",
        metadata={"prompt_tokens": call.prompt_tokens, "context": model.context_length},
    )


def _characters(messages: Sequence[dict[str, Any]]) -> int:
    return sum(
        len(message["content"]) if isinstance(message["content"], str) else len(dumps(message["content"]))
        for message in messages
    )
