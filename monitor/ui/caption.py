"""What is written under a picture on the wall: as much as its width has room for.

The count is never cut short; all else gives way to it, the name first.
"""

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter

from monitor.ui.badge import draw_quality_shape
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView

_TWO_LINES_FROM_PX = 230
_GAP = 8
_AIR = 7  # so that the border of an alarm does not run through the letters
_COUNT_SIZE = 1.45  # of the window's own letters
_SMALL_SIZE = 0.88
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def caption_height(width: int, font: QFont) -> int:
    """Give the height that the words under a tile need.

    Args:
        width: Of the tile, pixels.
        font: Of the window.

    Returns:
        Pixels: one line of large letters, and below it one of small ones where the tile is wide.
    """
    line = QFontMetrics(_sized(font, _COUNT_SIZE)).height() + 6
    if width < _TWO_LINES_FROM_PX:
        return line
    return line + QFontMetrics(_sized(font, _SMALL_SIZE)).height() + _AIR


def draw_caption(
    painter: QPainter,
    box: QRect,
    view: CameraView | None,
    *,
    name: str,
    is_chosen: bool,
    theme: Theme,
) -> None:
    """Write name, count, interval, trend, crowding, age and rate.

    Args:
        painter: Where to write; left as it was.
        box: Room for the words.
        view: The camera now; None: nothing is known yet.
        name: Of the camera.
        is_chosen: Whether the camera is the one that is looked at.
        theme: Colours.
    """
    painter.save()
    font = painter.font()
    line = QFontMetrics(_sized(font, _COUNT_SIZE)).height() + 6
    upper = QRect(box.left(), box.top(), box.width(), line)
    room = upper if view is None else _draw_count(painter, upper, view, theme)
    name_font = QFont(font)
    name_font.setBold(is_chosen)
    _write(painter, room, name, (name_font, theme.text), is_left=True)
    if view is not None and box.height() > line:
        lower = QRect(box.left(), upper.bottom(), box.width(), box.bottom() - upper.bottom() - _AIR)
        painter.setFont(font)
        _draw_details(painter, lower, view, theme)
    painter.restore()


def _draw_count(painter: QPainter, box: QRect, view: CameraView, theme: Theme) -> QRect:
    """Draw quality, trend, count; give the room that is left."""
    font = painter.font()
    side = min(box.height() - 10, 16)
    shape = QRectF(box.right() - side, box.center().y() - side / 2 + 1, side, side)
    draw_quality_shape(painter, shape, view.quality, QColor(theme.of_quality(view.quality)))
    room = box.adjusted(0, 0, -side - _GAP, 0)
    count_font = _sized(font, _COUNT_SIZE)
    count_font.setBold(True)
    room = _write(painter, room, view.trend.value, (count_font, theme.muted))
    count_font.setStrikeOut(view.count.is_old)
    colour = theme.muted if view.count.is_old else theme.text
    return _write(painter, room, view.count.count, (count_font, colour))


def _draw_details(painter: QPainter, box: QRect, view: CameraView, theme: Theme) -> None:
    font = _sized(painter.font(), _SMALL_SIZE)
    room = _write(painter, box, view.count.interval_short, (font, theme.muted))
    if view.outlook_short:
        room = _write(painter, room, view.outlook_short, (font, theme.warning), is_left=True)
    parts = [part for part in (view.level, view.picture_age, view.picture_rate) if part]
    _write(painter, room, " · ".join(parts), (font, theme.muted), is_left=True)


def _write(
    painter: QPainter, box: QRect, text: str, look: tuple[QFont, str], *, is_left: bool = False
) -> QRect:
    """Write words at one end of a box, cut short at the left one; give the room that is left."""
    if not text:
        return box
    font, colour = look
    painter.setFont(font)
    painter.setPen(QColor(colour))
    metrics = painter.fontMetrics()
    if is_left:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, _LEFT, text)
    else:
        painter.drawText(box, _RIGHT, text)
    width = metrics.horizontalAdvance(text) + _GAP
    return box.adjusted(width if is_left else 0, 0, 0 if is_left else -width, 0)


def _sized(font: QFont, share: float) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(max(9, round(font.pixelSize() * share if font.pixelSize() > 0 else 13)))
    return sized
