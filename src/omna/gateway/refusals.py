"""PURE: a verdict of gateway_admit() becomes an error that names the limit, its numbers and a remedy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omna import errors
from omna.errors import Limit, OmnaError, frozen_sentence
from omna.gateway.model import Rate, Ticket
from omna.money import format_credits

#: The longest wait a Retry-After may name: the SDKs give up on, or ignore, longer ones.
LONGEST_RETRY_AFTER = 60.0

_ADD_CREDITS = "Add Credits, lower max_tokens, or wait for running requests."
#: The same to somebody who chats.
_ADD_CREDITS_TO_CHAT = "Add Credits, choose a cheaper model or a shorter answer, or wait for what is running."
_WAIT_FOR_RESET = "Raise the daily limit, or wait until it resets."
#: Verdicts by what the operator lets a provider or model cost.
_CAPS = ("model_cap", "provider_cap")
_PERIODS = {
    "key_daily": "daily",
    "key_weekly": "weekly",
    "key_monthly": "monthly",
    "key_total": "total",
    "member_daily": "daily",
    "member_weekly": "weekly",
    "member_monthly": "monthly",
}


def refusal(verdict: Mapping[str, Any], ticket: Ticket, alternative: str | None = None) -> OmnaError:
    """Return the error of a verdict that is not an admission. alternative: another model that a cap leaves."""
    error = _capped(verdict, ticket, alternative) if verdict["verdict"] in _CAPS else _refusal(verdict, ticket)
    error.rate = rate_of(verdict)
    return error


def stopped(note: str) -> errors.EmergencyStop:
    """Return the error of a stop. note: its scope, and what everybody may read about it in the next line."""
    scope, _, message = note.partition("\n")
    text = f"The operator has stopped this service for now: {message}" if message else None
    return errors.EmergencyStop(text, retry_after=LONGEST_RETRY_AFTER, metadata={"scope": scope})


def chat_not_allowed() -> errors.Forbidden:
    """Return what somebody hears who was removed, got a role without chat, or whose account was disabled."""
    return errors.Forbidden("You may not chat in this workspace any more. Ask one of its owners or admins.")


def rate_of(verdict: Mapping[str, Any]) -> Rate | None:
    """Return the request rate of the key after a verdict, None for a key without a limit."""
    if verdict["rpm"] is None:
        return None
    return Rate(verdict["rpm"], verdict["rpm_left"], verdict["rpm_full_at"], verdict["decided_at"])


def _refusal(verdict: Mapping[str, Any], ticket: Ticket) -> OmnaError:
    model = ticket.model.model_id
    chats = ticket.source == "chat"
    match verdict["verdict"]:
        case "emergency_stop":
            return stopped(verdict["note"])
        case "invalid_api_key" if chats:
            return errors.NotFound("There is no such workspace any more.")
        case "invalid_api_key":
            return errors.InvalidApiKey()
        case "key_disabled":
            return errors.KeyDisabled("This key is switched off. Switch it on again, or use another key.")
        case "key_orphaned":
            return errors.KeyDisabled(
                "Whoever made this key may not have keys in this workspace any more. Ask its owner for another key."
            )
        case "email_not_verified":
            return errors.EmailNotVerified(
                "Verify the e-mail address of this account first: open the link in the mail, or ask for another one "
                "in the workspace."
            )
        case "awaiting_approval":
            return errors.AwaitingApproval()
        case "account_frozen":
            return errors.AccountFrozen(frozen_sentence("This workspace", verdict["note"]))
        case "maker_frozen":
            return errors.AccountFrozen(frozen_sentence("The account of whoever made this key", verdict["note"]))
        case "person_frozen":
            return errors.AccountFrozen(frozen_sentence("Your account", verdict["note"]))
        case "chat_not_allowed":
            return chat_not_allowed()
        case "model_not_allowed":
            return errors.ModelNotAllowed(f"This key may not use {model!r}. Its owner can allow it.", param="model")
        case "key_rpm":
            limit = _limit(verdict, "key", "requests", 1, "Wait, or raise the key's requests per minute.")
            wait = _seconds_until(limit.resets_at, verdict["decided_at"])
            return errors.RateLimitExceeded(
                f"This key may make {limit.limit} requests in any 60 seconds; the next is possible in {wait:.1f} s.",
                limit=limit,
                retry_after=wait,
            )
        case "key_concurrency" | "workspace_concurrency" as bound:
            scope, subject = ("key", "key") if bound == "key_concurrency" else ("account", "workspace")
            limit = _limit(verdict, scope, "requests", 1, "Wait until a request ends, or raise the bound.")
            return errors.RateLimitExceeded(
                f"This {subject} may have {limit.limit} requests running at the same time.", limit=limit, retry_after=1
            )
        case "key_limit":
            remedy = "Raise the key's limit, or wait until it resets."
            if verdict["limit_name"] == "key_total":
                remedy = "Raise the key's limit, or use another key."
            limit = _limit(verdict, "key", "credits", ticket.amount, remedy)
            return errors.KeyLimitExceeded(_spent(f"The {_PERIODS[limit.name]} limit of this key", limit), limit=limit)
        case "member_limit":
            limit = _limit(
                verdict,
                "member",
                "credits",
                ticket.amount,
                "Ask an owner or admin of the workspace to raise it, or wait until it resets.",
            )
            if chats:
                text = _spent(f"Your {_PERIODS[limit.name]} limit in this workspace", limit) + _resets(limit)
            else:
                text = _spent(f"The {_PERIODS[limit.name]} limit of the member whose key this is", limit)
            return errors.MemberLimitExceeded(text, limit=limit)
        case "workspace_limit":
            limit = _limit(
                verdict, "account", "credits", ticket.amount, "Raise the daily limit, or wait until it resets."
            )
            return errors.UserLimitExceeded(_spent("The daily limit of this workspace", limit), limit=limit)
        case "balance":
            remedy = _ADD_CREDITS_TO_CHAT if chats else _ADD_CREDITS
            limit = _limit(verdict, "account", "credits", ticket.amount, remedy)
            return errors.InsufficientCredits(
                f"This request needs up to {format_credits(limit.required)} Credits; "
                f"{format_credits(limit.available)} are available (balance {format_credits(limit.limit)}, "
                f"held {format_credits(limit.held)}). {remedy}",
                limit=limit,
            )
        case "stale_catalog":
            return errors.ServiceUnavailable("Prices are changing right now; try again.", retry_after=1)
        case "resolved":
            return errors.ServiceUnavailable(retry_after=2)
        case other:
            raise AssertionError(f"gateway_admit gave a verdict nobody knows: {other}")


def _capped(verdict: Mapping[str, Any], ticket: Ticket, alternative: str | None) -> OmnaError:
    scope = "model" if verdict["verdict"] == "model_cap" else "provider"
    until = verdict["resets_at"]
    other = "another model" if alternative is None else repr(alternative)
    limit = _limit(verdict, scope, "credits", ticket.provider_amount, f"Use {other}, or wait until it resets.")
    error = errors.SpendCapReached(
        f"{ticket.model.model_id!r} is paused for {_span(verdict)}: the operator's cap for this {scope} is reached. "
        f"It resets at {until:%Y-%m-%d %H:%M} UTC. Adding Credits does not help; try {other}. Nothing was charged.",
        limit=limit,
        retry_after=LONGEST_RETRY_AFTER,
    )
    if alternative is not None:
        error.metadata["alternative_model"] = alternative
    return error


def _span(verdict: Mapping[str, Any]) -> str:
    return "this month" if verdict["limit_name"] == "provider_monthly" else "today"


def _limit(verdict: Mapping[str, Any], scope: str, unit: str, required: int, remedy: str) -> Limit:
    return Limit(
        name=verdict["limit_name"],
        scope=scope,
        unit=unit,
        limit=verdict["limit_amount"],
        used=verdict["used"],
        held=verdict["held"],
        required=required,
        resets_at=verdict["resets_at"],
        remedy=remedy,
    )


def _spent(subject: str, limit: Limit) -> str:
    return (
        f"{subject} is {format_credits(limit.limit)} Credits; {format_credits(limit.used)} are used, "
        f"{format_credits(limit.held)} held, and this request needs up to {format_credits(limit.required)}."
    )


def _resets(limit: Limit) -> str:
    return "" if limit.resets_at is None else f" It resets at {limit.resets_at:%Y-%m-%d %H:%M} UTC."


def _seconds_until(moment: datetime | None, now: datetime) -> float:
    return 1.0 if moment is None else max(0.0, (moment - now).total_seconds())
