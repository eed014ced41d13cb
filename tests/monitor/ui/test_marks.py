"""Alarm states and count qualities: each has a shape of its own."""

import itertools
from itertools import combinations

import numpy as np
import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.ui.marks import QualityBadge, draw_alarm_mark, draw_quality_shape, most_urgent
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


def ink_of(quality):
    """The shape in black on white: shape (32, 32), share of ink."""
    image = QImage(32, 32, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    painter = QPainter(image)
    draw_quality_shape(painter, QRectF(0, 0, 32, 32), quality, QColor("black"))
    painter.end()
    pixels = np.frombuffer(image.constBits().asstring(image.sizeInBytes()), dtype=np.uint8)
    return 1 - pixels.reshape(32, image.bytesPerLine())[:, :32] / 255


def test_shapes_differ_without_any_colour(qapp):
    """Who sees no colours can tell every quality from every other."""
    shapes = {quality: ink_of(quality) for quality in Quality}

    for one, other in itertools.combinations(Quality, 2):
        assert np.abs(shapes[one] - shapes[other]).mean() > 0.1, (one, other)


def test_badge_says_its_quality_in_words(qtbot, dark):
    """For screen readers, and for whoever asks what it means."""
    badge = QualityBadge(dark)
    qtbot.addWidget(badge)

    badge.show_quality(Quality.STALE)

    assert badge.quality is Quality.STALE
    assert badge.accessibleName() == "Quality of the count: stale"
    assert "out of date" in badge.toolTip()


def test_badge_keeps_its_size_whatever_it_says(qtbot, dark):
    """Nothing beside it moves when the word changes."""
    badge = QualityBadge(dark)
    qtbot.addWidget(badge)
    sizes = set()
    for quality in Quality:
        badge.show_quality(quality)
        sizes.add((badge.sizeHint().width(), badge.sizeHint().height()))

    assert len(sizes) == 1


def test_badge_draws_its_word_inside_itself(qtbot, dark):
    """The longest word has room: no ink touches the right border's inside."""
    badge = QualityBadge(dark)
    qtbot.addWidget(badge)
    badge.show_quality(Quality.DEGRADED)
    badge.resize(badge.sizeHint())

    image = badge.grab().toImage()

    middle = [image.pixelColor(image.width() - 4, y).name() for y in range(6, image.height() - 6)]
    assert len(set(middle)) == 1
