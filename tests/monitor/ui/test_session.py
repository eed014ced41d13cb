"""What the window remembers of a camera: nothing shown is lost, nothing drawn was not measured."""

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.outputs.history.queries import HistoryPoint
from monitor.ui.session import CameraSession, CountSeries
from tests.rigs.snapshots import NOON, reading_of, snapshot_of


def test_each_reading_is_taken_once():
    """The window looks 30 times a second at 2 readings."""
    session = CameraSession()
    first = snapshot_of(reading=reading_of(10.0, at_s=0.0, truth=12.0))
    second = snapshot_of(reading=reading_of(20.0, at_s=0.5, truth=19.0))

    taken = [session.take(one) for one in (first, first, second, second, second)]

    assert taken == [True, False, True, False, False]
    assert len(session.series) == 2
    assert (session.errors.counts, session.errors.mean) == (2, 1.5)


def test_a_camera_without_readings_has_no_error():
    """Nothing counted is no mean of 0."""
    session = CameraSession()

    assert not session.take(snapshot_of(reading=None))
    assert session.errors.mean is None


def test_real_cameras_have_no_error():
    """Without a truth there is nothing to be wrong about."""
    session = CameraSession()
    session.take(snapshot_of())

    assert (session.errors.counts, session.errors.mean) == (0, None)


NOON_S = NOON.timestamp()


def filled(times_s, **how):
    """A series with readings at these seconds after noon; each counts its position."""
    series = CountSeries(**how)
    for index, at_s in enumerate(times_s):
        series.append(reading_of(float(index), at_s=at_s, low=index - 1.0, high=index + 2.0))
    return series


def everything(series, points_max=10**6):
    return series.window(NOON_S - 1e7, NOON_S + 1e7, points_max=points_max)


def test_readings_come_back_with_their_time_and_bounds():
    """In order, at the time of day at which they were made."""
    data = everything(filled([0.0, 0.5, 1.0]))

    np.testing.assert_allclose(data.time_s - NOON_S, [0.0, 0.5, 1.0], atol=1e-6)
    np.testing.assert_array_equal(data.count, [0, 1, 2])
    np.testing.assert_array_equal(data.low, [-1, 0, 1])
    np.testing.assert_array_equal(data.high, [2, 3, 4])
    assert np.isnan(data.truth).all()


def test_window_holds_what_lies_in_it():
    """From the start on, up to but without the end."""
    data = filled([0, 1, 2, 3, 4]).window(NOON_S + 1, NOON_S + 3, points_max=100)

    np.testing.assert_array_equal(data.count, [1, 2])


def test_a_gap_is_left_open():
    """No line is drawn over the hour in which nothing was counted."""
    data = everything(filled([0.0, 0.5, 1.0, 3600.0, 3600.5]))

    np.testing.assert_array_equal(np.isnan(data.count), [False, False, False, True, False, False])
    assert np.isfinite(data.time_s).all()
    assert (np.diff(data.time_s) > 0).all()


def test_a_slow_camera_has_no_gaps():
    """One count in ten seconds is its pace, not a loss."""
    data = everything(filled([0.0, 10.0, 20.0, 31.0, 40.0]))

    assert np.isfinite(data.count).all()


@given(st.integers(1, 300), st.integers(2, 40))
def test_memory_is_bounded_and_the_newest_stay(readings, capacity):
    """However long the watch, only so many readings are kept, the last ones."""
    series = filled([float(n) for n in range(readings)], capacity=capacity)

    kept = everything(series).count

    assert len(series) == len(kept) == min(readings, capacity)
    np.testing.assert_array_equal(kept, np.arange(readings)[-capacity:])


def test_many_readings_become_their_mean_within_the_widest_interval():
    """Twelve readings in three points: means of 0-3, 4-7, 8-11; no bound is narrowed."""
    data = everything(filled([float(n) for n in range(12)]), points_max=3)

    np.testing.assert_allclose(data.count, [1.5, 5.5, 9.5])
    np.testing.assert_array_equal(data.low, [-1, 3, 7])
    np.testing.assert_array_equal(data.high, [5, 9, 13])


def test_points_do_not_shimmer_as_the_window_moves():
    """A reading that comes in changes no point but the last, and the one at the edge."""
    series = filled([float(n) for n in range(1000)])
    before = series.window(NOON_S + 100, NOON_S + 1e6, points_max=100)
    series.append(reading_of(5.0, at_s=1000.0))

    after = series.window(NOON_S + 101, NOON_S + 1e6, points_max=100)

    shared = np.intersect1d(before.count[1:-1], after.count[1:-1])
    assert len(shared) >= len(before.count) - 4


def test_points_do_not_shimmer_when_the_oldest_are_thrown_away():
    """Making room in memory moves no point."""
    series = filled([float(n) for n in range(100)], capacity=50)
    before = everything(series, points_max=8).count
    for at_s in range(100, 103):  # the hundred and first makes room
        series.append(reading_of(float(at_s), at_s=float(at_s)))

    after = everything(series, points_max=8).count

    assert len(np.intersect1d(before[1:-1], after[1:-1])) >= len(before) - 4


def test_a_clock_that_is_set_moves_the_line_and_never_folds_it():
    """An hour back in the autumn, or a correction: time goes on to the right."""
    series = CountSeries()
    series.append(reading_of(1.0, at_s=0.0))
    series.append(reading_of(2.0, at_s=1.0, at_utc=NOON - timedelta(hours=1)))

    data = everything(series)

    np.testing.assert_allclose(np.diff(data.time_s), [1.0])
    assert data.time_s[-1] == pytest.approx(NOON_S - 3600)


def test_the_past_stands_in_front_of_the_readings():
    """What the history knows is shown until the first reading, and not twice."""
    series = filled([100.0, 101.0])
    series.add_past(
        [
            HistoryPoint(NOON + timedelta(seconds=at_s), 50.0, None, None, None)
            for at_s in (98.0, 99.0, 100.5)
        ]
    )

    data = everything(series)

    np.testing.assert_array_equal(data.count, [50, 50, 0, 1])
    assert math.isnan(data.low[0])


def test_the_past_alone_can_be_shown():
    """Before the first reading of today, yesterday is there."""
    series = CountSeries()
    series.add_past([HistoryPoint(NOON, 50.0, 40.0, 60.0, 51.0)])

    data = everything(series)

    assert (data.count[0], data.low[0], data.high[0], data.truth[0]) == (50, 40, 60, 51)


def test_nothing_gives_nothing():
    """A new window has an empty plot."""
    assert len(everything(CountSeries()).time_s) == 0
