"""What a booking would do to a wallet, as staff see it before they decide."""

from collections.abc import Iterable

from omna.ledger.model import Account, Wallet
from omna.payments.schemas import Effect, EffectEntry

_AVAILABLE = (Account.AVAILABLE_PAID, Account.AVAILABLE_PROMO)


def effect(
    wallet: Wallet,
    legs: Iterable[tuple[Account, int]],
    *,
    sentence: str,
    needs_second_person: bool = False,
    alone: bool = False,
) -> Effect:
    """Return the effect of legs (of one transfer, or of several) on a wallet."""
    booked = list(legs)
    debt_after = wallet.debt + sum(amount for account, amount in booked if account is Account.DEBT)
    return Effect(
        entries=[EffectEntry(account=account, amount=amount) for account, amount in booked],
        available_before=wallet.available,
        available_after=wallet.available + sum(amount for account, amount in booked if account in _AVAILABLE),
        debt_before=-wallet.debt,
        debt_after=-debt_after,
        needs_second_person=needs_second_person,
        alone=alone,
        sentence=sentence,
    )
