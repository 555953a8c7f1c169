"""What a manual act would book, and booking it."""

from dataclasses import dataclass

from omna.clock import now
from omna.db.pool import Connection
from omna.errors import InsufficientCredits
from omna.ids import TransferId
from omna.ledger import chart
from omna.ledger import service as ledger
from omna.ledger.chart import Legs
from omna.ledger.model import Charge, Wallet
from omna.money import Nanocredits, format_credits
from omna.risk import four_eyes
from omna.risk.proposals.model import Wish, check


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wish would book now. charge: of the request whose charge is given back."""

    wish: Wish
    wallet: Wallet
    legs: Legs
    judgement: four_eyes.Judgement
    charge: Charge | None = None


async def plan(connection: Connection, wish: Wish, actor: str) -> Plan:
    """Return what a wish would do, judged as an act of this actor.

    Errors  InvalidValue, NotFound, Conflict (the charge was given back), InsufficientCredits (more than is there)
    """
    wish = check(wish, now())
    wallet = await ledger.wallet(connection, wish.workspace_id)
    charge = None
    match wish.kind:
        case "adjustment":
            if wish.amount < 0:
                _require_there(wallet, -wish.amount)
            legs = chart.adjustment(wallet, wish.amount)
        case "promo":
            legs = chart.promo_grant(wish.amount)
        case "usage_refund":
            charge = await refundable(connection, wish)
            legs = chart.usage_refund(wallet, charge, wish.amount)
    return Plan(wish, wallet, legs, await four_eyes.judge(connection, wish.amount, actor), charge)


async def refundable(connection: Connection, wish: Wish) -> Charge:
    """Return the charge that a wish gives back. Errors: Conflict, InvalidValue for more than it was."""
    assert wish.request_id is not None, "checked"
    charge = await ledger.charge_of(connection, wish.workspace_id, TransferId(wish.request_id))
    ledger.require_refundable(charge, wish.amount)
    return charge


async def book(connection: Connection, wish: Wish, transfer_id: TransferId, actor: str) -> None:
    """Book a wish. Errors: InsufficientCredits, Conflict, InvalidValue, NotFound."""
    match wish.kind:
        case "adjustment":
            await ledger.adjust(
                connection,
                transfer_id=transfer_id,
                workspace_id=wish.workspace_id,
                amount=wish.amount,
                actor=actor,
                reason=wish.note,
            )
        case "promo":
            await ledger.grant_promo(
                connection,
                transfer_id=transfer_id,
                workspace_id=wish.workspace_id,
                amount=wish.amount,
                expires_at=wish.expires_at,
                actor=actor,
                reason=wish.note,
            )
        case "usage_refund":
            assert wish.request_id is not None, "checked"
            await ledger.refund_usage(
                connection,
                transfer_id=transfer_id,
                workspace_id=wish.workspace_id,
                hold_id=TransferId(wish.request_id),
                amount=wish.amount,
                actor=actor,
                reason=wish.note,
            )


def sentence(wish: Wish) -> str:
    """Say what will be booked."""
    amount = format_credits(Nanocredits(abs(wish.amount)))
    match wish.kind:
        case "adjustment":
            return f"{amount} Credits are {'given' if wish.amount > 0 else 'taken'}."
        case "promo":
            end = "" if wish.expires_at is None else f" until {wish.expires_at:%Y-%m-%d %H:%M} UTC"
            return f"{amount} promo Credits are given, to be spent{end} before others."
        case "usage_refund":
            return f"{amount} Credits of the charge of one request are given back."


def _require_there(wallet: Wallet, amount: int) -> None:
    if amount > wallet.available_paid:
        raise InsufficientCredits(
            f"Only {format_credits(wallet.available_paid)} paid Credits are available now; no more can be taken."
        )
