"""Zones over a picture."""

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter

from monitor.core.zone import Zone, ZoneKind
from monitor.ui.zone_drawing import draw_zones, zone_polygon
from monitor.ui.zoom import View

LEFT_HALF = Zone("Gate", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), colour="#00ff00")


def drawn(zone, view=None):
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    draw_zones(painter, QRectF(0, 0, 200, 100), [zone], **({"view": view} if view else {}))
    painter.end()
    return image


def test_corners_are_shares_of_where_the_picture_is(qapp):
    """A picture in the middle of its place has its zones there, too."""
    polygon = zone_polygon(LEFT_HALF, QRectF(40, 10, 100, 50))

    corners = [(one.x(), one.y()) for one in polygon]
    assert corners == [(40, 10), (90, 10), (90, 60), (40, 60)]


def test_a_zone_moves_with_the_picture_under_it(qapp):
    """Twice as near at the right half: the zone's right edge is at the left."""
    polygon = zone_polygon(LEFT_HALF, QRectF(0, 0, 200, 100), View(0.5, 0.25, 0.5, 0.5))

    assert polygon.boundingRect().right() == 0.0


def test_inside_is_tinted_and_outside_is_not(qapp):
    """One sees which side of the line is counted."""
    image = drawn(LEFT_HALF)

    assert image.pixelColor(50, 60).green() > 10
    assert image.pixelColor(150, 60).green() == 0


def test_what_is_not_counted_looks_otherwise(qapp):
    """Hatched: some pixels strong, some untouched."""
    hidden = Zone("Screen", LEFT_HALF.polygon, ZoneKind.EXCLUDE, "#00ff00")

    greens = {drawn(hidden).pixelColor(x, 50).green() for x in range(20, 80)}

    assert min(greens) == 0
    assert max(greens) > 60
