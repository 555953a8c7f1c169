from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from omna import errors
from omna.errors import OmnaError
from omna.gateway.refusals import LONGEST_RETRY_AFTER, rate_of, refusal
from omna.money import NANO_PER_CREDIT
from tests.unit.gateway.made import ticket

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 5, 5, tzinfo=UTC)


def verdict(name: str, **numbers: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("limit_name", "limit_amount", "used", "held", "resets_at", "note", "rpm", "rpm_left", "rpm_full_at")
    )
    return {**nothing, "verdict": name, "decided_at": NOW, **numbers}


def refused(name: str, **numbers: Any) -> OmnaError:
    return refusal(verdict(name, **numbers), ticket(amount=3 * NANO_PER_CREDIT))


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("emergency_stop", errors.EmergencyStop, 503),
        ("invalid_api_key", errors.InvalidApiKey, 401),
        ("key_disabled", errors.KeyDisabled, 403),
        ("key_orphaned", errors.KeyDisabled, 403),
        ("email_not_verified", errors.EmailNotVerified, 403),
        ("awaiting_approval", errors.AwaitingApproval, 403),
        ("account_frozen", errors.AccountFrozen, 403),
        ("maker_frozen", errors.AccountFrozen, 403),
        ("person_frozen", errors.AccountFrozen, 403),
        ("chat_not_allowed", errors.Forbidden, 403),
        ("model_not_allowed", errors.ModelNotAllowed, 403),
        ("stale_catalog", errors.ServiceUnavailable, 503),
        ("resolved", errors.ServiceUnavailable, 503),
    ],
)
def test_verdicts_without_numbers_have_their_error(name: str, kind: type[OmnaError], status: int) -> None:
    error = refused(name, note="unpaid invoice")
    assert type(error) is kind
    assert (error.status, error.limit) == (status, None)


def test_freeze_says_why_and_model_says_which() -> None:
    assert ": unpaid invoice. Ask" in refused("account_frozen", note="unpaid invoice.").message
    assert "'small'" in refused("model_not_allowed").message
    assert refused("model_not_allowed").param == "model"


@pytest.mark.parametrize(
    ("name", "limit_name", "kind", "scope"),
    [
        ("key_limit", "key_daily", errors.KeyLimitExceeded, "key"),
        ("key_limit", "key_weekly", errors.KeyLimitExceeded, "key"),
        ("key_limit", "key_monthly", errors.KeyLimitExceeded, "key"),
        ("key_limit", "key_total", errors.KeyLimitExceeded, "key"),
        ("member_limit", "member_daily", errors.MemberLimitExceeded, "member"),
        ("member_limit", "member_weekly", errors.MemberLimitExceeded, "member"),
        ("member_limit", "member_monthly", errors.MemberLimitExceeded, "member"),
        ("workspace_limit", "user_daily", errors.UserLimitExceeded, "account"),
        ("model_cap", "model_daily", errors.SpendCapReached, "model"),
        ("provider_cap", "provider_daily", errors.SpendCapReached, "provider"),
    ],
)
def test_limit_is_named_with_what_is_used_left_needed_and_when_it_resets(
    name: str, limit_name: str, kind: type[OmnaError], scope: str
) -> None:
    credit = NANO_PER_CREDIT
    error = refused(
        name, limit_name=limit_name, limit_amount=10 * credit, used=5 * credit, held=4 * credit, resets_at=MIDNIGHT
    )
    limit = error.limit
    assert type(error) is kind
    assert limit is not None
    assert (limit.name, limit.scope, limit.unit, limit.resets_at) == (limit_name, scope, "credits", MIDNIGHT)
    assert (limit.limit, limit.used, limit.held, limit.required) == (10 * credit, 5 * credit, 4 * credit, 3 * credit)
    assert limit.available == credit
    assert limit.remedy


