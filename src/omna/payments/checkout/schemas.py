"""Bodies of automatic recharges."""

from pydantic import Field

from omna.http.values import Amount, AmountIn, Flag, Input, Moment, Output


class SavedMethodOut(Output):
    """The payment method that is kept for automatic recharges."""

    label: str


class AutoTopUp(Output):
    """How the workspace recharges by itself."""

    enabled: bool
    threshold: Amount | None = Field(description="Below this it recharges; null until it was said once.")
    credits: Amount | None = Field(description="Of each recharge.")
    monthly_ceiling: Amount | None = Field(description="The most in a UTC month.")
    spent_this_month: Amount = Field(description="Credited and in flight.")
    saved_method: SavedMethodOut | None
    in_flight: str | None = Field(description="The order on its way.")
    last_failure: str | None
    next_try_at: Moment | None
    available: bool = Field(description="Whether a payment service here can do it.")


class AutoTopUpChange(Input):
    """When to recharge."""

    enabled: Flag
    threshold: AmountIn
    credits: AmountIn
    monthly_ceiling: AmountIn
