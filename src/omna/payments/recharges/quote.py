"""PURE  What Credits cost: prices in the smallest unit of a currency, fees, packs, and what is left after a debt.

Credits are nanocredits. Rates and percents are decimal strings; nothing here is a float. A price is rounded up once to
a whole cent.
"""

import re
from dataclasses import dataclass

from omna.config import ConfigError, Payments
from omna.errors import InvalidValue
from omna.ledger.model import Wallet
from omna.money import (
    LARGEST_AMOUNT,
    NANO_PER_CREDIT,
    Nanocredits,
    format_credits,
    format_decimal,
    parse_credits,
    round_up,
)

#: Of ISO 4217: currencies whose smallest unit is not a hundredth.
_NO_DECIMALS = frozenset(
    ["bif", "clp", "djf", "gnf", "isk", "jpy", "kmf", "krw", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"]
)
_THREE_DECIMALS = frozenset(["bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"])
#: A custom amount is a multiple of a hundredth Credit.
STEP = NANO_PER_CREDIT // 100
#: Payment services take no more than eight digits.
LARGEST_MINOR = 99_999_999

_CURRENCY = re.compile(r"[a-z]{3}")


@dataclass(frozen=True, slots=True)
class Pack:
    """An amount that is offered, and the promo Credits that come with it."""

    credits: int
    bonus: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """What recharges cost here. rate: nano-units of the currency for one Credit; fee: nano-percent."""

    currency: str
    rate: int
    packs: tuple[Pack, ...]
    minimum: int
    maximum: int
    fee: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """The automatic checkout that is offered."""

    processor: str
    test_mode: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """What an amount costs and brings. credits_received can be spent: Credits and bonus, less what is owed.

    new_balance  what is available afterwards
    """

    credits: int
    bonus: int
    price_minor: int
    fee_minor: int
    currency: str
    owed_deducted: int
    credits_received: int
    new_balance: int

    @property
    def total_minor(self) -> int:
        return self.price_minor + self.fee_minor


def tariff(payments: Payments, usd_per_credit: str) -> Tariff:
    """Return what recharges cost by the settings. Errors: ConfigError naming the setting."""
    currency = payments.currency.strip().lower()
    if not _CURRENCY.fullmatch(currency):
        raise ConfigError("payments.currency is three letters such as usd")
    minimum, maximum = _amount("minimum", payments.minimum), _amount("maximum", payments.maximum)
    rate = _amount("rate", usd_per_credit)
    if not 0 < minimum <= maximum:
        raise ConfigError("payments.minimum is more than 0 and at most payments.maximum")
    try:
        fee = parse_credits(payments.checkout_fee_percent)
    except ValueError:
        raise ConfigError("payments.checkout_fee_percent is a number such as 2.9") from None
    if not 0 <= fee <= 100 * NANO_PER_CREDIT:
        raise ConfigError("payments.checkout_fee_percent is from 0 to 100")
    made = Tariff(currency, rate, _packs(payments.packs, minimum, maximum), minimum, maximum, fee)
    if price_of(made, maximum) + fee_of(made, price_of(made, maximum)) > LARGEST_MINOR:
        raise ConfigError("payments.maximum is more than a payment can carry")
    return made


def checkout_of(payments: Payments) -> Checkout | None:
    """Return the automatic checkout of the settings, None for none: a real one goes first."""
    if payments.stripe_secret_key:
        return Checkout("stripe", payments.stripe_secret_key.startswith(("sk_test_", "rk_test_")))
    if payments.sandbox:
        return Checkout("sandbox", True)
    return None


def check_amount(of: Tariff, credits: int) -> Nanocredits:  # noqa: A002 - the word of the product
    """Return an amount of a recharge. Errors: InvalidValue that says the bounds."""
    if not of.minimum <= credits <= of.maximum:
        raise InvalidValue(
            f"A recharge is from {format_credits(of.minimum)} to {format_credits(of.maximum)} Credits.", param="credits"
        )
    if credits % STEP:
        raise InvalidValue("An amount has at most two decimals.", param="credits")
    return Nanocredits(credits)


def quote(of: Tariff, credits: int, *, with_fee: bool, wallet: Wallet) -> Quote:  # noqa: A002
    """Return what an amount costs and brings. with_fee: by automatic checkout. Errors: InvalidValue."""
    check_amount(of, credits)
    price = price_of(of, credits)
    bonus = bonus_of(of, credits)
    owed = min(-wallet.debt, credits)
    received = credits - owed + bonus
    if wallet.available + received > LARGEST_AMOUNT:
        raise InvalidValue("The balance would be more than Omna can hold.", param="credits")
    return Quote(
        credits=credits,
        bonus=bonus,
        price_minor=price,
        fee_minor=fee_of(of, price) if with_fee else 0,
        currency=of.currency,
        owed_deducted=owed,
        credits_received=received,
        new_balance=wallet.available + received,
    )


def price_of(of: Tariff, credits: int) -> int:  # noqa: A002
    """Return the price of Credits, rounded up to a whole smallest unit."""
    return round_up(credits * of.rate * 10 ** minor_digits(of.currency), NANO_PER_CREDIT**2)


def fee_of(of: Tariff, price_minor: int) -> int:
    """Return the fee on a price, rounded up."""
    return round_up(price_minor * of.fee, 100 * NANO_PER_CREDIT)


def bonus_of(of: Tariff, credits: int) -> int:  # noqa: A002
    """Return the promo Credits that come with exactly this amount."""
    return max((pack.bonus for pack in of.packs if pack.credits == credits), default=0)


def share(credits: int, paid_minor: int, total_minor: int) -> Nanocredits:  # noqa: A002
    """Return the Credits of an order for another amount than its total, in proportion and rounded down."""
    return Nanocredits(credits * paid_minor // total_minor)


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def format_minor(minor: int, currency: str) -> str:
    """Return an amount as people write it, for example `12.50 USD`."""
    digits = minor_digits(currency)
    sign, text = "-" if minor < 0 else "", str(abs(minor)).zfill(digits + 1)
    number = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"{sign}{number} {currency.upper()}"


def parse_minor(text: str, currency: str, param: str = "amount") -> int:
    """Return the amount somebody typed, in the smallest unit. Errors: InvalidValue, which names the field."""
    digits = minor_digits(currency)
    match = re.fullmatch(r"([0-9]{1,12})(?:[.,]([0-9]{1,3}))?", text.strip())
    fraction = (match[2] or "") if match else ""
    if match is None or len(fraction) > digits:
        example = format_minor(1250, currency).partition(" ")[0]
        raise InvalidValue(f"Type the amount in {currency.upper()}, for example {example}.", param=param)
    return int(match[1] + fraction.ljust(digits, "0"))


def format_percent(fee: int) -> str:
    """Return a percent as a decimal string."""
    return format_decimal(fee, 9)


def _packs(text: str, minimum: int, maximum: int) -> tuple[Pack, ...]:
    packs = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        amount, plus, bonus = part.partition("+")
        pack = Pack(_amount("packs", amount), _amount("packs", bonus) if plus else 0)
        if not minimum <= pack.credits <= maximum or pack.credits % STEP:
            raise ConfigError(f"payments.packs: {amount.strip()} is not from payments.minimum to payments.maximum")
        packs.append(pack)
    return tuple(sorted(packs, key=_size))


def _size(pack: Pack) -> int:
    return pack.credits


def _amount(name: str, text: str) -> Nanocredits:
    try:
        amount = parse_credits(text)
    except ValueError:
        amount = Nanocredits(0)
    if amount <= 0:
        where = "credits.usd_per_credit" if name == "rate" else f"payments.{name}"
        raise ConfigError(f"{where}: {text.strip()!r} is no amount above 0")
    return amount


@dataclass(frozen=True, slots=True)
class Offer:
    """What this installation offers to whoever buys Credits."""

    tariff: Tariff
    checkout: Checkout | None
    manual_days: int
    #: Of the terms and the refund policy that whoever orders now agrees to.
    terms_version: str


def offer_of(payments: Payments, usd_per_credit: str, terms_version: str) -> Offer:
    """Return what the settings offer. Errors: ConfigError."""
    return Offer(tariff(payments, usd_per_credit), checkout_of(payments), payments.manual_days, terms_version)
