"""All alarms of a camera: each rule its number, the stream its own, changes while it runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alarms.board import STARTUP_GRACE_S, AlarmBoard
from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Level, Measure, Priority, Rule, stream_rule
from monitor.core.zone import Crowding, ZoneReading

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
CROWDING = Crowding(100.0, 2.0, 5.0, "C")
STAGE = ZoneReading("stage", 40.0, None, None, None, 41.0, 12.0, CROWDING)
READING = Reading(
    "Gate", NOON, 0.0, 90.0, None, None, None, 91.0, Quality.GOOD,
    per_minute=-30.0, zones=(STAGE,), crowding=replace(CROWDING, mean_m2=1.0, peak_m2=3.0),
)  # fmt: skip
NOW = {"on_delay_s": 0.0, "off_delay_s": 0.0}


class Watched:
    """A board with a clock."""

    def __init__(self, *rules, own=None):
        self.now_s = 0.0
        self.board = AlarmBoard("Gate", rules, own or stream_rule(), now_s=0.0, now_utc=NOON)
        self.journal = []

    @property
    def times(self):
        """Both clocks, as every step wants them."""
        return {"now_s": self.now_s, "now_utc": NOON + timedelta(seconds=self.now_s)}

    def see(self, reading=READING, *, after_s=0.5, quality=Quality.GOOD, **how):
        """Let time pass and step."""
        self.now_s += after_s
        events = self.board.step(reading, quality=quality, **self.times, **how)
        self.journal.extend(events)
        return events

    def states(self):
        """Where each alarm stands."""
        return {one.rule.name: one.state.value for one in self.board.statuses}


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (Rule(90.0), 91.0),
        (Rule(40.0, zone="stage"), 41.0),
        (Rule(0.9, measure=Measure.DENSITY), 1.0),
        (Rule(1.9, measure=Measure.DENSITY, zone="stage"), 2.0),
        (Rule(3.0, measure=Measure.PEAK_DENSITY), 3.0),
        (Rule(4.5, measure=Measure.PEAK_DENSITY, zone="stage"), 5.0),
        (Rule(10.0, measure=Measure.RATE, zone="stage"), 12.0),
        (Rule(-20.0, measure=Measure.RATE, level=Level.LOW), -30.0),
        (Rule(95.0, level=Level.LOW), 91.0),
    ],
    ids=str,
)
def test_every_rule_goes_by_its_number(rule, value):
    """It rings at the value that the reading has for it, and would not one step beyond."""
    step = -0.5 if rule.level is Level.LOW else 0.5
    rule = replace(rule, **NOW)
    far = replace(rule, name="far", limit=value + step)
    watched = Watched(rule, far)

    watched.see()

    rings, calm, _ = watched.board.statuses
    assert (rings.state, rings.value) == (AlarmState.UNACKNOWLEDGED, value)
    assert calm.state is AlarmState.NORMAL


@pytest.mark.parametrize(
    "rule",
    [
        Rule(1.0, zone="nowhere"),
        Rule(1.0, measure=Measure.DENSITY),
        Rule(1.0, measure=Measure.PEAK_DENSITY),
        Rule(1.0, measure=Measure.RATE),
    ],
    ids=str,
)
def test_a_number_that_is_not_known_is_not_judged(rule):
    """No zone, no ground, no minute yet: suppressed, never normal."""
    watched = Watched(rule)

    watched.see(replace(READING, crowding=None, zones=(), per_minute=None))
    watched.see(None)

    assert watched.states() == {"limit": "suppressed", "stream": "normal"}


def test_a_lost_stream_rings_by_itself_at_its_own_priority():
    """After five seconds without a count, which also suppresses what was normal."""
    watched = Watched(Rule(100.0), own=stream_rule(priority=Priority.HIGH))
    watched.see()

    for _ in range(10):
        watched.see(None, quality=Quality.LOST)

    *_, event = watched.journal
    assert watched.states() == {"limit": "suppressed", "stream": "unacknowledged"}
    assert (event.alarm_id, event.priority) == ("Gate/stream", Priority.HIGH)
    assert (event.value, event.note) == (5.0, "no count to rely on for 5 s: lost")


def test_the_streams_alarm_returns_when_it_was_back_for_a_while():
    """Five seconds of counts; half of them are not enough."""
    watched = Watched()
    watched.see()
    for _ in range(20):
        watched.see(None, quality=Quality.STALE)
    states = [watched.see() and watched.states()["stream"] for _ in range(12)]

    assert [one for one in states if one] == ["returned-unacknowledged"]
    assert watched.journal[-1].at_utc == NOON + timedelta(seconds=0.5 + 10 + 0.5 + 5)


@pytest.mark.parametrize("quality", [Quality.UNCALIBRATED, Quality.OUT_OF_DISTRIBUTION])
def test_a_moved_camera_and_a_strange_scene_ring_too(quality):
    """Somebody must look, although pictures come."""
    watched = Watched()
    watched.see()

    for _ in range(11):
        watched.see(quality=quality)

    assert watched.states()["stream"] == "unacknowledged"
    assert watched.journal[-1].note.endswith(quality.value)


def test_a_camera_has_time_to_give_its_first_count():
    """Then it rings, although there never was a count."""
    watched = Watched()

    while watched.states()["stream"] == "normal":
        watched.see(None, quality=Quality.LOST)

    assert watched.now_s == STARTUP_GRACE_S + 5


def test_a_file_that_was_played_to_its_end_is_no_fault():
    """Nobody expects another picture."""
    watched = Watched()
    watched.see()

    for _ in range(100):
        watched.see(None, quality=Quality.LOST, is_over=True)

    assert watched.states()["stream"] == "normal"


def test_density_is_held_when_the_camera_has_moved_but_the_count_is_not():
    """Both ring; only the whole count may calm down."""
    rules = (
        Rule(80.0, **NOW),
        Rule(0.9, name="density", measure=Measure.DENSITY, **NOW),
        Rule(30.0, name="zone", zone="stage", **NOW),
    )
    watched = Watched(*rules)
    watched.see()
    empty = replace(
        READING,
        smoothed=0.0,
        crowding=replace(CROWDING, mean_m2=0.0),
        zones=(replace(STAGE, smoothed=0.0),),
    )

    watched.see(empty, quality=Quality.UNCALIBRATED)

    assert watched.states() == {
        "limit": "returned-unacknowledged",
        "density": "unacknowledged",
        "zone": "unacknowledged",
        "stream": "normal",
    }


def test_each_alarm_is_told_by_its_id():
    """Acknowledged, shelved, unshelved, and a mistake told as one."""
    watched = Watched(Rule(1.0, **NOW), Rule(2.0, name="other", **NOW))
    watched.see()

    watched.board.acknowledge("Gate/limit", "Ann", "", **watched.times)
    watched.board.shelve("Gate/other", "Ann", duration_s=60, reason="drill", **watched.times)

    assert watched.states() == {"limit": "acknowledged", "other": "shelved", "stream": "normal"}
    watched.board.unshelve("Gate/other", "Ann", now_utc=NOON)
    assert watched.states()["other"] == "unacknowledged"
    with pytest.raises(KeyError, match="'Gate/nothing'"):
        watched.board.unshelve("Gate/nothing", "Ann", now_utc=NOON)


def test_rules_that_stay_keep_their_state():
    """A changed limit goes on ringing, a new rule begins, one that is gone says so."""
    watched = Watched(Rule(10.0, **NOW), Rule(20.0, name="gone", **NOW))
    watched.see()

    events = watched.board.change_rules(
        [Rule(50.0, name="new"), Rule(30.0, **NOW)], "Ann", now_utc=NOON
    )

    assert watched.states() == {"new": "suppressed", "limit": "unacknowledged", "stream": "normal"}
    assert [(one.alarm_id, one.after.value, one.who, one.note) for one in events] == [
        ("Gate/new", "suppressed", "Ann", "rule added: rings at 50 people or more"),
        ("Gate/limit", "unacknowledged", "Ann", "limit changed from 10 to 30"),
        ("Gate/gone", "normal", "Ann", "rule removed"),
    ]
    assert watched.board.rules == (Rule(50.0, name="new"), Rule(30.0, **NOW))


def test_a_rule_that_watches_something_else_begins_anew():
    """The same name on another zone is another alarm."""
    watched = Watched(Rule(10.0, **NOW))
    watched.see()

    watched.board.change_rules([Rule(10.0, zone="stage", **NOW)], "Ann", now_utc=NOON)

    assert watched.states()["limit"] == "suppressed"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([Rule(1.0), Rule(2.0)], "two rules have the name limit"),
        ([Rule(1.0, name="stream")], "stream's own"),
    ],
)
def test_names_differ(rules, message):
    """An id says one alarm."""
    watched = Watched()

    with pytest.raises(ValueError, match=message):
        watched.board.change_rules(rules, "Ann", now_utc=NOON)
