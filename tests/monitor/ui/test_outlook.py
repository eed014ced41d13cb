"""The time to a limit in words, and only where the count can be relied on."""

import numpy as np
import pytest

from monitor.alarms.outlook import Outlook, RuleOutlook
from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.rule import Measure, Rule
from monitor.ui.outlook import Outlooks, outlook_text, short_outlook_text
from monitor.ui.session import CameraSession, ErrorTally
from monitor.ui.view import view_of
from tests.rigs.snapshots import NOON, reading_of, snapshot_of, status_of


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
    outlooks = Outlooks()
    snapshots = [snapshot_of(name, alarm=rule) for name in sessions]

    for _ in snapshots:
        outlooks.look(snapshots, sessions)

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
