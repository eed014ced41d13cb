"""Every word and number of the window: counts, crowding, trends, forecasts."""

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alarms.forecast import Outlook, RuleOutlook
from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.reading import Quality
from monitor.core.rule import Measure, Rule
from monitor.core.zone import Crowding, ZoneReading
from monitor.engine.health import Health, StreamState
from monitor.scene.levels import FRUIN, Band, Scale
from monitor.ui import text
from monitor.ui.refresh import LimitForecasts
from monitor.ui.session import CameraSession, ErrorTally
from monitor.ui.text import (
    Trend,
    crowding_text,
    outlook_text,
    scale_tip,
    short_outlook_text,
    trend_of,
    trend_text,
    trend_words,
    zones_text,
)
from monitor.ui.view import view_of
from tests.rigs.snapshots import NOON, reading_of, snapshot_of, status_of


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
        (None, None, "this model gives no interval"),
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
    assert text.stream_details(rough) == "5 pictures, 2 damaged, disconnected once"
    assert text.stream_details(Health(StreamState.LIVE, reconnects=3)).endswith(
        "disconnected 3 times"
    )


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
            ("NO SIGNAL since 12:00:00", "No new pictures are arriving."),
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
            Health(StreamState.ENDED), NOON, ("ENDED", "Playback has ended."), id="end of a file"
        ),
        pytest.param(
            Health(StreamState.STOPPED),
            NOON,
            ("STOPPED", "This camera is stopped."),
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


@pytest.mark.parametrize(
    ("crowding", "words"),
    [
        pytest.param(None, "", id="no ground"),
        pytest.param(Crowding(80.0, 2.14, 3.42, "D"), "2.1 people/m², peak 3.4, level D", id="all"),
        pytest.param(Crowding(3.0, 2.0, None, "C"), "2.0 people/m², level C", id="small"),
        pytest.param(
            Crowding(5000.0, 0.02, 0.0, "A"), "0.02 people/m², peak 0.0, level A", id="few"
        ),
        pytest.param(
            Crowding(80.0, 2.0, 3.0, "D", unsure_share=0.25),
            "2.0 people/m², peak 3.0, level D; 25% too far away to measure",
            id="far",
        ),
    ],
)
def test_crowding_in_words(crowding, words):
    """By hand."""
    assert crowding_text(crowding) == words


@pytest.mark.parametrize(
    ("per_minute", "words"),
    [
        (None, ""),
        (1.0, "steady"),
        (12.4, "rising, +12 per minute"),
        (-40.0, "falling fast, -40 per minute"),
    ],
)
def test_trends_in_words(per_minute, words):
    """Of a hundred people."""
    assert trend_text(reading_of(100.0, per_minute=per_minute)) == words


def test_each_zone_has_a_line():
    """With its interval and crowding where they are known."""
    zones = (
        ZoneReading("Gate", 34.4, 27.9, 40.1, 9.0, 34.0, crowding=Crowding(20.0, 1.72, 2.5, "C")),
        ZoneReading("Stairs", 3.0, None, None, None, 3.0),
    )

    assert zones_text(zones) == ("Gate: 34 (27–41), 1.7/m², peak 2.5, C standing\nStairs: 3")


def test_a_zone_in_which_people_walk_says_so():
    """Its level is that of people who move; a small one has no fullest place."""
    crowding = Crowding(3.0, 1.2, None, "E")

    walking = ZoneReading("Stairs", 3.0, None, None, None, 3.0, None, crowding, is_moving=True)

    assert zones_text((walking,)) == "Stairs: 3, 1.2/m², E moving"


def test_a_scale_tells_its_source_and_every_level():
    """What the tooltips show; one list where standing and moving are alike."""
    bands = (Band("ok", 0.0, ""), Band("close the gate", 2.5, "by order"))

    own = scale_tip(Scale("own", bands, bands, "site plan 2030, section 4"))

    assert own.splitlines() == [
        "site plan 2030, section 4",
        "standing and moving:",
        "  ok from 0.00/m²",
        "  close the gate from 2.50/m²: by order",
    ]
    assert "Fruin" in scale_tip(FRUIN)
    assert scale_tip(FRUIN).count("\n  ") == 12


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


def found(in_s, soonest_s, latest_s, **rule):
    return RuleOutlook(Rule(**({"limit": 180.0} | rule)), Outlook(in_s, soonest_s, latest_s))


@pytest.mark.parametrize(
    ("outlook", "words"),
    [
        (found(240, 120, 540), "limit 180 people in about 4 min (2 to 9)"),
        (found(240, 120, None), "limit 180 people in about 4 min (2 or more)"),
        (found(240, 239, 241), "limit 180 people in about 4 min"),
        (found(5, 1, 20), "limit 180 people in about 1 min"),
        (found(240, 120, 540, zone="stage"), "limit 180 people in stage in about 4 min (2 to 9)"),
        (
            found(240, 120, 540, limit=4.0, measure=Measure.PEAK_DENSITY),
            "limit 4.0 people/m² in about 4 min (2 to 9)",
        ),
        (None, ""),
    ],
)
def test_it_is_said_with_its_bounds(outlook, words):
    """As people say it; never as sure as a number alone."""
    assert outlook_text(outlook) == words


def test_a_tile_has_room_for_the_time_alone():
    """Which limit it is stands in the focus view."""
    assert short_outlook_text(found(240, 120, 540)) == "limit in about 4 min (2 to 9)"


@pytest.mark.parametrize("quality", Quality)
def test_a_count_that_cannot_be_relied_on_shows_no_time(quality):
    """Also where the trend was found a moment before."""
    view = view_of(snapshot_of(quality=quality), ErrorTally(), NOON, outlook=found(240, 120, 540))

    assert bool(view.outlook) is (quality in {Quality.GOOD, Quality.UNCALIBRATED})
    assert bool(view.outlook_short) is bool(view.outlook)


def test_every_camera_has_its_turn():
    """A crowd that grows by six a minute, and one that stands; each is looked at by itself."""
    sessions = {"Gate 1": CameraSession(), "Gate 2": CameraSession()}
    rule = status_of(AlarmState.NORMAL, rule=Rule(130.0))
    for at_s in np.arange(-600.0, 1.0):
        for name, slope in (("Gate 1", 0.1), ("Gate 2", 0.0)):
            one = reading_of(100 + slope * at_s, at_s=at_s, camera=name)
            sessions[name].take(snapshot_of(name, reading=one))
    outlooks = LimitForecasts()
    snapshots = [snapshot_of(name, alarm=rule) for name in sessions]

    for _ in snapshots:
        outlooks.refresh(snapshots, sessions)

    assert outlooks.of("Gate 1").outlook.in_s == pytest.approx(300, rel=0.01)
    assert outlooks.of("Gate 2") is None
    assert outlooks.of("Gate 3") is None


def test_a_session_keeps_the_last_minutes_alone():
    """Memory stays bounded; a clock that steps back begins anew."""
    session = CameraSession()
    for at_s in range(2000):
        session.take(snapshot_of(reading=reading_of(1.0, at_s=float(at_s))))
    assert (session.recent[0].captured_s, session.recent[-1].captured_s) == (1339.0, 1999.0)

    session.take(snapshot_of(reading=reading_of(1.0, at_s=5.0)))

    assert len(session.recent) == 1
