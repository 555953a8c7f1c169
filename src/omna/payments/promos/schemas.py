"""Bodies of /api about redeeming promo codes."""

from typing import Annotated

from pydantic import Field

from omna.http.values import Amount, Input, Moment, Output, Text
from omna.payments.promos.model import LONGEST_TYPED


class PromoCodeTyped(Input):
    """A code as somebody typed it; dashes, spaces and case make no difference."""

    code: Annotated[Text, Field(min_length=1, max_length=LONGEST_TYPED)]


class PromoRedeemed(Output):
    """What a code gave this workspace."""

    code: str
    credits: Amount
    redeemed_at: Moment
    expires_at: Moment | None = Field(description="Until when the Credits can be spent; null is for ever.")
    ledger_line: str = Field(description="Its line in the ledger: `tr_…`")
    again: bool = Field(description="It was redeemed here before: nothing was added now.")