def test_nobody_who_chats_reads_of_keys() -> None:
    credit = NANO_PER_CREDIT
    chat = ticket(amount=3 * credit)
    chat.source = "chat"
    numbers = {"limit_amount": 10 * credit, "used": 5 * credit, "held": 4 * credit, "resets_at": MIDNIGHT}
    told = {
        name: refusal(verdict(name, note="cards", limit_name=limit_name, **numbers), chat)
        for name, limit_name in (
            ("invalid_api_key", None), ("person_frozen", None), ("account_frozen", None), ("chat_not_allowed", None),
            ("email_not_verified", None), ("awaiting_approval", None), ("member_limit", "member_weekly"),
            ("workspace_limit", "user_daily"), ("balance", "balance"), ("workspace_concurrency", "user_concurrency"),
            ("model_cap", "model_daily"), ("emergency_stop", None), ("stale_catalog", None), ("resolved", None),
        )
    }  # fmt: skip
    for name, error in told.items():
        remedy = "" if error.limit is None else error.limit.remedy
        assert not {"key", "keys", "max_tokens"} & set((error.message + " " + remedy).lower().split()), name
    assert told["person_frozen"].message.startswith("Your account is frozen: cards.")
    assert (told["person_frozen"].status, told["invalid_api_key"].status) == (403, 404)
    assert told["member_limit"].message == (
        "Your weekly limit in this workspace is 10 Credits; 5 are used, 4 held, and this request needs up to 3."
        " It resets at 2026-05-05 00:00 UTC."
    )


def test_balance_says_how_much_is_needed_and_how_much_is_there() -> None:
    error = refused(
        "balance", limit_name="balance", limit_amount=2 * NANO_PER_CREDIT, used=0, held=NANO_PER_CREDIT // 2
    )
    assert type(error) is errors.InsufficientCredits
    assert "needs up to 3 Credits; 1.5 are available (balance 2, held 0.5)" in error.message


def test_cap_says_that_credits_do_not_help_and_never_asks_to_wait_for_a_day() -> None:
    error = refused("model_cap", limit_name="model_daily", limit_amount=1, used=1, held=0, resets_at=MIDNIGHT)
    assert "'small' is paused for today" in error.message
    assert "resets at 2026-05-05 00:00 UTC. Adding Credits does not help; try another model." in error.message
    assert error.retry_after == LONGEST_RETRY_AFTER


def test_cap_of_a_month_names_its_span_and_the_model_to_try() -> None:
    numbers = {"limit_name": "provider_monthly", "limit_amount": 1, "used": 1, "held": 0, "resets_at": MIDNIGHT}
    error = refusal(verdict("provider_cap", **numbers), ticket(amount=3), "other/one")
    assert "paused for this month" in error.message
    assert "try 'other/one'" in error.message
    assert error.metadata["alternative_model"] == "other/one"


@pytest.mark.parametrize(("resets", "wait"), [(12.5, 12.5), (0, 0.0), (-3, 0.0)])
def test_rate_says_when_the_next_request_is_possible(resets: float, wait: float) -> None:
    error = refused(
        "key_rpm", limit_name="key_rpm", limit_amount=60, used=60, held=0, resets_at=NOW + timedelta(seconds=resets),
        rpm=60, rpm_left=0, rpm_full_at=NOW + timedelta(seconds=59),
    )  # fmt: skip
    assert type(error) is errors.RateLimitExceeded
    assert error.retry_after == wait
    assert "60 requests" in error.message
    assert error.limit is not None
    assert (error.limit.unit, error.limit.limit, error.limit.used) == ("requests", 60, 60)
    assert (error.rate.limit, error.rate.left) == (60, 0)


def test_key_without_a_rate_has_none() -> None:
    assert rate_of(verdict("balance")) is None


def test_refusal_for_another_reason_carries_the_rate_as_well() -> None:
    error = refused("account_frozen", note="x", rpm=5, rpm_left=4, rpm_full_at=NOW)
    assert (error.rate.limit, error.rate.left) == (5, 4)


def test_unknown_verdict_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError, match="sideways"):
        refused("sideways")
