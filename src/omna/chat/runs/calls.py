"""What a chat asks the gateway for: the same call as any program's, refused before it is sent when it cannot fit."""

from collections.abc import Mapping, Sequence
from typing import Any

from omna.catalog.model import Model
from omna.clock import monotonic
from omna.errors import ContextLengthExceeded, InvalidValue, RequestTooLarge
from omna.gateway import metering
from omna.gateway.gateway import Gateway
from omna.gateway.model import Call, Caller, Ticket
from omna.http.principal import Member
from omna.http.strict_json import dumps
from omna.ids import RequestId, new_id

#: Fields that a model whose entry does not list them goes without: they are wishes, and no message depends on them.
_WISHES = ("temperature", "top_p", "reasoning_effort")


async def calls_of(
    gateway: Gateway, models: Sequence[str], messages: Sequence[dict[str, Any]], parameters: Mapping[str, Any]
) -> list[Call]:
    """Return a call for each model: the same prompt, counted once. Errors: RequestTooLarge."""
    if not models:
        return []
    if _characters(messages) > gateway.settings.body_limit:
        raise RequestTooLarge("This conversation and its files are too large for one request.")
    if any(gateway.catalogue.model(model_id) is None for model_id in models):
        await gateway.catalogue.refresh()
    prompt_tokens = metering.count_prompt({"messages": messages})
    return [
        Call(
            request_id=RequestId(new_id()),
            model_id=model_id,
            body={
                "model": model_id,
                "messages": list(messages),
                "stream": True,
                **_taken(gateway, model_id, parameters),
            },
            prompt_tokens=prompt_tokens,
            max_tokens=parameters.get("max_tokens"),
            choices=1,
            streamed=True,
            include_usage=True,
            received_at=monotonic(),
        )
        for model_id in models
    ]


def caller_of(by: Member) -> Caller:
    """Return who asks the gateway."""
    return Caller("chat", workspace_id=by.workspace_id, user_id=by.user_id)


async def admit(gateway: Gateway, call: Call, caller: Caller) -> Ticket:
    """Hold Credits for a call that its model can read as a whole. Errors: as `require_fit`; admission's."""
    known = gateway.catalogue.model(call.model_id)
    if known is not None:
        require_fit(known, call)
    ticket = await gateway.admit(call, caller)
    try:
        require_fit(ticket.model, call)  # which another process may have changed
    except (ContextLengthExceeded, InvalidValue):
        gateway.pipeline.give_back(ticket)
        raise
    return ticket


def require_fit(model: Model, call: Call) -> None:
    """Refuse a prompt that a model cannot read as a whole. Errors: ContextLengthExceeded, InvalidValue."""
    if "image" not in model.input_modalities and _has_pictures(call):
        raise InvalidValue(
            f"{model.name} does not read pictures: nothing was sent. Remove them, or choose a model that does.",
            param="attachments",
        )
    if model.context_length is None or call.prompt_tokens < model.context_length:
        return
    over = call.prompt_tokens - model.context_length + 1
    raise ContextLengthExceeded(
        f"This conversation is about {call.prompt_tokens:,} tokens; {model.name} reads {model.context_length:,} with"
        f" its answer. It is {over:,} too many: nothing was sent. Fork from an earlier message, remove a file, or"
        " choose a model with a larger context.",
        metadata={"prompt_tokens": call.prompt_tokens, "context": model.context_length},
    )


def _has_pictures(call: Call) -> bool:
    return any(
        part["type"] == "image_url"
        for message in call.body["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
    )


def _taken(gateway: Gateway, model_id: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a model takes."""
    model = gateway.catalogue.model(model_id)
    taken = None if model is None else model.supported_parameters
    return {
        name: value
        for name, value in parameters.items()
        if value is not None and (name not in _WISHES or taken is None or name in taken)
    }


def _characters(messages: Sequence[dict[str, Any]]) -> int:
    return sum(
        len(message["content"]) if isinstance(message["content"], str) else len(dumps(message["content"]))
        for message in messages
    )
