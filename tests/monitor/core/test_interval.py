"""Intervals and probabilities agree with the normal distribution and with each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.interval import count_interval, probability_at_least

counts, variances = st.floats(0, 5000), st.floats(1e-6, 1e6)


@given(counts, variances, st.floats(0.01, 0.99))
def test_interval_holds_the_count_and_no_negative_people(count, variance, level):
    """The expected count is always inside, and the lower bound is never below zero."""
    low, high = count_interval(count, variance, level=level)

    assert 0 <= low <= count <= high


def test_interval_holds_the_stated_share_of_draws():
    """Of 20,000 normal draws, 90 % lie in the interval (four standard errors allowed)."""
    draws = np.random.default_rng(0).normal(100, 8, 20_000)

    low, high = count_interval(100, 64)

    assert np.mean((low <= draws) & (draws <= high)) == pytest.approx(0.9, abs=4 * 0.3 / 141)


@given(counts, variances)
def test_half_of_the_probability_lies_above_the_count(count, variance):
    """The count is the median."""
    assert probability_at_least(count, count=count, variance=variance) == pytest.approx(0.5)


@given(counts, variances, st.floats(0, 5000), st.floats(0, 100))
def test_higher_limits_are_less_probable(count, variance, limit, more):
    """Probability falls with the limit and stays between 0 and 1."""
    near = probability_at_least(limit, count=count, variance=variance)
    far = probability_at_least(limit + more, count=count, variance=variance)

    assert 0 <= far <= near <= 1


def test_upper_bound_is_reached_with_half_the_rest():
    """Five percent lie above the upper bound of the 90 % interval."""
    _, high = count_interval(250, 400)

    assert probability_at_least(high, count=250, variance=400) == pytest.approx(0.05)


@pytest.mark.parametrize(("limit", "expected"), [(9.99, 1.0), (10.0, 1.0), (10.01, 0.0)])
def test_certain_count_is_compared(limit, expected):
    """Without variance there is no doubt."""
    assert probability_at_least(limit, count=10, variance=0) == expected


@pytest.mark.parametrize(("variance", "level"), [(-1, 0.9), (1, 0), (1, 1)])
def test_impossible_arguments_are_refused(variance, level):
    """Negative variances and certain levels are mistakes of the caller."""
    with pytest.raises(ValueError, match=r"variance|level"):
        count_interval(5, variance, level=level)
