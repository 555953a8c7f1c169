"""What a seed does to an installation."""

from itertools import pairwise

from tests.trials.schedule import LONGEST_PAUSE, SHORTEST_PAUSE, Deed, draw


def test_same_seed_does_the_same_at_the_same_seconds() -> None:
    assert draw(7, 600) == draw(7, 600)
    assert draw(7, 600) != draw(8, 600)


def test_ten_minutes_hold_every_deed_with_time_between() -> None:
    acts = draw(7, 600)
    assert {act.deed for act in acts} == set(Deed)
    for before, after in pairwise(acts):
        assert SHORTEST_PAUSE - 0.02 <= after.at - before.at <= LONGEST_PAUSE + 0.02
    # What was done last has time to be mended.
    assert acts[-1].at <= 600 - LONGEST_PAUSE
