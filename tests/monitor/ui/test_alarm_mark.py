"""The state of an alarm as a shape."""

from itertools import combinations

import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter

from monitor.core.alarm import AlarmState
from monitor.ui.alarm_mark import draw_alarm_mark, most_urgent
from monitor.ui.theme import DARK
from tests.rigs.snapshots import status_of


def drawn(state):
    """Where something is drawn, without its colour."""
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    painter = QPainter(image)
    draw_alarm_mark(painter, QRectF(5, 5, 50, 50), state, DARK)
    painter.end()
    return [image.pixel(x, y) != 0xFF808080 for x in range(60) for y in range(60)]


def test_every_state_but_normal_has_a_shape_of_its_own(qapp):
    """Somebody who sees no colours can tell them apart by outline or by the sign inside."""
    shapes = {one: drawn(one) for one in AlarmState if one is not AlarmState.NORMAL}

    assert not any(drawn(AlarmState.NORMAL))
    outlines = {
        AlarmState.UNACKNOWLEDGED,
        AlarmState.RETURNED_UNACKNOWLEDGED,
        AlarmState.ACKNOWLEDGED,
        AlarmState.SHELVED,
    }
    for one, other in combinations(outlines, 2):
        different = sum(a != b for a, b in zip(shapes[one], shapes[other], strict=True))
        assert different > 0.1 * sum(shapes[one]), (one, other)


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ((), None),
        ((AlarmState.NORMAL,), AlarmState.NORMAL),
        ((AlarmState.NORMAL, AlarmState.SUPPRESSED), AlarmState.SUPPRESSED),
        ((AlarmState.ACKNOWLEDGED, AlarmState.UNACKNOWLEDGED), AlarmState.UNACKNOWLEDGED),
        (
            (AlarmState.SHELVED, AlarmState.RETURNED_UNACKNOWLEDGED),
            AlarmState.RETURNED_UNACKNOWLEDGED,
        ),
    ],
)
def test_the_border_shows_what_needs_a_person_most(states, worst):
    """Of several alarms of a camera."""
    assert most_urgent([status_of(one) for one in states]) is worst
