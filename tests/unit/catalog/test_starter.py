from datetime import UTC, datetime
from decimal import Decimal

from omna.catalog.starter import SHELVES, SMALL_PRICE, propose
from omna.providers.registry import host_named

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_known_model_is_proposed_at_its_list_price() -> None:
    proposal = propose("openai", "gpt-5-mini", Decimal(1), AT)
    assert proposal is not None
    assert proposal.rates.prompt == 250_000_000
    assert proposal.rates.completion == 2_000_000_000
    assert proposal.rates.cached == 25_000_000
    assert proposal.rates.reasoning == proposal.rates.completion


def test_a_credit_of_another_worth_changes_the_proposal() -> None:
    proposal = propose("openai", "gpt-5-mini", Decimal("0.1"), AT)
    assert proposal is not None
    assert proposal.rates.prompt == 2_500_000_000


def test_a_price_that_does_not_divide_is_rounded_up() -> None:
    proposal = propose("openai", "gpt-5-mini", Decimal(3), AT)
    assert proposal is not None
    assert proposal.rates.prompt == 83_333_334


def test_an_unknown_model_is_not_proposed() -> None:
    assert propose("openai", "no-such-model", Decimal(1), AT) is None
    assert propose("no-such-host", "gpt-5-mini", Decimal(1), AT) is None


def test_a_price_in_steps_is_proposed_for_its_first_step_only() -> None:
    proposal = propose("google", "gemini-2.5-pro", Decimal(1), AT)
    assert proposal is not None
    assert proposal.context_length == 200_000
    assert proposal.rates.prompt == 1_250_000_000


def test_every_shelf_has_a_host_with_a_key() -> None:
    for shelf in SHELVES:
        host = host_named(shelf.host)
        assert host is not None, shelf.host
        assert host.key_variable, shelf.host


def test_the_first_answer_is_not_free() -> None:
    assert SMALL_PRICE.prompt > 0
    assert SMALL_PRICE.completion > 0
