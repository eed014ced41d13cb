"""Zones drawn over a picture, where the picture is and however far one has zoomed in."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from monitor.core.zone import Zone, ZoneKind
from monitor.ui.zoom import WHOLE, View

_LINE_PX = 2
_FILLED = 0.10  # enough to see which side is inside, too little to hide anybody
_HATCHED = 0.45
_NAME_FROM_PX = 260  # in narrower pictures names would hide people


def zone_polygon(zone: Zone, box: QRectF, view: View = WHOLE) -> QPolygonF:
    """Give the corners of a zone on the screen.

    Args:
        zone: Its corners are shares of the picture.
        box: Where the part of the picture that `view` shows is drawn.
        view: The part of the picture that is shown.

    Returns:
        Corners in the units of `box`.
    """
    places = [view.on_view(x, y) for x, y in zone.polygon]
    return QPolygonF(
        [QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in places]
    )


def draw_zones(
    painter: QPainter, box: QRectF, zones: Sequence[Zone], *, view: View = WHOLE
) -> None:
    """Draw zones: what is counted as an outline, what is not counted hatched.

    Args:
        painter: Where to draw; left as it was.
        box: Where the part of the picture that `view` shows is drawn.
        zones: What to draw.
        view: The part of the picture that is shown.
    """
    if not zones:
        return
    painter.save()
    painter.setClipRect(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for zone in zones:
        polygon = zone_polygon(zone, box, view)
        colour = QColor(zone.colour)
        is_counted = zone.kind is ZoneKind.COUNT
        style = Qt.PenStyle.SolidLine if is_counted else Qt.PenStyle.DashLine
        painter.setPen(QPen(colour, _LINE_PX, style))
        inside = QColor(colour)
        inside.setAlphaF(_FILLED if is_counted else _HATCHED)
        pattern = Qt.BrushStyle.SolidPattern if is_counted else Qt.BrushStyle.BDiagPattern
        painter.setBrush(QBrush(inside, pattern))
        painter.drawPolygon(polygon)
        if box.width() >= _NAME_FROM_PX:
            _write_name(painter, polygon, zone.name)
    painter.restore()


def draw_peak(painter: QPainter, box: QRectF, outline: Sequence[QPointF], words: str) -> None:
    """Mark where it is fullest.

    Args:
        painter: Where to draw; left as it was.
        box: Where the picture is drawn.
        outline: Corners of the fullest 4 m² on the screen, in order.
        words: How full it is there.
    """
    painter.save()
    painter.setClipRect(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    polygon = QPolygonF(list(outline))
    for pen in (QPen(QColor(0, 0, 0, 190), 4), QPen(QColor("#ffffff"), 2)):  # on any ground
        painter.setPen(pen)
        painter.drawPolygon(polygon)
    bounds = polygon.boundingRect()
    _write(painter, QPointF(bounds.right() + 6, bounds.top()), words)
    painter.restore()


def _write_name(painter: QPainter, polygon: QPolygonF, name: str) -> None:
    _write(painter, polygon.boundingRect().topLeft() + QPointF(6, 4), name)


def _write(painter: QPainter, place: QPointF, words: str) -> None:
    box = QRectF(painter.fontMetrics().boundingRect(words)).adjusted(-4, -1, 4, 1)
    box.moveTopLeft(place)
    painter.fillRect(box, QColor(0, 0, 0, 150))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
