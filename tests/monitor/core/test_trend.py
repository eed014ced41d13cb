"""Changes and forecasts: closed forms, wrong counts among them, no answer where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.trend import MinuteChange, forecast


@pytest.mark.parametrize("rate_hz", [0.2, 1.0, 7.3])
def test_a_steady_growth_is_its_slope_at_every_rate(rate_hz):
    """Thirty people a minute, however often they are counted."""
    change = MinuteChange()
    seen = [change.update(100 + 0.5 * at_s, at_s) for at_s in np.arange(0, 180, 1 / rate_hz)]

    known = [one for one in seen if one is not None]
    assert known == pytest.approx([30.0] * len(known))
    assert len(known) == pytest.approx(120 * rate_hz, abs=1)


def test_nothing_is_said_before_a_minute():
    """And nothing after a break until there is a minute again."""
    change = MinuteChange()
    first = [change.update(5, at_s) for at_s in range(60)]
    there = change.update(5, 60)
    after = [change.update(50, at_s) for at_s in range(80, 139)]

    assert set(first) == {None}
    assert there == 0
    assert set(after) == {None}
    assert change.update(50, 140) == 0


def test_a_clock_that_goes_back_begins_anew():
    """No change is made up from a minute that was not."""
    change = MinuteChange()
    for at_s in range(100):
        change.update(at_s, at_s)

    assert change.update(5, 50) is None


def test_a_line_reaches_its_limit_when_it_must():
    """From 50 on, two more each minute: 80 after 15 minutes, 5 of which have passed."""
    values = [(at_s, 50 + 2 * at_s / 60) for at_s in range(0, 301, 5)]

    found = forecast(values, 80.0)

    assert found.per_minute == pytest.approx(2.0)
    assert found.in_s == pytest.approx(600.0)


@given(st.integers(0, 2**32 - 1))
def test_a_quarter_of_wrong_counts_does_not_matter(seed):
    """Flashes and torn pictures leave the answer where it was, to a minute in ten."""
    random = np.random.default_rng(seed)
    at_s = np.arange(0, 300, 3.0)
    value = 50 + 2 * at_s / 60 + random.normal(0, 0.2, len(at_s))
    value[random.choice(len(at_s), len(at_s) // 4, replace=False)] *= 0.1

    found = forecast(list(zip(at_s, value, strict=True)), 80.0)

    assert found.in_s == pytest.approx(603, abs=90)


@pytest.mark.parametrize(
    ("slope", "limit", "is_low", "in_s"),
    [
        (0.0, 60.0, False, None),
        (-1.0, 60.0, False, None),
        (0.1, 60.0, False, None),
        (1.0, 50.0, False, 0.0),
        (-1.0, 40.0, True, 10 * 60.0),
        (1.0, 40.0, True, None),
        (-1.0, 60.0, True, 0.0),
    ],
    ids=["level", "falling", "in 100 min", "reached", "low, falling", "low, rising", "low, there"],
)
def test_not_within_half_an_hour_is_an_answer(slope, limit, is_low, in_s):
    """From 50 now, so many a minute."""
    values = [(at_s, 50 + slope * (at_s - 120) / 60) for at_s in range(0, 121, 10)]

    found = forecast(values, limit, is_low=is_low)

    assert found.in_s == (None if in_s is None else pytest.approx(in_s))


def test_two_moments_are_no_trend():
    """Nor are many counts at one moment."""
    assert forecast([(0, 1), (1, 2)], 5.0) is None
    assert forecast([(0, 1)] * 9, 5.0) is None
    assert forecast([], 5.0) is None


def test_an_hour_of_counts_is_thinned_out():
    """Seven thousand counts give the same line."""
    values = [(at_s / 2, at_s / 120) for at_s in range(7200)]

    assert forecast(values, 100.0).per_minute == pytest.approx(1.0)
