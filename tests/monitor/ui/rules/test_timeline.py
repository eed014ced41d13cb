"""A day as a bar."""

from datetime import timedelta

import pytest

from monitor.alarms.what_if import Ringing, WhatIf
from monitor.ui.rules.timeline import Timeline
from monitor.ui.rules.trial import Trial
from tests.rigs.history import NOON

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
