"""The picture of the camera that is looked at, large: to zoom into, to pan, with its zones."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.core.zone import RelativePoint, Zone
from monitor.ui.picture import draw_picture, draw_signal, picture_place
from monitor.ui.theme import DARK, Theme
from monitor.ui.zone_drawing import draw_peak, draw_zones
from monitor.ui.zoom import STEP_ZOOM, WHOLE, View

BANNER_PX = 30
"""Height of what is written above the picture."""
_NOTCH = 120  # eighths of a degree in one step of a wheel
_MOVE = 0.1  # of what is seen, with one press of an arrow key
_ARROWS = {
    Qt.Key.Key_Left: (-_MOVE, 0.0),
    Qt.Key.Key_Right: (_MOVE, 0.0),
    Qt.Key.Key_Up: (0.0, -_MOVE),
    Qt.Key.Key_Down: (0.0, _MOVE),
}


class PictureView(QWidget):
    """Shows the part of a picture that a person chose.

    Signals:
        view_changed: Another part is wanted.
    """

    view_changed = pyqtSignal()

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image: QImage | None = None
        self._signal: tuple[str, str] | None = None
        self._banner = ""
        self._zones: tuple[Zone, ...] = ()
        self._peak: tuple[RelativePoint, ...] = ()
        self._peak_words = ""
        self._view = WHOLE
        self._held: QPointF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture of the camera"))

    @property
    def room_px(self) -> tuple[int, int]:
        """Width and height of the widget in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    @property
    def signal(self) -> tuple[str, str] | None:
        """What is written across the picture; None while it is live."""
        return self._signal

    @property
    def banner(self) -> str:
        """What is written above the picture; empty: nothing."""
        return self._banner

    @property
    def peak_words(self) -> str:
        """How full it is where it is fullest; empty: nothing is marked."""
        return self._peak_words

    @property
    def view(self) -> View:
        """The part of the picture that is wanted."""
        return self._view

    @property
    def place(self) -> QRect:
        """Where the part of the picture that is shown is drawn; zones are drawn into the same."""
        return picture_place(self.rect(), self._image)

    def show_image(self, image: QImage | None) -> None:
        """Show another picture; None: none."""
        if image is not None:
            image.setDevicePixelRatio(self.devicePixelRatioF())
        self._image = image
        self.update()

    def show_signal(self, signal: tuple[str, str] | None) -> None:
        """Dim the picture and write across it; None: it is live."""
        if signal != self._signal:
            self._signal = signal
            self.update()

    def show_banner(self, banner: str) -> None:
        """Write above the picture, for what a person must not forget: that it is frozen."""
        if banner != self._banner:
            self._banner = banner
            self.update()

    def show_zones(self, zones: Sequence[Zone]) -> None:
        """Draw other zones over the picture."""
        if tuple(zones) != self._zones:
            self._zones = tuple(zones)
            self.update()

    def show_peak(self, outline: Sequence[RelativePoint], words: str) -> None:
        """Mark where it is fullest; an empty outline: nothing is marked.

        Args:
            outline: Corners in the picture, in order.
            words: How full it is there.
        """
        if (tuple(outline), words) != (self._peak, self._peak_words):
            self._peak, self._peak_words = tuple(outline), words
            self.update()

    def show_part(self, view: View) -> None:
        """Look at another part of the picture."""
        if view != self._view:
            self._view = view
            is_near = view != WHOLE
            self.setCursor(Qt.CursorShape.OpenHandCursor if is_near else Qt.CursorShape.ArrowCursor)
            self.view_changed.emit()
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(640, 360)

    def minimumSizeHint(self) -> QSize:
        """The smallest that is worth looking at."""
        return QSize(320, 180)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Come nearer to what is under the mouse, or go back."""
        if event is not None and event.angleDelta().y():
            factor = STEP_ZOOM ** (event.angleDelta().y() / _NOTCH)
            self.show_part(self._view.zoomed(factor, at=self._share_of(event.position())))
            event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of the picture."""
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self._held = event.position()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Pull the picture along."""
        if event is None or self._held is None:
            return
        before, now = self._share_of(self._held), self._share_of(event.position())
        self._held = event.position()
        self.show_part(self._view.moved(before[0] - now[0], before[1] - now[1]))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let go of the picture."""
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Show all of the picture again."""
        self.show_part(WHOLE)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move with the arrow keys while one is near."""
        step = _ARROWS.get(Qt.Key(event.key())) if event is not None else None
        if step is None or self._view == WHOLE:
            super().keyPressEvent(event)
        else:
            self.show_part(self._view.moved(*step))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the picture and what is to be said about it."""
        painter = QPainter(self)
        draw_picture(painter, self.rect(), self._image, is_dimmed=self._signal is not None)
        draw_zones(painter, QRectF(self.place), self._zones, view=self._view)
        if self._peak:
            outline = [self.place_of(one) for one in self._peak]
            draw_peak(painter, QRectF(self.place), outline, self._peak_words)
        if self._signal is not None:
            draw_signal(painter, self.rect(), self._signal)
        if self._banner:
            strip = QRect(0, 0, self.width(), BANNER_PX)
            painter.fillRect(strip, QColor(self._theme.warning))
            painter.setPen(QColor(self._theme.on_warning))
            painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, self._banner)
        painter.end()

    def place_of(self, point: tuple[float, float]) -> QPointF:
        """Give where a place of the picture is on this widget; shares in."""
        box = QRectF(self.place)
        x, y = self._view.on_view(*point)
        return QPointF(box.left() + x * box.width(), box.top() + y * box.height())

    def point_of(self, place: QPointF) -> tuple[float, float]:
        """Give the place of the picture at a place of this widget; may lie outside 0 to 1."""
        box = QRectF(self.place)
        x = (place.x() - box.left()) / max(1.0, box.width())
        y = (place.y() - box.top()) / max(1.0, box.height())
        return self._view.of_picture(x, y)

    def _share_of(self, place: QPointF) -> tuple[float, float]:
        box = self.place
        x = (place.x() - box.left()) / max(1, box.width())
        y = (place.y() - box.top()) / max(1, box.height())
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
