"""One camera among many: its picture, its count, and whether it needs somebody."""

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.core.alarm import AlarmState
from monitor.core.zone import Zone
from monitor.ui.alarm_mark import alarm_colour, draw_alarm_mark
from monitor.ui.caption import Caption, caption_height, words_of
from monitor.ui.picture import draw_picture, draw_signal, picture_place
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView
from monitor.ui.zone_drawing import draw_zones

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
        """Mark the tile as the one that is looked at."""
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
