"""Whether a crowd grows or shrinks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ui.trend import Trend, trend_of, trend_words

OPPOSITE = {
    Trend.RISING: Trend.FALLING,
    Trend.RISING_FAST: Trend.FALLING_FAST,
    Trend.STEADY: Trend.STEADY,
}


@pytest.mark.parametrize(
    ("count", "per_minute", "trend"),
    [
        (100.0, None, Trend.UNKNOWN),
        (0.0, 0.0, Trend.STEADY),
        (3.0, 1.9, Trend.STEADY),
        (100.0, 4.9, Trend.STEADY),
        (100.0, 5.1, Trend.RISING),
        (100.0, 30.0, Trend.RISING_FAST),
        (100.0, -10.0, Trend.FALLING),
        (100.0, -40.0, Trend.FALLING_FAST),
    ],
)
def test_trends_by_hand(count, per_minute, trend):
    """5 % or 2 people are noise; a quarter in a minute is fast."""
    assert trend_of(count, per_minute) is trend


@given(st.floats(50, 1e4), st.floats(1.0, 3.0))
def test_the_way_back_has_the_opposite_arrow(before, growth):
    """A crowd that comes and goes as fast shows arrows of the same strength."""
    after = before * growth
    change = after - before
    if 0.05 * before <= change < 0.05 * after:
        return  # between: 5 % of the count before, less than 5 % of the count after

    assert trend_of(before, -change) is OPPOSITE[trend_of(after, change)]


def test_every_trend_can_be_said():
    """A screen reader has words for what others see."""
    assert all(trend_words(one) for one in Trend if one is not Trend.UNKNOWN)
