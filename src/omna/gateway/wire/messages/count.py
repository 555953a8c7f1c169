"""POST /v1/messages/count_tokens: how long a prompt is, counted here. Free, and open during an emergency stop."""

from omna.errors import ModelNotAllowed
from omna.gateway.gateway import Gateway
from omna.gateway.wire.entry import body_of, reader_of
from omna.gateway.wire.exchange import Exchange
from omna.gateway.wire.messages.request import count_input
from omna.http.strict_json import loads


class CountTokens:
    """Authenticate, read, count: no hold, no place in the key's request rate, no provider."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, exchange: Exchange) -> None:
        gateway = self._gateway
        key = await reader_of(exchange, gateway)
        body = await body_of(exchange, gateway)
        with gateway.working_on(body):
            asked, tokens = count_input(loads(body))
        # It may have come on sale a moment ago.
        model = gateway.catalogue.model(asked)
        if model is None and await gateway.catalogue.refresh():
            model = gateway.catalogue.model(asked)
        if model is None:
            raise gateway.catalogue.snapshot.missing(asked)
        if key.allowed_models is not None and model.model_id not in key.allowed_models:
            raise ModelNotAllowed(f"This key may not use {asked!r}. Its owner can allow it.", param="model")
        await exchange.answer(200, {"input_tokens": tokens})
