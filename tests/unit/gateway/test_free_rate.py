from omna.gateway.free_rate import MOST_KEYS, FreeRate


def test_a_minutes_worth_is_there_at_once_and_fills_evenly() -> None:
    rate = FreeRate(60)
    assert [rate.wait(b"a", 0.0) for _ in range(60)] == [0.0] * 60
    assert rate.wait(b"a", 0.0) == 1.0
    assert rate.wait(b"a", 0.5) == 0.5
    assert rate.wait(b"a", 1.0) == 0.0
    assert rate.wait(b"a", 1.0) == 1.0


def test_request_at_the_hinted_moment_is_admitted() -> None:
    rate = FreeRate(7)
    now = 0.0
    for _ in range(50):
        wait = rate.wait(b"a", now)
        if wait:
            now += wait + 1e-9
            assert rate.wait(b"a", now) == 0.0


def test_keys_are_apart_and_none_means_no_limit() -> None:
    rate = FreeRate(1)
    assert rate.wait(b"a", 0.0) == rate.wait(b"b", 0.0) == 0.0
    assert rate.wait(b"a", 0.0) > 0
    free = FreeRate(0)
    assert all(free.wait(b"a", 0.0) == 0.0 for _ in range(1000))


def test_memory_is_bounded_and_the_silent_are_forgotten_first() -> None:
    rate = FreeRate(1)
    rate.wait(b"busy", 0.0)
    for number in range(MOST_KEYS - 1):
        rate.wait(str(number).encode(), 0.0)
    assert rate.wait(b"busy", 1.0) > 0
    rate.wait(b"one more", 1.0)
    assert rate.wait(b"busy", 1.0) > 0
    assert rate.wait(b"0", 1.0) == 0.0
