"""One camera among many: its picture, its count, and whether it needs somebody."""

from PyQt6.QtCore import QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.records.alarm import AlarmState
from monitor.ui.badge import draw_quality_shape
from monitor.ui.picture import draw_picture, draw_signal
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView

_CAPTION = 30
_BORDER = 3


class CameraTile(QWidget):
    """A picture with a caption.

    Signals:
        chosen: Clicked, or Enter pressed on it; carries the camera's name.
        opened: Double-clicked; carries the camera's name.
    """

    chosen = pyqtSignal(str)
    opened = pyqtSignal(str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._theme = theme
        self._image: QImage | None = None
        self._view: CameraView | None = None
        self._is_chosen = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Camera {name}")

    @property
    def name(self) -> str:
        """Name of the camera."""
        return self._name

    @property
    def room_px(self) -> tuple[int, int]:
        """Width and height of the picture's place in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        box = self._picture_box()
        return max(1, round(box.width() * ratio)), max(1, round(box.height() * ratio))

    def show_view(self, view: CameraView) -> None:
        """Show what is known of the camera now."""
        if view != self._view:
            self._view = view
            self.setAccessibleDescription(f"{view.count.count} people, {view.quality.value}")
            self.update()

    def show_image(self, image: QImage | None) -> None:
        """Show another picture."""
        if image is not None:
            image.setDevicePixelRatio(self.devicePixelRatioF())
        self._image = image
        self.update(self._picture_box())

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
        return QSize(320, 180 + _CAPTION)

    def minimumSizeHint(self) -> QSize:
        """The smallest that is worth looking at."""
        return QSize(140, 80 + _CAPTION)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose the camera."""
        self.chosen.emit(self._name)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open the camera."""
        self.opened.emit(self._name)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose the camera with Enter."""
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit(self._name)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw picture, caption and border."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        signal = self._view.signal if self._view else None
        draw_picture(painter, self._picture_box(), self._image, is_dimmed=signal is not None)
        if signal is not None:
            draw_signal(painter, self._picture_box(), signal)
        self._draw_caption(painter)
        self._draw_border(painter)
        painter.end()

    def _picture_box(self) -> QRect:
        return self.rect().adjusted(_BORDER, _BORDER, -_BORDER, -_CAPTION)

    def _draw_caption(self, painter: QPainter) -> None:
        box = QRect(0, self.height() - _CAPTION, self.width(), _CAPTION).adjusted(10, 0, -10, 0)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        font = painter.font()
        font.setPixelSize(13)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        if self._view is None:
            painter.drawText(box, left | middle, self._name)
            return
        shape = QRectF(box.right() - 15, box.center().y() - 7, 15, 15)
        quality = self._view.quality
        draw_quality_shape(painter, shape, quality, QColor(self._theme.of_quality(quality)))
        font.setPixelSize(18)
        font.setBold(True)
        font.setStrikeOut(self._view.count.is_old)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.muted if self._view.count.is_old else self._theme.text))
        count = self._view.count.count
        count_box = box.adjusted(0, 0, -26, 0)
        painter.drawText(count_box, right | middle, count)
        name_box = count_box.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(count) - 8, 0)
        font.setPixelSize(13)
        font.setBold(self._is_chosen)
        font.setStrikeOut(False)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        name = painter.fontMetrics().elidedText(
            self._name, Qt.TextElideMode.ElideRight, name_box.width()
        )
        painter.drawText(name_box, left | middle, name)

    def _draw_border(self, painter: QPainter) -> None:
        colour, width = self._theme.line, 1
        alarm = self._view.alarm if self._view else None
        if alarm is AlarmState.UNACKNOWLEDGED:
            colour, width = self._theme.alarm, 2 * _BORDER
        elif alarm in {AlarmState.ACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED}:
            colour, width = self._theme.warning, _BORDER
        elif self._is_chosen or self.hasFocus():
            colour, width = self._theme.accent, _BORDER
        half = width / 2
        painter.setPen(QPen(QColor(colour), width, join=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
