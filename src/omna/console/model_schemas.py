"""Bodies of /api/console/models and /api/console/price-lists."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from omna.catalog.price_changes import What
from omna.catalog.versions import State
from omna.http.values import Acted, Amount, AmountIn, Flag, Input, Moment, Output, Reason, Text, Whole

#: Where a model stands for those who call it.
Standing = Literal["on_sale", "hidden", "deprecated", "retired", "off", "no_price"]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Names = Annotated[list[Annotated[Text, Field(max_length=64)]], Field(max_length=100)]
ModelName = Annotated[Text, Field(min_length=1, max_length=128)]
Tokens = Annotated[Whole, Field(ge=1, le=2**31 - 1)]


class RatesOut(Output):
    """Credits per million tokens or characters, per request, picture and second; null: as the class it is a part of."""

    prompt: Amount
    completion: Amount
    cached: Amount
    cache_write: Amount
    reasoning: Amount
    request: Amount
    audio_prompt: Amount | None
    audio_completion: Amount | None
    image_prompt: Amount | None
    image_completion: Amount | None
    image: Amount
    second: Amount
    character: Amount


class RatesIn(Input):
    """The same, as staff set them: both sides are named; a part without its own price costs what its class does."""

    prompt: AmountIn
    completion: AmountIn
    cached: AmountIn | None = None
    cache_write: AmountIn | None = None
    reasoning: AmountIn | None = None
    request: AmountIn | None = None
    audio_prompt: AmountIn | None = None
    audio_completion: AmountIn | None = None
    image_prompt: AmountIn | None = None
    image_completion: AmountIn | None = None
    image: AmountIn | None = None
    second: AmountIn | None = None
    character: AmountIn | None = None


class ComingPrice(Output):
    """A price that is announced."""

    effective_from: Moment
    prices: RatesOut


class StaffModelRow(Output):
    """A model in the list of staff."""

    id: str
    address: str = Field(description="Its id in addresses: `~` stands for `/`.")
    name: str
    standing: Standing
    enabled: bool
    hidden: bool
    retires_at: Moment | None
    successor: str | None
    prices: RatesOut | None
    free: bool
    next_price: ComingPrice | None
    cost: RatesOut | None = Field(description="Of the route that is tried first.")
    margin_percent: str | None = Field(
        description="The smallest of prompt and completion over all open routes, of the price; null: free, or unknown."
    )
    below_cost: bool
    daily_cap: Amount | None
    spent_today: Amount | None = Field(description="At provider cost; null: not counted, there is no cap.")
    held_today: Amount | None
    providers: list[str]


class ClassMargin(Output):
    """What one class of tokens brings on one route."""

    name: str
    price: Amount
    cost: Amount
    margin: Amount


class ModelRouteRow(Output):
    """Where a model runs."""

    id: str
    provider: str
    provider_enabled: bool
    upstream_model: str
    priority: int
    weight: int
    enabled: bool
    costs: RatesOut
    margins: list[ClassMargin]
    below_cost: bool


class PriceVersionRow(Output):
    """A price as it was set."""

    id: str
    state: State
    effective_from: Moment
    until: Moment | None
    prices: RatesOut


class ModelUsage(Output):
    """What a model was in the last 30 days, today included."""

    requests: int
    charged: Amount
    provider_cost: Amount


class StaffModel(StaffModelRow):
    """Everything about a model."""

    description: str
    context_length: int | None
    max_output_tokens: int | None
    endpoints: list[str]
    input_modalities: list[str]
    output_modalities: list[str]
    supported_parameters: list[str] | None
    dropped_parameters: list[str]
    aliases: list[str]
    created_at: Moment
    deprecated_at: Moment | None
    routes: list[ModelRouteRow]
    versions: list[PriceVersionRow]
    usage: ModelUsage


class StaffModelActed(StaffModel, Acted):
    """A model after an act."""


class PricePlanned(Input):
    """Prices that may be set."""

    prices: RatesIn
    free: Flag = Field(False, description="0 is meant: without it, a price of 0 is refused.")
    effective_from: datetime | None = Field(None, description="null: at once.")
    replaces: Annotated[Text, Field(max_length=64)] | None = Field(
        None, description="An announced version, `pv_…`, that it takes the place of."
    )


class PriceNew(PricePlanned):
    """Prices that are to be set. `typed` repeats every price that changes."""

    typed: dict[str, AmountIn]
    reason: Reason


class PriceMove(Output):
    """What becomes of the price of one class."""

    name: str
    now: Amount | None
    then: Amount


class RouteMargins(Output):
    """What new prices bring on one open route."""

    provider: str
    upstream_model: str
    margins: list[ClassMargin]


class UsageEffect(Output):
    """What the usage of the last 30 days cost, and would have. Pictures, sound and characters are left out."""

    requests: int
    charged: Amount
    at_present: Amount | None
    at_new: Amount
    provider_cost: Amount


class PricePreview(Output):
    """What new prices would change."""

    moves: list[PriceMove]
    routes: list[RouteMargins]
    usage: UsageEffect


class PriceWithdrawal(Input):
    """An announced price that is taken back."""

    version: Annotated[Text, Field(max_length=64)]
    reason: Reason


class ModelEdit(Input):
    """What is said of a model. What is left out stays; null: unknown."""

    name: Name | None = None
    description: Annotated[Text, Field(max_length=2000)] | None = None
    context_length: Tokens | None = None
    max_output_tokens: Tokens | None = None
    endpoints: Names | None = None
    input_modalities: Names | None = None
    output_modalities: Names | None = None
    supported_parameters: Names | None = None
    dropped_parameters: Names | None = None
    reason: Reason


class ModelVisibility(Input):
    """Whether lists show a model."""

    hidden: Flag
    reason: Reason


class ModelSwitch(Input):
    """Whether a model is on sale."""

    enabled: Flag
    reason: Reason


class ModelEnd(Input):
    """When a model goes, and what to use instead."""

    successor: ModelName | None = None
    retires_at: datetime
    reason: Reason


class ModelReason(Input):
    """Why."""

    reason: Reason


class ModelCap(Input):
    """What a model may cost in a UTC day, at provider cost; null: anything."""

    daily: AmountIn | None
    reason: Reason


class ModelAlias(Input):
    """Another name of a model."""

    alias: ModelName
    reason: Reason


class RouteNew(Input):
    """One more place where a model runs."""

    provider: ModelName
    upstream_model: Annotated[Text, Field(min_length=1, max_length=256)]
    priority: Annotated[Whole, Field(ge=0)] | None = None
    weight: Annotated[Whole, Field(ge=1)] = 1
    costs: RatesIn
    reason: Reason


class RouteEdit(Input):
    """What changes about a route; what is null stays."""

    priority: Annotated[Whole, Field(ge=0)] | None = None
    weight: Annotated[Whole, Field(ge=1)] | None = None
    enabled: Flag | None = None
    costs: RatesIn | None = None
    accept_loss: Flag = Field(False, description="Write a cost down although it is above the price.")
    reason: Reason


class PriceListWanted(Input):
    """A price list in OpenRouter's shape, and how it becomes prices."""

    provider: ModelName
    content: str | None = Field(None, description="The list as JSON; null: the one that the provider publishes.")
    match: Annotated[Text, Field(max_length=128)] = "*"
    markup: Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4})?$")] = Field(
        "0", description="Percent that prices are above the list."
    )
    free: Flag = False


class PriceListApplied(PriceListWanted):
    """Rows of a list that are to be written, as they were looked at."""

    digest: Annotated[str, Field(max_length=64)]
    chosen: Annotated[list[ModelName], Field(min_length=1, max_length=10_000)]
    reason: Reason


class PriceListRow(Output):
    """What would become of one model."""

    id: str
    change: What
    why: str = Field(description="Why it is refused.")
    moves: list[PriceMove]
    cost_moves: list[PriceMove]
    below_cost: bool


class PriceListPreview(Output):
    """What a list would change. `digest` names exactly this."""

    digest: str
    rows: list[PriceListRow] = Field(description="Without those that change nothing.")
    unchanged: int


class PriceListDone(Acted):
    """What was written."""

    written: list[str]
