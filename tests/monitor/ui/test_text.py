"""Every word and number of the window."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.reading import Quality
from monitor.engine.health import Health, StreamState
from monitor.ui import text
from tests.rigs.snapshots import NOON, status_of


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0.0, "0"),
        (0.4, "0"),
        (99.6, "100"),
        (1204.2, "1,204"),
    ],
)
def test_count(count, shown):
    """Rounded, grouped, and a dash where it is not known."""
    assert text.count_text(count) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (117.9, 140.1, "117 to 141"),
        (0.0, 0.0, "0 to 0"),
        (999.5, 1000.5, "999 to 1,001"),
        (None, None, "no interval from this model"),
    ],
)
def test_interval(low, high, shown):
    """Rounded outwards."""
    assert text.interval_text(low, high) == shown


@given(st.floats(0, 1e6), st.floats(0, 1e4))
def test_shown_interval_holds_the_interval(low, width):
    """What is read on the screen is never narrower than what is meant."""
    shown_low, shown_high = text.interval_text(low, low + width).replace(",", "").split(" to ")

    assert int(shown_low) <= low
    assert low + width <= int(shown_high)


@pytest.mark.parametrize(
    ("age_s", "shown"),
    [
        (None, "–"),
        (math.inf, "–"),
        (-3.0, "0.0 s"),
        (0.0, "0.0 s"),
        (0.37, "0.3 s"),
        (9.99, "9.9 s"),
        (10.0, "10 s"),
        (59.99, "59 s"),
        (60.0, "1 min 00 s"),
        (192.0, "3 min 12 s"),
        (3599.9, "59 min 59 s"),
        (3600.0, "1 h 00 min"),
        (90_000.0, "25 h 00 min"),
        (172_799.0, "47 h 59 min"),
        (172_800.0, "2 days"),
        (1e6, "11 days"),
    ],
)
def test_age(age_s, shown):
    """As people say it; never rounded up past what it is."""
    assert text.age_text(age_s) == shown


def test_ago():
    """What never was is not long ago."""
    assert text.ago_text(None) == "–"
    assert text.ago_text(3.21) == "3.2 s ago"


def test_clock_is_local():
    """A room in Kathmandu reads Kathmandu's time."""
    zone = timezone(timedelta(hours=5, minutes=45))

    assert text.clock_text(datetime(2030, 5, 1, 20, 30, 5, tzinfo=UTC), zone) == "02:15:05"


@pytest.mark.parametrize(
    ("rate_hz", "shown"),
    [
        (0.0, "no counts"),
        (math.nan, "no counts"),
        (0.25, "a count every 4.0 s"),
        (1.0, "1.0 counts/s"),
        (24.96, "25.0 counts/s"),
    ],
)
def test_rate(rate_hz, shown):
    """Often is said by the second, seldom in seconds."""
    assert text.rate_text(rate_hz, "count") == shown


@pytest.mark.parametrize("state", StreamState)
def test_every_stream_state_has_a_sentence(state):
    """No state shows as nothing, and the engine's own words go first."""
    assert text.stream_sentence(Health(state)).endswith(".")
    assert text.stream_sentence(Health(state, "The door is shut.")) == "The door is shut."


def test_stream_details_name_only_what_happened():
    """Nobody reads of 0 damaged pictures."""
    calm = Health(StreamState.LIVE, frames_received=12345)
    rough = Health(StreamState.LIVE, frames_received=5, frames_damaged=2, reconnects=1)

    assert text.stream_details(calm) == "12,345 pictures"
    assert text.stream_details(rough) == "5 pictures, 2 damaged, lost once"
    assert text.stream_details(Health(StreamState.LIVE, reconnects=3)).endswith("lost 3 times")


def test_what_decodes_is_told_where_something_does() -> None:
    """Nobody believes in a card that sleeps; a drawn scene is not decoded at all."""
    live = Health(StreamState.LIVE, frames_received=5, decoder="NVDEC")

    assert text.stream_details(live) == "5 pictures, decode: NVDEC"


@pytest.mark.parametrize("quality", Quality)
def test_every_quality_is_explained(quality):
    """No badge without a meaning."""
    assert text.quality_explanation(quality).endswith(".")


