"""The running count: laws of the two stages."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.scene.crowd import CountSmoother, smooth_towards

counts = st.floats(0, 1e5)
seconds = st.floats(0, 1e3)


def test_one_time_constant_follows_a_step_to_63_percent():
    """The closed form of a first-order lag: 1 - 1/e after one time constant."""
    after = smooth_towards(0.0, 100.0, elapsed_s=5.0, time_constant_s=5.0)

    assert after == pytest.approx(100 * (1 - 1 / math.e))


@given(counts, counts, seconds, seconds)
def test_two_steps_are_one_step(previous, measured, first_s, second_s):
    """How often a constant measurement is taken in does not matter, only how long."""
    middle = smooth_towards(previous, measured, elapsed_s=first_s, time_constant_s=5.0)
    twice = smooth_towards(middle, measured, elapsed_s=second_s, time_constant_s=5.0)
    once = smooth_towards(previous, measured, elapsed_s=first_s + second_s, time_constant_s=5.0)

    assert twice == pytest.approx(once, abs=1e-6)


@given(counts, counts, seconds)
def test_never_leaves_the_range_of_its_inputs(previous, measured, elapsed_s):
    """No overshoot: a running count is never above or below everything that was counted."""
    after = smooth_towards(previous, measured, elapsed_s=elapsed_s, time_constant_s=5.0)

    assert min(previous, measured) <= after <= max(previous, measured)


@pytest.mark.parametrize(
    ("elapsed_s", "time_constant_s"), [(-1.0, 5.0), (1.0, 0.0), (1.0, -5.0), (1.0, math.nan)]
)
def test_impossible_times_are_refused(elapsed_s, time_constant_s):
    """A mistake of the caller is named, not computed with."""
    with pytest.raises(ValueError, match="time"):
        smooth_towards(1.0, 2.0, elapsed_s=elapsed_s, time_constant_s=time_constant_s)


@given(counts, st.lists(st.floats(0.001, 100), max_size=30))
def test_constant_count_is_given_back(count, gaps_s):
    """A crowd that does not change has a running count that does not change."""
    smoother = CountSmoother()
    at_s = 0.0

    running = [smoother.update(count, at_s)]
    for gap_s in gaps_s:
        at_s += gap_s
        running.append(smoother.update(count, at_s))

    assert running == pytest.approx([count] * len(running))


@pytest.mark.parametrize("rate_hz", [1.0, 2.0, 5.0, 25.0])
def test_step_response_is_the_same_at_every_rate(rate_hz):
    """A step is followed as 1 - exp(-t/τ), late by the median's two samples and no more."""
    smoother = CountSmoother(time_constant_s=5.0)
    period_s = 1 / rate_hz
    for index in range(10):
        smoother.update(20.0, index * period_s)
    step_s = 10 * period_s

    after = [
        (index * period_s, smoother.update(120.0, step_s + index * period_s))
        for index in range(round(15 * rate_hz))
    ]

    for since_s, running in after[2:]:
        # The first sample of the step that passes the median is taken as held since the one before.
        assert running == pytest.approx(20 + 100 * (1 - math.exp(-(since_s - period_s) / 5.0)))


def test_two_wrong_counts_in_a_row_leave_no_trace():
    """The median stage throws out a flash that lasts two pictures."""
    smoother = CountSmoother()
    counted = [50.0, 50.0, 50.0, 900.0, 0.0, 50.0, 50.0, 50.0]

    running = [smoother.update(count, index * 0.5) for index, count in enumerate(counted)]

    assert running == [50.0] * 8


def test_same_time_stamp_replaces_the_count_before():
    """A picture counted again is no second witness."""
    repeated, plain = CountSmoother(), CountSmoother()
    for smoother in (repeated, plain):
        smoother.update(10.0, 0.0)
        smoother.update(12.0, 1.0)
    for _ in range(5):
        repeated.update(500.0, 2.0)
    repeated.update(14.0, 2.0)
    plain.update(14.0, 2.0)

    assert repeated.update(16.0, 3.0) == pytest.approx(plain.update(16.0, 3.0))


def test_clock_going_backwards_does_not_freeze_the_count():
    """After a jump back the running count goes on following at its usual pace."""
    smoother = CountSmoother(time_constant_s=5.0)
    for index in range(10):
        smoother.update(20.0, 10_000.0 + index)

    at_jump = smoother.update(120.0, 0.0)
    for index in range(1, 31):
        running = smoother.update(120.0, float(index))

    assert at_jump == pytest.approx(20.0)
    assert running == pytest.approx(120.0, abs=1.0)


def test_a_step_back_of_the_clock_moves_nothing():
    """However far it goes back, no time has passed."""
    smoother = CountSmoother(time_constant_s=5.0)
    for index in range(5):
        smoother.update(20.0, 100.0 + index)
    for index in range(5, 9):
        before = smoother.update(120.0, 100.0 + index)

    assert smoother.update(120.0, 50.0) == before


def test_old_counts_expire_also_after_the_clock_went_back():
    """Stamps of before the jump do not keep old counts alive for ever."""
    smoother = CountSmoother(time_constant_s=5.0)
    for index in range(10):
        smoother.update(500.0, 10_000.0 + index)
    smoother.update(500.0, 0.0)

    assert smoother.update(7.0, 100.0) == pytest.approx(7.0, abs=0.01)


def test_nothing_of_before_a_long_break_is_left():
    """When a camera comes back after an hour its first count is believed at once."""
    smoother = CountSmoother(time_constant_s=5.0)
    for index in range(10):
        smoother.update(500.0, float(index))

    assert smoother.update(7.0, 3600.0) == pytest.approx(7.0, abs=0.01)


@pytest.mark.parametrize(("count", "at_s"), [(math.nan, 0.0), (math.inf, 0.0), (1.0, math.nan)])
def test_what_is_no_number_is_refused_and_changes_nothing(count, at_s):
    """One bad value must not poison the running count for ever."""
    smoother = CountSmoother()
    smoother.update(10.0, 0.0)

    with pytest.raises(ValueError, match="not a number"):
        smoother.update(count, at_s)

    assert smoother.update(10.0, 1.0) == 10.0


@pytest.mark.parametrize("time_constant_s", [0.0, -1.0, math.nan, math.inf])
def test_impossible_time_constant_is_refused(time_constant_s):
    """A filter that could never move or never settle is a mistake of the caller."""
    with pytest.raises(ValueError, match="time constant"):
        CountSmoother(time_constant_s=time_constant_s)
