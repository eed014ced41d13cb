"""What a rule would have done: the same as the alarm that watched, and what a hand count says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alarms.condition import Measured, sight_of
from monitor.alarms.machine import RuleAlarm
from monitor.alarms.replay import PastValue, replay, time_to_limit
from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.rule import Level, Rule

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
RULE = Rule(100.0, dead_band=10.0, on_delay_s=10.0, off_delay_s=15.0)


def after(seconds):
    """A moment after noon."""
    return NOON + timedelta(seconds=seconds)


def past(*plateaus, step_s=1.0):
    """Values that stay for some seconds each."""
    values, at_s = [], 0.0
    for length_s, value in plateaus:
        for _ in range(round(length_s / step_s)):
            values.append(PastValue(after(at_s), value))
            at_s += step_s
    return values


def test_it_would_have_rung_once_from_then_to_then():
    """120 from second 60 on: rings at 70; 50 from second 100 on: over at 115."""
    found = replay(past((60, 20), (20, 120), (20, 130), (60, 50)), RULE)

    (ringing,) = found.ringings
    assert (ringing.start_utc, ringing.end_utc) == (after(70), after(115))
    assert ringing.worst == 130
    assert found.judged_s == pytest.approx(159)


def test_a_lower_limit_would_have_rung_earlier_and_longer():
    """The same past through a changed rule."""
    values = past((60, 20), (30, 95), (30, 130), (60, 93), (60, 20))

    high, low = (replay(values, replace(RULE, limit=limit)).ringings for limit in (100.0, 90.0))

    assert [one.start_utc for one in high] == [after(100)]
    assert [one.start_utc for one in low] == [after(70)]
    assert low[0].end_utc == high[0].end_utc == after(195)


def test_minutes_are_enough_and_delays_run_out_between_them():
    """Means over a minute: it rings ten seconds after the first full one."""
    found = replay(past((300, 20), (600, 120), (600, 20), step_s=60.0), RULE, blind_after_s=90)

    (ringing,) = found.ringings
    assert (ringing.start_utc, ringing.end_utc) == (after(310), after(915))


def test_what_still_rings_has_no_end():
    """The crowd is still there."""
    (ringing,) = replay(past((60, 120)), RULE).ringings

    assert ringing.end_utc is None


def test_a_break_holds_and_is_not_counted():
    """An hour without pictures neither ends an alarm nor counts as judged."""
    values = past((30, 120))
    values += [PastValue(after(3600 + one), 120.0) for one in range(10)]

    found = replay(values, RULE)

    assert [(one.start_utc, one.end_utc) for one in found.ringings] == [(after(10), None)]
    assert found.judged_s == pytest.approx(29 + 10 + 9)


def test_values_that_go_back_in_time_are_left_out():
    """A clock that was put right in between."""
    values = past((20, 120))

    assert replay([*values, PastValue(after(-3600), 0.0)], RULE) == replay(values, RULE)


def test_low_limits_tell_the_lowest():
    """Farthest beyond is farthest down."""
    low = replace(RULE, level=Level.LOW, dead_band=5.0)

    (ringing,) = replay(past((30, 90), (30, 40), (30, 80)), low).ringings

    assert ringing.worst == 40


def test_nothing_is_nothing():
    """No past, no ringing."""
    assert replay([], RULE).ringings == ()


qualities = st.sampled_from([Quality.GOOD] * 4 + [Quality.DEGRADED, Quality.LOST])
pasts = st.lists(
    st.tuples(st.floats(0, 200), st.sampled_from([0.5, 1.0, 3.0]), qualities), max_size=80
)


@given(pasts, st.sampled_from(Level))
def test_it_says_what_the_alarm_said(history, level):
    """Law: the replay begins to ring when the live alarm did, which looks twice a second."""
    rule = replace(RULE, level=level)
    alarm = RuleAlarm("Gate", rule, NOON)
    at_s, values, journal, sight = 0.0, [], [], sight_of(rule, Quality.LOST)
    for value, step_s, quality in history:
        for _ in range(round(step_s / 0.5) - 1):
            at_s += 0.5
            journal += alarm.step(None, sight=sight, now_s=at_s, now_utc=after(at_s))
        at_s += 0.5
        found = None if quality is Quality.LOST else Measured(value)
        sight = sight_of(rule, quality)
        values.append(PastValue(after(at_s), None if found is None else value, None, quality))
        journal += alarm.step(found, sight=sight, now_s=at_s, now_utc=after(at_s))

    began = [one.at_utc for one in journal if one.after is AlarmState.UNACKNOWLEDGED]
    told = [one.start_utc for one in replay(values, rule).ringings]

    assert len(told) == len(began)
    for one, other in zip(told, began, strict=True):
        assert timedelta() <= other - one <= timedelta(seconds=0.501)


def test_the_trend_leads_to_the_limit():
    """From 40, four more each minute: 100 in 15 minutes less the 10 that have passed."""
    values = [PastValue(after(one), 40 + one / 15) for one in range(0, 601, 5)]

    found = time_to_limit(values, RULE)

    assert found.in_s == pytest.approx(300)
    assert found.per_minute == pytest.approx(4)


def test_the_trend_knows_only_ten_minutes():
    """What was an hour ago does not matter, nor what was counted blindly."""
    values = [PastValue(after(one), 500.0) for one in range(0, 3000, 10)]
    values += [PastValue(after(3000 + one), 50.0) for one in range(0, 601, 10)]
    values += [PastValue(after(3605), 9e9, None, Quality.STALE)]

    assert time_to_limit(values, RULE).in_s is None
    assert time_to_limit([], RULE) is None
