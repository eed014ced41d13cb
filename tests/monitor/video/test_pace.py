"""Pace: recordings play at their own speed, and their time runs forward."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.pace import Pace, Timeline
from tests.rigs.clock import ManualClock, WaitingMovesTime


def test_frames_are_held_back_until_they_are_due() -> None:
    """Each wait is the time to the next frame, less what was spent in between."""
    clock = ManualClock()
    stop = WaitingMovesTime(clock)
    pace = Pace(clock)

    for time_s in (0.0, 0.5, 1.0):
        assert pace.wait_until(time_s, stop)
        clock.advance(0.1)  # what decoding takes

    assert stop.waits_s == pytest.approx([0.4, 0.4])


def test_a_late_frame_is_not_waited_for() -> None:
    """Slower than real time: no wait, and no catching up beyond a second."""
    clock = ManualClock()
    stop = WaitingMovesTime(clock)
    pace = Pace(clock)

    pace.wait_until(0.0, stop)
    clock.advance(30.0)
    pace.wait_until(0.1, stop)
    pace.wait_until(0.2, stop)

    assert stop.waits_s == pytest.approx([0.1])


def test_a_hole_in_a_recording_is_skipped() -> None:
    """A file that stood still for an hour does not stand still here."""
    clock = ManualClock()
    stop = WaitingMovesTime(clock)
    pace = Pace(clock)

    pace.wait_until(0.0, stop)
    pace.wait_until(3600.0, stop)
    pace.wait_until(3600.5, stop)

    assert stop.waits_s == pytest.approx([0.5])


def test_stopping_ends_the_wait() -> None:
    """A frame that is due later is not wanted after a stop."""
    clock = ManualClock()
    stop = WaitingMovesTime(clock)
    pace = Pace(clock)
    pace.wait_until(0.0, stop)

    stop.set()

    assert not pace.wait_until(5.0, stop)
    assert clock.monotonic_s() == 1000.0


def test_stamps_count_from_the_first() -> None:
    """A recording that begins at 100 s begins at 0 here, and keeps its own distances."""
    timeline = Timeline(period_s=0.04)

    places = [timeline.place(stamp) for stamp in (100.0, 100.04, 100.5)]

    assert places == pytest.approx([0.0, 0.04, 0.5])


@pytest.mark.parametrize("stamp", [None, 99.0, 100.0])
def test_a_stamp_that_is_missing_or_old_is_replaced(stamp: float | None) -> None:
    """The place is one period later, and what follows keeps its distance to it."""
    timeline = Timeline(period_s=0.04)
    timeline.place(100.0)

    assert timeline.place(stamp) == pytest.approx(0.04)
    if stamp is not None:
        assert timeline.place(stamp + 0.3) == pytest.approx(0.34)


def test_a_loop_goes_on_one_period_later() -> None:
    """The second time around begins where the first ended."""
    timeline = Timeline(period_s=0.1)
    timeline.place(0.0)
    timeline.place(0.1)

    assert timeline.place(0.0) == pytest.approx(0.2)
    assert timeline.place(0.1) == pytest.approx(0.3)


@given(st.lists(st.none() | st.floats(-1e6, 1e6)))
def test_places_always_grow(stamps: list[float | None]) -> None:
    """Whatever a recording says, time runs forward."""
    timeline = Timeline(period_s=0.04)

    places = [timeline.place(stamp) for stamp in stamps]

    assert all(later > earlier for earlier, later in itertools.pairwise(places))
