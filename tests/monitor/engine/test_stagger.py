"""Spreading: no two openings closer than the spacing, and nobody waits without need."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.reader import OpeningRateLimiter


def test_thirty_cameras_take_three_seconds() -> None:
    """All ask at once; each gets a moment of its own."""
    rate_limiter = OpeningRateLimiter(0.1)

    waits_s = [rate_limiter.reserve(100.0) for _ in range(30)]

    assert waits_s == pytest.approx([number / 10 for number in range(30)])


def test_who_comes_alone_does_not_wait() -> None:
    """The last opening was long ago."""
    rate_limiter = OpeningRateLimiter(0.1)
    rate_limiter.reserve(100.0)

    assert rate_limiter.reserve(100.5) == 0.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_openings_are_never_closer_than_the_spacing(gaps_s: list[float]) -> None:
    """Whenever they ask; and nobody waits longer than all before them need."""
    rate_limiter, now_s, moments_s = OpeningRateLimiter(0.25), 0.0, []
    for place, gap_s in enumerate(gaps_s):
        now_s += gap_s
        wait_s = rate_limiter.reserve(now_s)
        moments_s.append(now_s + wait_s)

        assert 0 <= wait_s <= 0.25 * place + 1e-9

    gaps = [later - earlier for earlier, later in itertools.pairwise(moments_s)]
    assert all(gap >= 0.25 - 1e-9 for gap in gaps)
