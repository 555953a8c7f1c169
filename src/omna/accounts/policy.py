"""Who may make an account, and what a new person is given: as configured, or as an owner decided in the console.

Whoever needs either asks here, and not the settings: a decision holds for the next request on every replica.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, cast

from omna.accounts import policy_store as store
from omna.accounts.policy_store import Decided
from omna.audit import service as audit
from omna.config import Accounts
from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.money import LARGEST_AMOUNT, Nanocredits, format_credits, parse_credits

SignUpMode: TypeAlias = Literal["open", "invite", "approval"]
MODES: tuple[SignUpMode, ...] = ("open", "invite", "approval")


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds now. …_decided: an owner decided it in the console, and the configuration does not count."""

    sign_up: SignUpMode
    starter_credits: Nanocredits
    starter_days: int
    sign_up_decided: bool
    starter_decided: bool
    changed_at: datetime


async def effective(connection: Connection, settings: Accounts) -> Policy:
    """Return what holds now."""
    return _effective(await store.decided(connection), settings)


async def decide(
    connection: Connection,
    settings: Accounts,
    *,
    sign_up: SignUpMode | None,
    starter_credits: Nanocredits | None,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Decide who may come in and what they are given; None goes back to the configuration. Returns the audit line.

    Errors  InvalidValue
    """
    if sign_up is not None and sign_up not in MODES:
        raise InvalidValue(f"The mode of sign-up is {', '.join(MODES)}.", param="sign_up")
    if starter_credits is not None and not 0 <= starter_credits <= LARGEST_AMOUNT:
        raise InvalidValue("Starter Credits are an amount from 0 on.", param="starter_credits")
    before = _effective(await store.lock(connection), settings)
    await store.decide(connection, sign_up, starter_credits)
    after = _effective(await store.decided(connection), settings)
    return await audit.record(
        connection, actor, "access.policy", "access", reason=reason, before=_shown(before), after=_shown(after)
    )


def _effective(decided: Decided, settings: Accounts) -> Policy:
    configured = parse_credits(settings.starter_credits)
    return Policy(
        sign_up=settings.sign_up if decided.sign_up is None else cast(SignUpMode, decided.sign_up),
        starter_credits=Nanocredits(configured if decided.starter_credits is None else decided.starter_credits),
        starter_days=settings.starter_days,
        sign_up_decided=decided.sign_up is not None,
        starter_decided=decided.starter_credits is not None,
        changed_at=decided.changed_at,
    )


def _shown(policy: Policy) -> dict[str, object]:
    return {
        "sign_up": policy.sign_up,
        "sign_up_from": "console" if policy.sign_up_decided else "configuration",
        "starter_credits": format_credits(policy.starter_credits),
        "starter_credits_from": "console" if policy.starter_decided else "configuration",
    }
