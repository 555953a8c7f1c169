"""The bodies of the catalogue under /api."""

from pydantic import Field

from omna.http.values import Amount, Moment, Output


class ModelPrices(Output):
    """Credits per million tokens, or per unit; null: this class does not occur."""

    prompt: Amount
    completion: Amount
    cached: Amount
    cache_write: Amount
    reasoning: Amount
    request: Amount | None
    image: Amount | None
    second: Amount | None
    character: Amount | None = Field(description="Per million characters.")


class NextPrice(Output):
    """Prices that are announced, from a moment on."""

    effective_from: Moment
    prices: ModelPrices


class ModelRow(Output):
    """A model, what it costs, and whether it can be used now."""

    id: str
    name: str
    description: str
    aliases: list[str]
    owned_by: str
    prices: ModelPrices
    free: bool
    context_length: int | None
    max_output_tokens: int | None
    input_modalities: list[str]
    output_modalities: list[str]
    endpoints: list[str]
    tools: bool | None = Field(description="null: unknown.")
    reasoning: bool | None = Field(description="null: unknown.")
    available: bool
    why_not: str | None
    successor: str | None = Field(description="What to use instead of a model that will retire.")
    retires_at: Moment | None = Field(description="From when on it answers nobody; null: it stays.")
    price_since: Moment
    next_price: NextPrice | None