@pytest.mark.parametrize(
    ("health", "lost_since", "shown"),
    [
        pytest.param(Health(StreamState.LIVE), NOON, None, id="live"),
        pytest.param(
            Health(StreamState.STALE),
            NOON,
            ("NO SIGNAL since 12:00:00", "No new picture comes."),
            id="stale",
        ),
        pytest.param(
            Health(StreamState.UNREACHABLE, "It does not answer; trying again."),
            NOON,
            ("NO SIGNAL since 12:00:00", "It does not answer; trying again."),
            id="lost",
        ),
        pytest.param(
            Health(StreamState.CONNECTING),
            None,
            ("CONNECTING", "Connecting to the camera."),
            id="first try",
        ),
        pytest.param(
            Health(StreamState.CONNECTING, "It did not answer."),
            None,
            ("NO SIGNAL", "It did not answer."),
            id="second try",
        ),
        pytest.param(
            Health(StreamState.ENDED), NOON, ("ENDED", "Played to its end."), id="end of a file"
        ),
        pytest.param(
            Health(StreamState.STOPPED),
            NOON,
            ("STOPPED", "This camera is no longer read."),
            id="stopped",
        ),
    ],
)
def test_what_is_written_across_a_picture(health, lost_since, shown):
    """Only a live picture is without words."""
    assert text.signal_text(health, lost_since, UTC) == shown


@pytest.mark.parametrize(
    ("count", "truth", "shown"),
    [
        (10.4, 9.6, "exact"),
        (110.0, 103.0, "7 too high"),
        (96.0, 103.0, "7 too low"),
        (3000.0, 1000.0, "2,000 too high"),
    ],
)
def test_difference_is_that_of_the_numbers_shown(count, truth, shown):
    """What stands on the screen adds up."""
    assert text.difference_text(count, truth) == shown


@pytest.mark.parametrize(
    ("mean", "counts", "shown"),
    [
        (None, 0, "–"),
        (2.0, 1, "2.0 people over 1 count"),
        (3.26, 1500, "3.3 people over 1,500 counts"),
    ],
)
def test_mean_error(mean, counts, shown):
    """Never without how many counts it is the mean of."""
    assert text.mean_error_text(mean, counts) == shown


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (AlarmState.UNACKNOWLEDGED, "Gate 1: 131 people, limit 120, since 12:00:00"),
        (AlarmState.ACKNOWLEDGED, "Gate 1: 131 people, limit 120, acknowledged at 12:00:00"),
        (
            AlarmState.RETURNED_UNACKNOWLEDGED,
            "Gate 1: below the limit of 120 again since 12:00:00",
        ),
        (AlarmState.NORMAL, "Gate 1: below the limit of 120"),
    ],
)
def test_alarm_sentence(state, shown):
    """Who, how many, which limit, since when."""
    assert text.alarm_sentence("Gate 1", status_of(state), UTC) == shown


def event_of(before, after, **changes):
    values = {
        "camera": "Gate 1",
        "at_utc": NOON,
        "before": before,
        "after": after,
        "value": 131.4,
        "limit": 120.0,
    }
    return AlarmEvent(**(values | changes))


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        pytest.param(
            event_of(AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, note="at 120 or more for 10 s"),
            "Alarm at 131 people: at 120 or more for 10 s",
            id="rings",
        ),
        pytest.param(
            event_of(AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, who="Ada"),
            "Acknowledged",
            id="acknowledged without a note",
        ),
        pytest.param(
            event_of(AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, note="stewards sent"),
            "Acknowledged: stewards sent",
            id="acknowledged with a note",
        ),
        pytest.param(
            event_of(AlarmState.NORMAL, AlarmState.NORMAL, note="limit changed from 100 to 120"),
            "limit changed from 100 to 120",
            id="limit changed",
        ),
        pytest.param(
            event_of(AlarmState.NORMAL, AlarmState.NORMAL), "limit 120", id="limit without words"
        ),
    ],
)
def test_journal_entry(event, shown):
    """What happened, and why or with what words."""
    assert text.event_text(event) == shown


@pytest.mark.parametrize("state", AlarmState)
def test_every_alarm_state_has_a_word(state):
    """No transition shows as nothing."""
    other = AlarmState.NORMAL if state is not AlarmState.NORMAL else AlarmState.ACKNOWLEDGED

    assert text.event_text(event_of(other, state))
