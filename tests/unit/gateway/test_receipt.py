"""The lines of a receipt are the charge, class by class."""

from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import Rates
from omna.gateway.metering import charge
from omna.gateway.model import Tokens
from omna.gateway.receipt import receipt_lines

counts = st.integers(0, 10_000)
prices = st.integers(0, 10**10)


@st.composite
def used(draw: st.DrawFn) -> Tokens:
    cached, written, heard, seen = (draw(counts) for _ in range(4))
    reasoning, spoken, painted = (draw(counts) for _ in range(3))
    return Tokens(
        cached + written + heard + seen + draw(counts), reasoning + spoken + painted + draw(counts), cached, written,
        reasoning, heard, spoken, seen, painted, draw(counts), draw(counts), draw(counts),
    )  # fmt: skip


rates = st.builds(
    Rates, prices, prices, prices, prices, prices, prices,
    st.none() | prices, st.none() | prices, st.none() | prices, st.none() | prices, prices, prices, prices,
)  # fmt: skip


@given(used(), rates)
def test_the_costs_of_the_lines_are_the_unrounded_charge(tokens: Tokens, price: Rates) -> None:
    unrounded = charge(tokens, price).unrounded
    lines = receipt_lines(tokens, price, unrounded)
    assert sum(line.cost for line in lines) == unrounded
    assert all(line.count > 0 for line in lines)


@given(used(), rates)
def test_a_request_that_was_broken_off_shows_no_price_per_request(tokens: Tokens, price: Rates) -> None:
    made = charge(tokens, price)
    lines = receipt_lines(tokens, price, made.unrounded - made.request)
    assert sum(line.cost for line in lines) == made.unrounded - made.request
