"""Which frames are due: laws of the rate, whatever the frames' own."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.worker import Sieve


def passed(moments_s: list[float], rate_hz: float) -> list[float]:
    """Give the moments of the frames that pass."""
    sieve = Sieve(rate_hz)
    return [one for one in moments_s if sieve.passes(one)]


@pytest.mark.parametrize(
    ("source_hz", "wanted_hz", "expected"),
    [(25, 12.5, 500), (25, 10, 400), (30, 12.5, 500), (10, 12.5, 400), (25, math.inf, 1000)],
)
def test_the_rate_is_the_smaller_of_both(source_hz: int, wanted_hz: float, expected: int) -> None:
    """Over forty seconds, to within a frame or two."""
    moments_s = [number / source_hz for number in range(40 * source_hz)]

    assert len(passed(moments_s, wanted_hz)) == pytest.approx(expected, abs=2)


@given(
    st.lists(st.floats(min_value=0.001, max_value=2.0), min_size=2, max_size=200),
    st.sampled_from([1.0, 5.0, 12.5]),
)
def test_no_second_gets_more_than_its_share(gaps_s: list[float], rate_hz: float) -> None:
    """Frames that come in bursts are thinned too: never more than rate · time + 2."""
    moments_s = [sum(gaps_s[: place + 1]) for place in range(len(gaps_s))]
    found = passed(moments_s, rate_hz)

    assert found[0] == moments_s[0]
    for place, begin_s in enumerate(found):
        for count, end_s in enumerate(found[place:], start=1):
            assert count <= rate_hz * (end_s - begin_s) + 2 + 1e-6


def test_a_pause_is_not_made_up_for() -> None:
    """After ten silent seconds the frames come at the rate, not all at once."""
    moments_s = [0.0, *(10 + number / 25 for number in range(25))]

    assert len(passed(moments_s, 5.0)) == 1 + 5
