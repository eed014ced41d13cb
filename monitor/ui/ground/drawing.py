"""Marks and plane drawn over the picture: grid, horizon, what is too far, how far clicks miss."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from monitor.core.zone import RelativePoint
from monitor.ui.ground.captions import place_captions
from monitor.ui.ground.draft import Marks, Way
from monitor.ui.ground.fit import GroundFit
from monitor.ui.language import written

Placer = Callable[[RelativePoint], QPointF]
"""Gives where a place of the picture is on the screen."""

_MARK = QColor("#f0e442")
_DARK = QColor(0, 0, 0, 190)
_GRID = QColor(86, 180, 233, 120)
_GRID_MAJOR = QColor(86, 180, 233, 230)
_FAR = QColor(128, 128, 128, 120)
_FAR_LINES = QColor(40, 40, 40, 170)
_HORIZON = QColor("#e69f00")
_RADIUS_PX = 5.0
_WHOLE_PX = 10.0  # a tenth of a pixel says nothing about what misses by more


def draw_fit(painter: QPainter, fit: GroundFit, place_of: Placer) -> None:
    """Draw a plane: metres on the ground, what is too far to be trusted, the horizon.

    Args:
        painter: Where to draw; its pen and brush are changed.
        fit: What to draw.
        place_of: From the picture to the screen.
    """
    if fit.far:
        painter.setPen(Qt.PenStyle.NoPen)
        outline = QPolygonF([place_of(one) for one in fit.far])
        for brush in (QBrush(_FAR), QBrush(_FAR_LINES, Qt.BrushStyle.BDiagPattern)):
            painter.setBrush(brush)
            painter.drawPolygon(outline)
    for is_major, colour, width in ((False, _GRID, 1.0), (True, _GRID_MAJOR, 1.6)):
        painter.setPen(QPen(colour, width))
        for one in fit.grid.lines:
            if one.is_major is is_major:
                painter.drawLine(QLineF(place_of(one.start), place_of(one.end)))
    if fit.horizon is not None:
        line = QLineF(*(place_of(one) for one in fit.horizon))
        for pen in (QPen(_DARK, 4), QPen(_HORIZON, 2, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawLine(line)


def draw_marks(
    painter: QPainter,
    marks: Marks,
    fit: GroundFit | None,
    place_of: Placer,
    *,
    mouse: RelativePoint | None = None,
) -> None:
    """Draw clicks with their numbers, what joins them, and how far each misses.

    Args:
        painter: Where to draw; its pen and brush are changed.
        marks: What was clicked.
        fit: The plane through them; None: there is none, so no misses are known.
        place_of: From the picture to the screen.
        mouse: Where the next click would fall, to see what it would join; None: not shown.
    """
    places = [place_of(one) for one in marks.clicked]
    _join(painter, marks, places, None if mouse is None else place_of(mouse))
    for number, place in enumerate(places):
        is_chosen = number == marks.chosen
        painter.setPen(QPen(_DARK, 1.5))
        painter.setBrush(QColor("#ffffff") if is_chosen else _MARK)
        radius = 1.5 * _RADIUS_PX if is_chosen else _RADIUS_PX
        painter.drawEllipse(place, radius, radius)
        painter.setPen(QPen(QColor("#000000"), 1))
        painter.drawPoint(place)
    _write(painter, _captions(marks, fit, places), places)


def _join(
    painter: QPainter, marks: Marks, places: Sequence[QPointF], mouse: QPointF | None
) -> None:
    for pen in (QPen(_DARK, 4), QPen(_MARK, 2)):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if marks.way is Way.RECTANGLE and places:
            line = [*places, *([] if mouse is None else [mouse])]
            is_whole = len(line) == 4
            (painter.drawPolygon if is_whole else painter.drawPolyline)(QPolygonF(line))
        if marks.way is Way.PEOPLE:
            ends = [*places, *([mouse] if mouse is not None and len(places) % 2 else [])]
            for head, feet in zip(ends[::2], ends[1::2], strict=False):
                painter.drawLine(QLineF(head, feet))


def _captions(
    marks: Marks, fit: GroundFit | None, places: Sequence[QPointF]
) -> list[tuple[QPointF, str]]:
    """Give what is written beside the clicks: numbers, sides in metres, misses."""
    if marks.way is Way.RECTANGLE:
        found = [(place, str(number + 1)) for number, place in enumerate(places)]
        for side, (one, other) in enumerate(pairwise(places[:3])):
            found.append(((one + other) / 2, f"{written(marks.sides_m[side], 'g')} m"))
        return found
    each = 2 if marks.way is Way.PEOPLE else 1
    misses = fit.misses if fit is not None else ()
    found = []
    for number, place in enumerate(places[::each]):
        words = str(number + 1)
        if number < len(misses):
            miss = misses[number]
            digits = 0 if miss.px >= _WHOLE_PX else 1
            words += f": {written(miss.px, f'.{digits}f')} px {written(miss.m, '.2f')} m"
        found.append((place, words))
    return found


def _write(
    painter: QPainter, captions: Sequence[tuple[QPointF, str]], marks: Sequence[QPointF]
) -> None:
    """Write words beside their places, where they hide neither each other nor a mark."""
    metrics = painter.fontMetrics()
    sizes = [
        QRectF(metrics.boundingRect(words)).adjusted(-4, -1, 4, 1).size() for _, words in captions
    ]
    around = [
        QRectF(-_RADIUS_PX, -_RADIUS_PX, 2 * _RADIUS_PX, 2 * _RADIUS_PX).translated(one)
        for one in marks
    ]
    wanted = [(place, size) for (place, _), size in zip(captions, sizes, strict=True)]
    for (_, words), box in zip(captions, place_captions(wanted, around), strict=True):
        painter.fillRect(box, _DARK)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
