"""POST /v1/messages/count_tokens: how long a prompt is, counted here. Free, and open during an emergency stop."""

from omna.db.pool import borrow
from omna.errors import ModelNotAllowed, ModelNotFound
from omna.gateway.gateway import Gateway
from omna.gateway.wire.exchange import Exchange
from omna.gateway.wire.messages.request import count_input
from omna.http.body import read_body
from omna.http.strict_json import loads
from omna.keys import service as keys


class CountTokens:
    """Authenticate, read, count: no hold, no place in the key's request rate, no provider."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, exchange: Exchange) -> None:
        text = exchange.key()
        async with borrow(self._gateway.pool) as connection:
            key = await keys.authenticate(connection, text)
        settings = self._gateway.settings
        body = await read_body(
            exchange.receive, exchange.headers, limit=settings.body_limit, timeout=settings.body_timeout
        )
        model, tokens = count_input(loads(body))
        catalogue = self._gateway.catalogue
        if catalogue.model(model) is None:
            # It may have come on sale a moment ago.
            await catalogue.refresh()
            if catalogue.model(model) is None:
                raise ModelNotFound(f"There is no model {model!r}. GET /v1/models lists yours.", param="model")
        if key.allowed_models is not None and model not in key.allowed_models:
            raise ModelNotAllowed(f"This key may not use {model!r}. Its owner can allow it.", param="model")
        await exchange.answer(200, {"input_tokens": tokens})
