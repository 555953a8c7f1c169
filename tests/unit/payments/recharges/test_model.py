import dataclasses
import re
from datetime import UTC, datetime

import pytest

from omna.errors import InvalidValue
from omna.ids import RechargeId, WorkspaceId, new_id, show
from omna.payments.recharges.model import (
    FROM,
    LIVE,
    OVER,
    Received,
    Recharge,
    Sought,
    State,
    check_note,
    check_payer_reference,
    describe,
    make_reference,
    normalise_reference,
    sought,
)

NOW = datetime(2026, 11, 26, tzinfo=UTC)
RECHARGE = Recharge(
    workspace_id=WorkspaceId(new_id()),
    recharge_id=RechargeId(new_id()),
    created_by=None,
    channel="manual",
    state="submitted",
    client_token="token-12",
    reference="OMNA-0000-0000",
    credits=1,
    bonus=0,
    price_minor=1000,
    fee_minor=29,
    currency="usd",
    terms_version="2026-11",
    billing={},
    created_at=NOW,
    expires_at=NOW,
    method_id=None,
    payer_reference="",
    payer_words="",
    paid_on=None,
    note="",
    proof_id=None,
    proof_name="",
    proof_type="",
    proof_size=0,
    proof_sha256="",
    submitted_at=None,
    submitted_by=None,
    question="",
    duplicate_of=None,
    reviewer_id=None,
    review_until=None,
    locked=False,
    first_approver=None,
    first_approved_at=None,
    first_credits=None,
    decided_by=None,
    decided_at=None,
    processor=None,
    test_mode=False,
    session_id=None,
    session_url=None,
    failure="",
    flag="",
    credited_at=None,
    save_method=False,
    received=None,
)


def at(state: str, channel: str = "manual", received: Received | None = None) -> Recharge:
    return dataclasses.replace(RECHARGE, state=state, channel=channel, received=received)


def may(recharge: Recharge) -> set[str]:
    return {act for act in FROM if recharge.may(act)}


@pytest.mark.parametrize(
    ("state", "channel", "acts"),
    [
        ("awaiting_proof", "manual", {"submit", "cancel", "expire"}),
        ("submitted", "manual", {"submit", "cancel", "decide", "ask"}),
        ("needs_information", "manual", {"submit", "cancel", "expire", "decide", "ask"}),
        ("rejected", "manual", {"retry"}),
        ("duplicate", "manual", set()),
        ("credited", "manual", {"refund"}),
        ("reversed", "manual", set()),
        ("cancelled", "manual", {"retry"}),
        ("expired", "manual", {"retry"}),
        ("created", "checkout", {"cancel", "check"}),
        ("open", "checkout", {"cancel", "check"}),
        ("awaiting_payment", "checkout", {"check"}),
        ("failed", "checkout", {"check", "retry"}),
        ("expired", "checkout", {"check", "retry"}),
        ("submitted", "checkout", {"decide", "ask"}),
        ("credited", "top_up", {"refund"}),
    ],
)
def test_every_state_has_its_acts(state: str, channel: str, acts: set[str]) -> None:
    assert may(at(state, channel)) == acts


def test_every_state_has_words_and_is_live_over_or_credited() -> None:
    for state in State:
        assert describe(at(state))
        assert (state in LIVE) + (state in OVER) + (state in ("credited", "reversed")) == 1


def test_only_what_was_handed_in_or_does_not_fit_can_be_approved() -> None:
    money = Received("pi_1", 5, "usd")
    assert [state for state in State if at(state).decidable] == ["submitted", "needs_information"]
    assert [state for state in State if at(state, "checkout").decidable] == []
    assert at("submitted", "checkout", money).decidable
    assert not at("rejected", "checkout", dataclasses.replace(money, turned_down=True)).decidable


def test_a_locked_order_reads_as_in_review() -> None:
    assert dataclasses.replace(RECHARGE, locked=True).shown_state == "in_review"
    assert dataclasses.replace(RECHARGE, locked=True, state="credited").shown_state == "credited"


def test_references_are_short_and_have_no_look_alikes() -> None:
    made = {make_reference() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"OMNA-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", one) for one in made)


@pytest.mark.parametrize("text", ["wire 12-34", "WIRE1234", "  Wire/12.34 ", "\uff37ire 12 34"])
def test_references_of_banks_are_compared_without_their_clothes(text: str) -> None:
    assert normalise_reference(text) == "WIRE1234"


@pytest.mark.parametrize("text", ["", "  ", "---", "x" * 101])
def test_a_reference_says_something(text: str) -> None:
    with pytest.raises(InvalidValue):
        check_payer_reference(text)


def test_a_note_ends() -> None:
    assert check_note(" a\nb ") == "a\nb"
    with pytest.raises(InvalidValue):
        check_note("x" * 1001)


def test_a_search_reads_ids_references_and_addresses() -> None:
    identifier = new_id()
    assert sought(show("rch", identifier)) == Sought(identifier=identifier)
    assert sought(None) == sought("  ") == Sought()
    assert sought("Ann@Example.com") == Sought(None, "ANN@EXAMPLE.COM", "ANNEXAMPLECOM", "ann@example.com")
