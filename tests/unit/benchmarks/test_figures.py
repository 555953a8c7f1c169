"""Quantiles and spreads are exact: a report rests on them."""

import pytest

from benchmarks.figures import quantile, spread


def test_quantile_is_the_nearest_rank() -> None:
    samples = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [quantile(samples, share) for share in (0.2, 0.5, 0.8, 0.99, 1.0)] == [1.0, 3.0, 4.0, 5.0, 5.0]


def test_quantile_of_a_hundred_samples_leaves_one_percent_above() -> None:
    assert quantile([float(number) for number in range(1, 101)], 0.99) == 99.0


def test_quantile_without_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        quantile([], 0.5)


def test_spread_of_an_even_count_takes_the_mean_of_the_middle() -> None:
    found = spread([4.0, 1.0, 2.0, 8.0])
    assert (found.low, found.median, found.high, found.rounds) == (1.0, 3.0, 8.0, 4)


def test_spread_of_an_odd_count_takes_the_middle() -> None:
    assert spread([9.0, 1.0, 5.0]).median == 5.0
