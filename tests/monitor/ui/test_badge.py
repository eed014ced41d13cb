"""The quality of a count: each has a shape of its own."""

import itertools

import numpy as np
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter

from monitor.core.reading import Quality
from monitor.ui.badge import QualityBadge, draw_quality_shape


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
    assert "of the past" in badge.toolTip()


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
