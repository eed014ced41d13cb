"""What is written under a picture on the wall: as much as its width has room for.

The count is never cut short; all else gives way to it, the name first.
"""

from dataclasses import dataclass

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap

from monitor.core.reading import Quality
from monitor.ui.badge import draw_quality_shape
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView

_TWO_LINES_FROM_PX = 230
_GAP = 8
_SIDE_AIR = 6
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


@dataclass(frozen=True, slots=True)
class CaptionWords:
    """All that stands under a picture; equal words look alike."""

    name: str
    is_chosen: bool
    """Whether the camera is the one that is looked at."""
    quality: Quality | None = None
    """None: nothing is known yet."""
    trend: str = ""
    count: str = ""
    is_old: bool = False
    """Whether the count is of the past."""
    interval: str = ""
    outlook: str = ""
    details: str = ""


def words_of(name: str, view: CameraView | None, *, is_chosen: bool) -> CaptionWords:
    """Choose what is written of a camera: name, count, interval, trend, crowding, age and rate.

    Args:
        name: Of the camera.
        view: The camera now; None: nothing is known yet.
        is_chosen: Whether the camera is the one that is looked at.

    Returns:
        The words; of an unknown camera only its name.
    """
    if view is None:
        return CaptionWords(name, is_chosen)
    parts = (view.level, view.picture_age, view.picture_rate)
    return CaptionWords(
        name,
        is_chosen,
        quality=view.quality,
        trend=view.trend.value,
        count=view.count.count,
        is_old=view.count.is_old,
        interval=view.count.interval_short,
        outlook=view.outlook_short,
        details=" · ".join(part for part in parts if part),
    )


class Caption:
    """Draws the words under one picture, anew only when they change.

    Each call of Qt lets another thread have the interpreter, and words take some forty of them:
    sixteen captions drawn ten times a second would keep the window waiting for its turn.
    """

    def __init__(self) -> None:
        self._drawn: QPixmap | None = None
        self._drawn_for: tuple[object, ...] = ()

    def draw(self, painter: QPainter, box: QRect, words: CaptionWords, theme: Theme) -> None:
        """Write the words.

        Args:
            painter: Where to write; left as it was.
            box: Room for them, which they fill with the colour of a panel.
            words: What to write.
            theme: Colours.
        """
        font, device = painter.font(), painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        wanted = (words, theme.name, box.width(), box.height(), ratio, font.key())
        if self._drawn is None or wanted != self._drawn_for:
            self._drawn, self._drawn_for = _drawn(words, theme, box.size(), ratio, font), wanted
        painter.drawPixmap(box.topLeft(), self._drawn)


def _drawn(words: CaptionWords, theme: Theme, size: QSize, ratio: float, font: QFont) -> QPixmap:
    """Draw a caption on its own."""
    pixmap = QPixmap((size * ratio).expandedTo(QSize(1, 1)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(theme.panel))
    painter = QPainter(pixmap)
    painter.setFont(font)
    inner = QRect(QPoint(0, 0), size).adjusted(_SIDE_AIR, 0, -_SIDE_AIR, 0)
    _draw_words(painter, inner, words, theme)
    painter.end()
    return pixmap


def _draw_words(painter: QPainter, box: QRect, words: CaptionWords, theme: Theme) -> None:
    font = painter.font()
    line = QFontMetrics(_sized(font, _COUNT_SIZE)).height() + 6
    upper = QRect(box.left(), box.top(), box.width(), line)
    room = upper if words.quality is None else _draw_count(painter, upper, words, theme)
    name_font = QFont(font)
    name_font.setBold(words.is_chosen)
    _write(painter, room, words.name, (name_font, theme.text), is_left=True)
    if words.quality is not None and box.height() > line:
        lower = QRect(box.left(), upper.bottom(), box.width(), box.bottom() - upper.bottom() - _AIR)
        painter.setFont(font)
        _draw_details(painter, lower, words, theme)


def _draw_count(painter: QPainter, box: QRect, words: CaptionWords, theme: Theme) -> QRect:
    """Draw quality, trend, count; give the room that is left."""
    font = painter.font()
    side = min(box.height() - 10, 16)
    shape = QRectF(box.right() - side, box.center().y() - side / 2 + 1, side, side)
    quality = words.quality or Quality.LOST
    draw_quality_shape(painter, shape, quality, QColor(theme.of_quality(quality)))
    room = box.adjusted(0, 0, -side - _GAP, 0)
    count_font = _sized(font, _COUNT_SIZE)
    count_font.setBold(True)
    room = _write(painter, room, words.trend, (count_font, theme.muted))
    count_font.setStrikeOut(words.is_old)
    colour = theme.muted if words.is_old else theme.text
    return _write(painter, room, words.count, (count_font, colour))


def _draw_details(painter: QPainter, box: QRect, words: CaptionWords, theme: Theme) -> None:
    font = _sized(painter.font(), _SMALL_SIZE)
    room = _write(painter, box, words.interval, (font, theme.muted))
    room = _write(painter, room, words.outlook, (font, theme.warning), is_left=True)
    _write(painter, room, words.details, (font, theme.muted), is_left=True)


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
