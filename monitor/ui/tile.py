"""One camera among many: its picture with the caption below it, and the border of its alarm.

The caption shows as much as its width has room for. The count is never cut short; all else gives
way to it, the name first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.zone import Zone
from monitor.ui.marks import alarm_colour, draw_alarm_mark, draw_quality_shape
from monitor.ui.picture import draw_picture, draw_signal, draw_zones, picture_place
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
    """Whether the camera is the selected one."""
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
        is_chosen: Whether the camera is the selected one.

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


_BORDER = 3
_MARK = 30


class CameraTile(QWidget):
    """A picture with a caption.

    Signals:
        chosen: Clicked, or reached with the keyboard; carries the camera's name.
        opened: Double-clicked, or Enter pressed on it; carries the camera's name.
    """

    chosen = pyqtSignal(str)
    opened = pyqtSignal(str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._theme = theme
        self._image: QImage | None = None
        self._view: CameraView | None = None
        self._zones: tuple[Zone, ...] = ()
        self._is_chosen = False
        self._caption = Caption()
        self._picture_box = self._caption_box = QRect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Camera {name}").format(name=name))
        self._divide()

    @property
    def name(self) -> str:
        """Name of the camera."""
        return self._name

    @property
    def room_px(self) -> tuple[int, int]:
        """Width and height of the picture's place in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        box = self._picture_box
        return max(1, round(box.width() * ratio)), max(1, round(box.height() * ratio))

    def show_view(self, view: CameraView) -> None:
        """Show what is known of the camera now."""
        before = self._view
        if view == before:
            return
        self._view = view
        if before is None or view.spoken != before.spoken:
            self.setAccessibleDescription(view.spoken)
            self.setToolTip(view.tip)
        is_all_new = before is None or (view.alarm, view.signal) != (before.alarm, before.signal)
        self.update(self.rect() if is_all_new else self._caption_box)

    def show_image(self, image: QImage | None) -> None:
        """Show another picture."""
        if image is not None:
            image.setDevicePixelRatio(self.devicePixelRatioF())
        self._image = image
        self.update(self._picture_box)

    def show_zones(self, zones: Sequence[Zone]) -> None:
        """Draw other zones over the picture."""
        if tuple(zones) != self._zones:
            self._zones = tuple(zones)
            self.update(self._picture_box)

    def set_chosen(self, is_chosen: bool) -> None:
        """Mark the tile as the selected one."""
        if is_chosen != self._is_chosen:
            self._is_chosen = is_chosen
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(320, 180 + self._caption_box.height())

    def minimumSizeHint(self) -> QSize:
        """The smallest that is worth looking at."""
        return QSize(140, 110)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share the new room between the picture and the words."""
        super().resizeEvent(event)
        self._divide()

    def changeEvent(self, event: QEvent | None) -> None:
        """Make room for larger letters."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._divide()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose the camera."""
        self.chosen.emit(self._name)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open the camera."""
        self.opened.emit(self._name)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open the camera with Enter."""
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.opened.emit(self._name)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw picture, zones, caption and border."""
        painter = QPainter(self)
        box, caption = self._picture_box, self._caption_box
        is_caption_alone = event is not None and not event.rect().intersects(box)
        if not is_caption_alone:
            signal = self._view.signal if self._view else None
            draw_picture(painter, box, self._image, is_dimmed=signal is not None)
            draw_zones(painter, QRectF(picture_place(box, self._image)), self._zones)
            if signal is not None:
                draw_signal(painter, box, signal)
        if event is None or event.rect().intersects(caption):
            words = words_of(self._name, self._view, is_chosen=self._is_chosen)
            self._caption.draw(painter, caption, words, self._theme)
        self._draw_border(painter)
        painter.end()

    def _divide(self) -> None:
        """Share the room between the picture and the words."""
        width, height = self.width(), self.height()
        words = caption_height(width, self.font())
        across = width - 2 * _BORDER
        self._picture_box = QRect(_BORDER, _BORDER, across, height - words - _BORDER)
        self._caption_box = QRect(_BORDER, height - words, across, words)

    def _draw_border(self, painter: QPainter) -> None:
        colour, width = self._theme.line, _BORDER
        state = self._view.alarm if self._view else None
        if state in {AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED}:
            colour, width = alarm_colour(state, self._theme), 2 * _BORDER
        elif state is AlarmState.ACKNOWLEDGED:
            colour = alarm_colour(state, self._theme)
        elif self._is_chosen or self.hasFocus():
            colour = self._theme.accent
        half = width / 2
        is_over = state is AlarmState.RETURNED_UNACKNOWLEDGED
        style = Qt.PenStyle.DashLine if is_over else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(colour), width, style, join=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        if state is not None:
            mark = QRectF(_BORDER + 5, _BORDER + 5, _MARK, _MARK)
            draw_alarm_mark(painter, mark, state, self._theme)
