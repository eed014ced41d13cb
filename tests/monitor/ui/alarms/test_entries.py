"""What the alarm panel lists, in which order and in which words."""

from datetime import UTC, timedelta

import pytest

from monitor.core.alarm import AlarmState
from monitor.core.rule import Level, Measure, Priority, Rule
from monitor.ui.alarms.entries import (
    AlarmEntry,
    FloodWatch,
    limit_words,
    lists_of,
    spoken_words,
    state_words,
)
from tests.rigs.history import ring_of
from tests.rigs.snapshots import NOON, snapshot_of, status_of


def alarm(name, state=AlarmState.UNACKNOWLEDGED, *, priority=Priority.MEDIUM, **changes):
    rule = Rule(120.0, name=name, priority=priority)
    return status_of(state, alarm_id=f"Gate 1/{name}", rule=rule, **changes)


def test_every_state_has_its_list():
    """What is normal is in none; nothing is in two."""
    found = lists_of([snapshot_of(alarms=tuple(alarm(one.value, one) for one in AlarmState))])

    assert {one.status.state for one in found.active} == {
        AlarmState.UNACKNOWLEDGED,
        AlarmState.ACKNOWLEDGED,
        AlarmState.RETURNED_UNACKNOWLEDGED,
    }
    assert [one.status.state for one in found.shelved] == [AlarmState.SHELVED]
    assert [one.status.state for one in found.suppressed] == [AlarmState.SUPPRESSED]


def test_priority_comes_before_time():
    """In a flood the high ones stay on top; of equals the oldest is first."""
    alarms = (
        alarm("old low", priority=Priority.LOW, since_s=0),
        alarm("new high", priority=Priority.HIGH, since_s=90),
        alarm("old high", priority=Priority.HIGH, since_s=60),
        alarm("medium", since_s=30),
    )

    found = lists_of([snapshot_of(alarms=alarms)])

    names = [one.status.rule.name for one in found.active]
    assert names == ["old high", "new high", "medium", "old low"]


def test_a_flood_is_told_from_the_eleventh_alarm_on_until_it_is_over():
    """More than ten within ten minutes; acknowledgements are no alarms."""
    flood = FloodWatch()
    for index in range(10):
        flood.take(ring_of(index))
    flood.take(ring_of(10, before=AlarmState.UNACKNOWLEDGED, after=AlarmState.ACKNOWLEDGED))
    at_ten = flood.words(NOON + timedelta(seconds=11))
    flood.take(ring_of(12))

    at_eleven = flood.words(NOON + timedelta(seconds=13))
    later = flood.words(NOON + timedelta(seconds=601))

    assert at_ten == ""
    assert at_eleven.startswith("11 new alarms in 10 minutes")
    assert later == ""


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(120.0), "limit 120"),
        (Rule(4.5, measure=Measure.PEAK_DENSITY), "limit 4.5"),
        (Rule(20.0, level=Level.LOW), "lower limit 20"),
        (Rule(5.0, measure=Measure.STREAM), "limit 5 s"),
    ],
)
def test_a_limit_is_told(rule, words):
    """With its side; seconds are named, as the place they stand in is for people."""
    assert limit_words(status_of(AlarmState.UNACKNOWLEDGED, rule=rule)) == words


def test_a_shelved_alarm_says_until_when_by_whom_and_why():
    """What is put aside must never be forgotten."""
    status = alarm(
        "limit",
        AlarmState.SHELVED,
        shelved_until_utc=NOON + timedelta(minutes=15),
        shelved_by="Ada",
        shelved_reason="a drill",
    )

    assert state_words(status, UTC) == "Shelved until 12:15:00 by Ada: a drill"


def test_all_of_an_entry_can_be_read_aloud():
    """Where, how urgent, in which state, how much."""
    rule = Rule(120.0, name="full", zone="stage", priority=Priority.HIGH)
    entry = AlarmEntry("Gate 1", status_of(AlarmState.UNACKNOWLEDGED, rule=rule))

    assert spoken_words(entry, UTC) == (
        "Gate 1 · stage · full, high priority, Alarm since 12:00:00, 131 people, limit 120"
    )
