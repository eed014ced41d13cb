"""A rule is replayed on the history, in words and as a chart."""

from datetime import timedelta

import pytest

from monitor.alarms.replay import Ringing, WhatIf
from monitor.core.rule import Measure, Rule
from monitor.outputs.history.history import History
from monitor.outputs.history.queries import HistoryPoint
from monitor.outputs.outbox import Pace
from monitor.settings.outputs import parse_address
from monitor.ui.editors.rule_replay import (
    Timeline,
    Trial,
    blind_after,
    past_of,
    trial_words,
    try_out,
)
from tests.rigs.history import NOON, read_of

DAY = timedelta(hours=24)


@pytest.fixture
def bar(qtbot, dark):
    one = Timeline(dark)
    qtbot.addWidget(one)
    one.resize(480, 40)
    one.show()
    return one


def trial(*ringings):
    return Trial(NOON - DAY, NOON, WhatIf(ringings, 86_400.0), None)


def test_a_time_is_drawn_where_it_was(bar):
    """480 pixels are 24 hours, so an hour is 20; one that goes on reaches to the end."""
    bar.show_trial(trial())
    start = NOON - timedelta(hours=6)

    hour = bar.block(start, start + timedelta(hours=1))
    on = bar.block(start, None)

    assert (hour.left(), hour.width()) == pytest.approx((360, 20))
    assert on.right() == pytest.approx(480)


def test_a_short_alarm_can_be_seen(bar, dark):
    """Also one of a second at the very end."""
    start = NOON - timedelta(seconds=1)
    bar.show_trial(trial(Ringing(start, NOON, 60.0)))

    pixels = bar.grab().toImage()

    assert bar.block(start, NOON).right() <= 480
    ratio = bar.devicePixelRatioF()
    colour = pixels.pixelColor(round(479 * ratio), round(10 * ratio))
    assert colour.name() == dark.alarm


SOON = Pace(flush_s=0.01, retry_s=0.01)


def point(at_s, count=10.0, **changes):
    return HistoryPoint(NOON + timedelta(seconds=at_s), count, None, None, None, **changes)


@pytest.fixture
def store(tmp_path):
    """Two hours at 10 people, in which 40 stand there twice for five minutes."""
    history = History(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}), pace=SOON)
    history.start()
    for at_s in range(0, 7200, 10):
        is_full = 1200 <= at_s < 1500 or 4800 <= at_s < 5100
        history.on_reading(read_of(at_s, count=40.0 if is_full else 10.0))
    assert history.stop()
    return history


def test_a_limit_rings_as_often_as_the_place_was_full(store):
    """Twice, each for five minutes and the off-delay, after the on-delay; 41 people never."""
    now = NOON + timedelta(seconds=7200)
    wanted = Rule(30.0, on_delay_s=20.0, off_delay_s=30.0)

    trial = try_out(store, "Gate 1", wanted, Rule(41.0), now)

    lengths = [(one.end_utc - one.start_utc).total_seconds() for one in trial.wanted.ringings]
    starts = [(one.start_utc - NOON).total_seconds() for one in trial.wanted.ringings]
    assert starts == pytest.approx([1220, 4820], abs=15)  # the stretches are 10 s long
    assert lengths == pytest.approx([310, 310], abs=15)
    assert [one.worst for one in trial.wanted.ringings] == [40.0, 40.0]
    words = trial_words(trial)
    assert "would have raised an alarm 2 times" in words
    assert words.endswith("Current rule: never.")


def test_a_past_that_was_not_kept_is_not_a_quiet_one(store):
    """Where nothing is known nothing is promised."""
    trial = try_out(store, "Gate 9", Rule(30.0), None, NOON)

    assert trial_words(trial).startswith("There is no data")


def test_a_rate_is_the_difference_over_a_minute():
    """From 10 to 34 people within 60 s; unknown for the first minute and after a gap."""
    points = [point(0, 10.0), point(60, 34.0), point(600, 34.0)]

    values = past_of(points, Rule(20.0, measure=Measure.RATE))

    assert [one.value for one in values] == [None, 24.0, None]


def test_densities_come_from_their_own_columns():
    """Mean and peak; None where there was no ground plane."""
    points = [point(0, density_mean_m2=1.5, density_peak_m2=4.0), point(10)]

    mean = past_of(points, Rule(3.0, measure=Measure.DENSITY))
    peak = past_of(points, Rule(3.0, measure=Measure.PEAK_DENSITY))

    assert [one.value for one in mean] == [1.5, None]
    assert [one.value for one in peak] == [4.0, None]


def test_points_that_are_far_apart_are_no_gaps():
    """Of roll-ups by the minute each is a minute long; ten seconds is the least."""
    assert blind_after([point(0), point(60), point(120), point(4000)]) == 150.0
    assert blind_after([point(0), point(1)]) == 10.0
    assert blind_after([]) == 10.0
