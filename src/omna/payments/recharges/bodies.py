"""From orders to the bodies of /api."""

from typing import Any

from omna.http.values import MoneyOut
from omna.ids import show
from omna.payments.recharges import schemas
from omna.payments.recharges.methods import Method
from omna.payments.recharges.model import OPEN_FLAGS, Recharge, State
from omna.payments.recharges.quote import Offer, Quote, format_percent, price_of
from omna.payments.recharges.reading import Detail
from omna.payments.schemas import RechargeLink, Step
from omna.payments.steps import Step as StepFacts


def money(minor: int, currency: str) -> MoneyOut:
    return MoneyOut(minor=minor, currency=currency)


def lines(text: str) -> list[str]:
    """Return instructions line by line, without empty ones."""
    return [line for line in (line.strip() for line in text.splitlines()) if line]


def method_offer(method: Method, language: str) -> schemas.MethodOffer:
    return schemas.MethodOffer(
        id=show("mth", method.method_id),
        name=method.name_in(language),
        instructions=lines(method.instructions_in(language)),
        currency=method.currency,
        usual_hours=method.usual_hours,
    )


def pack_offers(offer: Offer) -> list[schemas.PackOffer]:
    tariff = offer.tariff
    return [
        schemas.PackOffer(
            credits=pack.credits, bonus=pack.bonus, price=money(price_of(tariff, pack.credits), tariff.currency)
        )
        for pack in tariff.packs
    ]


def checkout_offer(offer: Offer) -> schemas.CheckoutOffer | None:
    if offer.checkout is None:
        return None
    processor: Any = offer.checkout.processor
    return schemas.CheckoutOffer(
        processor=processor, test_mode=offer.checkout.test_mode, fee_percent=format_percent(offer.tariff.fee)
    )


def quote_body(quote: Quote) -> schemas.RechargeQuote:
    return schemas.RechargeQuote(
        credits=quote.credits,
        bonus=quote.bonus,
        price=money(quote.price_minor, quote.currency),
        fee=money(quote.fee_minor, quote.currency),
        total=money(quote.total_minor, quote.currency),
        owed_deducted=quote.owed_deducted,
        credits_received=quote.credits_received,
        new_balance=quote.new_balance,
    )


def step_body(step: StepFacts) -> Step:
    actor: Any = step.actor
    return Step(at=step.at, step=step.step, actor=actor, note=step.note)


def row_facts(recharge: Recharge) -> dict[str, Any]:
    """Return the fields of a row, for every body that begins with them."""
    return {
        "id": show("rch", recharge.recharge_id),
        "channel": recharge.channel,
        "state": recharge.shown_state,
        "credits": recharge.credits,
        "bonus": recharge.bonus,
        "total": money(recharge.total_minor, recharge.currency),
        "reference": recharge.reference,
        "created_at": recharge.created_at,
        "credited_at": recharge.credited_at,
        "test_mode": recharge.test_mode,
        "flag_note": recharge.flag if recharge.flag in OPEN_FLAGS else None,
    }


def row_body(recharge: Recharge) -> schemas.RechargeRow:
    return schemas.RechargeRow(**row_facts(recharge))


def detail_facts(detail: Detail, language: str) -> dict[str, Any]:
    """Return the fields of an order with everything about it, for its owner."""
    recharge, method, currency = detail.recharge, detail.method, detail.recharge.currency
    transfer = None if detail.transfer_id is None else show("tr", detail.transfer_id)
    # What another workspace did is none of this one's business, even where the payment is the same.
    original = detail.original
    own = original is not None and original.workspace_id == recharge.workspace_id
    booked = sum(row["credits"] + row["bonus"] for row in detail.payments)
    return row_facts(recharge) | {
        "price": money(recharge.price_minor, currency),
        "fee": money(recharge.fee_minor, currency),
        "owed_repaid": detail.repaid,
        "credits_received": booked - detail.repaid if detail.payments else recharge.credits + recharge.bonus,
        "method": None
        if method is None
        else schemas.OrderMethod(name=method.name_in(language), instructions=lines(method.instructions_in(language))),
        "expires_at": recharge.expires_at,
        "submitted_at": recharge.submitted_at,
        "payer_reference": recharge.payer_words,
        "paid_on": recharge.paid_on,
        "note": recharge.note,
        "proof": None
        if recharge.proof_id is None
        else schemas.ProofFile(
            id=show("upl", recharge.proof_id),
            name=recharge.proof_name,
            type=recharge.proof_type,
            size=recharge.proof_size,
        ),
        "question": recharge.question,
        "failure": recharge.failure,
        "duplicate_of": RechargeLink(id=show("rch", original.recharge_id), reference=original.reference)
        if original is not None and own
        else None,
        "checkout_url": recharge.session_url if recharge.state == State.OPEN else None,
        "ledger_line": transfer,
        "transfer_id": transfer,
        "timeline": [step_body(step) for step in detail.timeline],
        "may": schemas.MayDo(
            cancel=recharge.may("cancel"),
            submit=recharge.may("submit"),
            check=recharge.may("check"),
            refund=recharge.may("refund"),
            retry=recharge.may("retry"),
        ),
        "refunds": [
            schemas.OrderRefund(id=show("rfd", row["refund_id"]), state=row["state"], credits=row["credits"])
            for row in detail.refunds
        ],
        "disputes": [
            schemas.OrderDispute(id=show("dsp", row["dispute_id"]), state=row["state"]) for row in detail.disputes
        ],
        "billing": schemas.OrderBilling(
            name=recharge.billing.get("name", ""),
            address=recharge.billing.get("address", ""),
            tax_id=recharge.billing.get("tax_id", ""),
        ),
        "processor": recharge.processor,
    }


def detail_body(detail: Detail, language: str) -> schemas.Recharge:
    return schemas.Recharge(**detail_facts(detail, language))
