"""A camera in words: above all, what is not known is not 0."""

from datetime import UTC

import pytest

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.zone import Crowding
from monitor.engine.health import Health, StreamState
from monitor.ui.session import ErrorTally
from monitor.ui.view import CountView, TruthView, view_of
from tests.rigs.snapshots import NOON, reading_of, snapshot_of, status_of


def view(snapshot, errors=None):
    return view_of(snapshot, errors or ErrorTally(), NOON, UTC)


def test_a_good_count_is_shown_with_interval_age_and_rates():
    """Number, bounds, age, running count: all of one camera at one look."""
    reading = reading_of(128.6, low=117.5, high=139.7, smoothed=126.4)

    shown = view(snapshot_of(reading=reading, alarm=status_of(AlarmState.ACKNOWLEDGED)))

    assert shown.count == CountView("129", False, "117 to 140", "117–140", "0.5 s ago", "126")
    assert shown.rates == "2.0 counts/s, 25.0 pictures/s"
    assert (shown.stream, shown.stream_details) == ("The stream is live.", "1,234 pictures")
    assert (shown.signal, shown.picture_age) == (None, "0.1 s ago")
    assert (shown.alarm, shown.truth) == (AlarmState.ACKNOWLEDGED, None)


def test_a_stale_count_is_marked_as_old_with_its_age():
    """The number stays, struck out."""
    shown = view(snapshot_of(quality=Quality.STALE, reading_age_s=7.0))

    assert (shown.count.count, shown.count.is_old, shown.count.age) == ("100", True, "7.0 s ago")


def test_a_lost_count_is_a_dash_and_never_a_number():
    """Neither the old count nor 0 stands for a dead camera."""
    lost = Health(StreamState.UNREACHABLE, "It does not answer.")

    shown = view(
        snapshot_of(quality=Quality.LOST, health=lost, picture_age_s=60.0, reading_age_s=61.0)
    )

    assert shown.count == CountView("–", False, "–", "", "1 min 01 s ago", "–")
    assert shown.signal == ("NO SIGNAL since 11:59:00", "It does not answer.")


def test_a_camera_that_never_came_is_a_dash():
    """Before the first picture nothing is claimed."""
    shown = view(
        snapshot_of(
            quality=Quality.LOST,
            health=Health(StreamState.CONNECTING),
            frame=None,
            picture_age_s=None,
            reading=None,
            reading_age_s=None,
            counts_hz=0.0,
        )
    )

    assert shown.count == CountView("–", False, "–", "", "–", "–")
    assert (shown.picture_age, shown.signal[0]) == ("–", "CONNECTING")
    assert shown.rates == "no counts, no pictures"


@pytest.mark.parametrize("quality", [Quality.GOOD, Quality.DEGRADED])
def test_a_trusted_count_is_not_struck_out(quality):
    """A count to be taken with care is still a count."""
    assert not view(snapshot_of(quality=quality)).count.is_old


def test_truth_stands_beside_the_count_with_the_mean_error():
    """Counted 110 and 97 where 104 and 103 were: the mean of 6 and 6 is 6."""
    errors = ErrorTally()
    errors.take(reading_of(110.0, truth=104.0))
    last = reading_of(97.0, truth=103.0)
    errors.take(last)

    shown = view(snapshot_of(reading=last), errors)

    assert shown.truth == TruthView("103", "6 too low", "6.0 people over 2 counts")


def test_truth_of_a_lost_camera_is_a_dash_but_the_mean_error_stays():
    """What was measured before the loss is still true."""
    errors = ErrorTally()
    errors.take(reading_of(110.0, truth=104.0))

    shown = view(snapshot_of(quality=Quality.LOST, reading=reading_of(truth=1.0)), errors)

    assert shown.truth == TruthView("–", "", "6.0 people over 1 count")


def test_a_screen_reader_hears_count_quality_trend_and_alarm():
    """What others see at one glance is one sentence."""
    reading = reading_of(200.0, per_minute=20.0)

    shown = view(snapshot_of(reading=reading, alarm=status_of(AlarmState.UNACKNOWLEDGED)))

    assert shown.spoken == "200 people, good, rising, alarm: unacknowledged"


def test_the_level_of_service_is_shown_where_the_ground_is_known():
    """And nothing where it is not."""
    crowding = Crowding(area_m2=50.0, mean_m2=2.0, peak_m2=3.0, level="D")

    known = view(snapshot_of(reading=reading_of(crowding=crowding)))

    assert (known.level, view(snapshot_of()).level) == ("D", "")
