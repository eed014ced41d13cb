"""Who is told of what, and when."""

import pytest

from monitor.core.alarm import AlarmState
from monitor.core.rule import Priority
from monitor.outputs.notify.plan import Plan, Terms
from monitor.outputs.notify.text import Ring
from tests.rigs.history import ring_of

UNACKNOWLEDGED = AlarmState.UNACKNOWLEDGED
ACKNOWLEDGED = AlarmState.ACKNOWLEDGED
RETURNED = AlarmState.RETURNED_UNACKNOWLEDGED
NORMAL = AlarmState.NORMAL
HOUR_S = 3600.0


def event(before, after, *, alarm_id="Gate 1/limit", priority=Priority.MEDIUM):
    return Ring(
        ring_of(0, before=before, after=after, alarm_id=alarm_id, priority=priority), None, None
    )


RING = event(NORMAL, UNACKNOWLEDGED)


def test_a_ring_is_told_at_once_and_once():
    """One alarm, one message, however long it rings."""
    plan = Plan(Terms("duty"))

    assert len(plan.take(RING, now_s=0.0)) == 1
    assert [plan.pass_time(now_s=now_s) for now_s in (1.0, 100.0, 10_000.0)] == [[], [], []]


@pytest.mark.parametrize("priority", list(Priority))
def test_only_priorities_that_were_asked_for(priority):
    """Who is called at night is called for high alarms alone."""
    plan = Plan(Terms("on call", priorities=frozenset({Priority.HIGH})))

    told = plan.take(event(NORMAL, UNACKNOWLEDGED, priority=priority), now_s=0.0)

    assert bool(told) is (priority is Priority.HIGH)


def test_nobody_is_called_for_an_alarm_that_was_answered_in_time():
    """Acknowledged after 59 s: the one who is called after 60 s sleeps on."""
    plan = Plan(Terms("on call", after_s=60.0))

    told = plan.take(RING, now_s=0.0) + plan.pass_time(now_s=59.0)
    told += plan.take(event(UNACKNOWLEDGED, ACKNOWLEDGED), now_s=59.0)
    told += plan.pass_time(now_s=1000.0)

    assert told == []


@pytest.mark.parametrize("has_returned", [False, True], ids=["rings on", "gone by itself"])
def test_an_alarm_that_nobody_answers_is_told_to_the_next(has_returned):
    """Also where the crowd has gone meanwhile: nobody knows why it came."""
    plan = Plan(Terms("on call", after_s=60.0))

    told = plan.take(RING, now_s=0.0)
    if has_returned:
        told += plan.take(event(UNACKNOWLEDGED, RETURNED), now_s=30.0)
    told += plan.pass_time(now_s=59.9)
    assert told == []
    (notice,) = plan.pass_time(now_s=60.0)

    assert "UNANSWERED" in notice.title
    assert "60 s" in notice.body


@pytest.mark.parametrize("after", [AlarmState.SHELVED, AlarmState.SUPPRESSED, NORMAL, ACKNOWLEDGED])
def test_an_alarm_that_needs_nobody_calls_nobody(after):
    """Put aside, suppressed, gone or answered."""
    plan = Plan(Terms("on call", after_s=60.0))

    plan.take(RING, now_s=0.0)
    plan.take(event(UNACKNOWLEDGED, after), now_s=1.0)

    assert plan.pass_time(now_s=100.0) == []


def test_a_flood_is_cut_off_and_told():
    """Of a hundred alarms in an hour three are told; the next one says that 97 were not."""
    plan = Plan(Terms("duty", per_hour=3))

    told = [
        notice
        for index in range(100)
        for notice in plan.take(
            event(NORMAL, UNACKNOWLEDGED, alarm_id=f"Gate {index}/limit"), now_s=float(index)
        )
    ]
    later = plan.take(RING, now_s=HOUR_S + 1.0)

    assert len(told) == 3
    assert plan.left_out == 97
    assert "97 messages were left out" in later[0].body
    assert (
        "left out"
        not in plan.take(event(NORMAL, UNACKNOWLEDGED, alarm_id="x"), now_s=HOUR_S + 2)[0].body
    )


def test_small_alarms_never_hide_a_great_one():
    """The allowance of high alarms is their own."""
    plan = Plan(Terms("duty", per_hour=1))
    for index in range(10):
        low = event(NORMAL, UNACKNOWLEDGED, alarm_id=f"{index}", priority=Priority.LOW)
        plan.take(low, now_s=0.0)

    high = event(NORMAL, UNACKNOWLEDGED, alarm_id="a", priority=Priority.HIGH)

    assert len(plan.take(high, now_s=1.0)) == 1


def test_the_end_is_told_to_who_wants_it_and_was_told_of_the_beginning():
    """Nobody hears that something is over of which they never heard."""
    plan = Plan(Terms("duty", tells_end=True))
    quiet = Plan(Terms("duty"))
    end = event(ACKNOWLEDGED, NORMAL)

    assert plan.take(end, now_s=0.0) == []
    plan.take(RING, now_s=1.0)
    quiet.take(RING, now_s=1.0)
    (notice,) = plan.take(end, now_s=2.0)

    assert notice.is_good_news
    assert plan.take(end, now_s=3.0) == []
    assert quiet.take(end, now_s=2.0) == []


def test_a_change_of_a_rule_is_no_alarm():
    """The journal has entries in which the state stays as it is."""
    plan = Plan(Terms("duty"))

    assert plan.take(event(UNACKNOWLEDGED, UNACKNOWLEDGED), now_s=0.0) == []
