"""When a mail is tried again."""

from datetime import timedelta

from omna.mail.outcome import LONGEST_PAUSE, PATIENCE, pause_after


def test_pauses_grow_and_a_day_has_few_of_them() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 12)]
    assert pauses[:5] == [timedelta(seconds=30), *(timedelta(minutes=2 * 4**n) for n in range(4))]
    assert pauses[-1] == LONGEST_PAUSE
    assert sum(pauses[:9], timedelta()) > PATIENCE


def test_a_mail_that_was_tried_a_thousand_times_has_a_pause_too() -> None:
    assert pause_after(1000) == LONGEST_PAUSE
