"""Bodies of /api that everything about payments shares."""

from typing import Literal

from pydantic import Field

from omna.http.values import Amount, Moment, MoneyOut, Output


class Step(Output):
    """One step of a timeline."""

    at: Moment
    step: str
    actor: Literal["customer", "staff", "processor", "omna"]
    note: str = Field(description="What the customer may read; often empty.")


class EffectEntry(Output):
    """What an act would book on one account."""

    account: str
    amount: Amount


class Effect(Output):
    """What a money act would do, before it is done."""

    entries: list[EffectEntry]
    available_before: Amount
    available_after: Amount
    debt_before: Amount
    debt_after: Amount
    needs_second_person: bool = Field(description="A second, different person has to approve.")
    alone: bool = Field(description="It is above the threshold, and nobody else could approve it.")
    sentence: str = Field(description="What will happen, in words.")


class PaymentEventRow(Output):
    """An event of a payment service."""

    id: str = Field(description="`evt_…`")
    processor: str
    external_id: str
    kind: str
    state: Literal["handled", "failed", "ignored", "unknown"]
    error: str
    attempts: int
    livemode: bool
    recharge_id: str | None
    received_at: Moment
    handled_at: Moment | None


class ReceivedPayment(Output):
    """Money that arrived for an order."""

    payment_id: str
    amount: MoneyOut
    credits: Amount
    received_at: Moment


class RechargeLink(Output):
    """Another order that one refers to."""

    id: str = Field(description="`rch_…`")
    reference: str
