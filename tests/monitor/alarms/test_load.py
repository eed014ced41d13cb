"""The load of the alarms, from journals that were counted by hand."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alarms.load import FLOOD_ALARMS, alarm_load, alarm_load_csv
from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.rule import Priority

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
NORMAL, RINGS, KNOWN, OVER, SHELVED, _ = AlarmState
STOP = NOON + timedelta(hours=3)


def event(at_s, before, after, *, rule="limit", who="", priority=Priority.MEDIUM):
    """A transition some seconds after noon."""
    return AlarmEvent(
        "Gate", NOON + timedelta(seconds=at_s), before, after, 9.0, 5.0, who,
        alarm_id=f"Gate/{rule}", priority=priority,
    )  # fmt: skip


def rings(*moments_s, **how):
    """An alarm that begins to ring at these moments."""
    return [event(at_s, NORMAL, RINGS, **how) for at_s in moments_s]


def test_a_day_counted_by_hand():
    """Two alarms, three ringings: one answered after 30 s, one after its end, one never."""
    journal = [
        event(0, NORMAL, RINGS, priority=Priority.HIGH),
        event(30, RINGS, KNOWN, who="Ada"),
        event(90, KNOWN, NORMAL),
        event(4000, NORMAL, RINGS, rule="other"),
        event(4010, RINGS, OVER, rule="other"),
        event(4100, OVER, NORMAL, rule="other", who="Bob"),
        event(7300, NORMAL, RINGS),
        event(7400, RINGS, OVER),
        event(7500, NORMAL, SHELVED, rule="other", who="Bob"),
        event(7600, SHELVED, SHELVED, rule="other", who="Bob"),
    ]

    load = alarm_load(journal, NOON, STOP)

    assert (load.rang, load.per_hour, load.busiest_hour) == (3, pytest.approx(1.0), 1)
    assert [number for _, number in load.by_hour] == [1, 1, 1]
    assert [(one.alarm_id, one.rang) for one in load.by_alarm] == [
        ("Gate/limit", 2),
        ("Gate/other", 1),
    ]
    assert dict(load.by_priority) == {Priority.HIGH: 1, Priority.MEDIUM: 2, Priority.LOW: 0}
    assert (load.acknowledge_median_s, load.acknowledge_p95_s) == (65.0, pytest.approx(96.5))
    assert (load.unacknowledged, load.shelved, load.floods) == (1, 1, ())


def test_ringing_again_unanswered_is_counted_each_time():
    """It returned by itself and rang again: nobody said that they knew of the first."""
    journal = [
        event(0, NORMAL, RINGS),
        event(20, RINGS, OVER),
        event(40, OVER, RINGS),
        event(50, RINGS, KNOWN, who="Ada"),
    ]

    load = alarm_load(journal, NOON, STOP)

    assert (load.rang, load.unacknowledged, load.acknowledge_median_s) == (2, 1, 10.0)


@pytest.mark.parametrize(
    ("moments_s", "chatters"),
    [((0, 30, 60), True), ((0, 30, 61), False), ((0, 1), False), ((0, 500, 510, 520), True)],
)
def test_an_alarm_that_rings_thrice_in_a_minute_chatters(moments_s, chatters):
    """Its dead band is too small."""
    (count,) = alarm_load(rings(*moments_s), NOON, STOP).by_alarm

    assert count.chatters is chatters


def test_a_flood_is_more_than_ten_in_ten_minutes():
    """Eleven at one a minute are none, eleven within nine minutes are one."""
    calm = alarm_load(rings(*range(0, 660, 60)), NOON, STOP)
    flood = alarm_load(rings(*range(1000, 1550, 50), 5000), NOON, STOP)

    assert calm.floods == ()
    (found,) = flood.floods
    assert (found.start_utc, found.end_utc) == (
        NOON + timedelta(seconds=1000),
        NOON + timedelta(seconds=1500),
    )
    assert found.alarms == 11


@given(st.lists(st.integers(0, 3600), max_size=60))
def test_floods_agree_with_counting_every_window(moments_s):
    """Brute force: every window of the hour."""
    journal = rings(*sorted(moments_s))
    worst = max((sum(end - 600 < one <= end for one in moments_s) for end in moments_s), default=0)

    assert bool(alarm_load(journal, NOON, STOP).floods) is (worst > FLOOD_ALARMS)


@given(st.lists(st.integers(0, 3 * 3600 - 1), max_size=40))
def test_every_alarm_is_counted_once_everywhere(moments_s):
    """Law: hours, alarms and priorities each add up to the whole."""
    load = alarm_load(rings(*sorted(moments_s)), NOON, STOP)

    assert sum(number for _, number in load.by_hour) == load.rang == len(moments_s)
    assert sum(one.rang for one in load.by_alarm) == load.rang
    assert sum(number for _, number in load.by_priority) == load.rang


def test_changes_of_rules_and_time_outside_do_not_count():
    """A changed limit while it rings is no new alarm; nor is what came before or after."""
    journal = [
        event(-1, NORMAL, RINGS),
        event(10, RINGS, RINGS, who="Ada"),
        event(3 * 3600, NORMAL, RINGS),
    ]

    assert alarm_load(journal, NOON, STOP).rang == 0


def test_a_part_of_an_hour_is_an_hour_of_its_own():
    """Three and a half hours have four lines."""
    load = alarm_load([], NOON, STOP + timedelta(minutes=30))

    assert len(load.by_hour) == 4
    assert (load.per_hour, load.acknowledge_median_s, load.acknowledge_p95_s) == (0.0, None, None)
    with pytest.raises(ValueError, match="no time"):
        alarm_load([], NOON, NOON)


def test_the_report_can_be_read_again():
    """Every number of the load is in its CSV, and no name is a formula."""
    journal = rings(0, 20, 40) + rings(*range(1000, 1550, 50), rule="other")
    journal[0] = AlarmEvent("=A1", NOON, NORMAL, RINGS, 1.0, 1.0, alarm_id="=A1/limit")

    rows = list(csv.DictReader(io.StringIO(alarm_load_csv(alarm_load(journal, NOON, STOP)))))

    told = {(row["kind"], row["what"]): (row["alarms"], row["note"]) for row in rows}
    assert told["hour", "2030-05-01T12:00:00+00:00"] == ("14", "")
    assert told["alarm", "Gate/other"] == ("11", "")
    assert told["alarm", "'=A1/limit"] == ("1", "")
    assert told["flood", "2030-05-01T12:16:40+00:00"] == ("11", "until 2030-05-01T12:25:00+00:00")
    assert told["acknowledgement", "never"] == ("14", "")
    assert told["priority", "medium"] == ("14", "")
