"""Rates: true while it goes on, falling as soon as it stops."""

import pytest

from monitor.engine.camera import RateMeter


@pytest.mark.parametrize("rate_hz", [0.5, 2.0, 25.0])
def test_a_steady_rate_is_what_it_is(rate_hz: float) -> None:
    """Events at equal distances give their rate, right after the last as before the next."""
    meter = RateMeter(window_s=5.0)
    now_s = 100.0
    for _ in range(round(10 * rate_hz) + 1):
        meter.mark(now_s)
        now_s += 1 / rate_hz

    assert meter.rate_hz(now_s - 1 / rate_hz) == pytest.approx(rate_hz)
    assert meter.rate_hz(now_s) == pytest.approx(rate_hz)


def test_the_rate_of_what_has_stopped_falls_to_nothing() -> None:
    """Never up, and 0 once the window is empty."""
    meter = RateMeter(window_s=5.0)
    for number in range(51):
        meter.mark(number / 10)

    rates = [meter.rate_hz(5.0 + wait_s / 10) for wait_s in range(60)]

    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(10.0)
    assert rates[20] < 8.0
    assert rates[-1] == 0.0


def test_less_than_two_events_are_no_rate() -> None:
    """One event says nothing of a rate, and two at one moment neither."""
    meter = RateMeter()

    assert meter.rate_hz(0.0) == 0.0
    meter.mark(1.0)
    assert meter.rate_hz(1.0) == 0.0
    meter.mark(1.0)
    assert meter.rate_hz(1.0) == 0.0


def test_several_marks_at_once_are_a_rate_too() -> None:
    """Every second event is told, each for two: the rate is that of all."""
    one_by_one, in_pairs = RateMeter(), RateMeter()
    for number in range(101):
        one_by_one.mark(number / 25)
        if number % 2 == 0:
            in_pairs.mark(number / 25, times=2)

    assert in_pairs.rate_hz(4.0) == pytest.approx(one_by_one.rate_hz(4.0), rel=0.02)
