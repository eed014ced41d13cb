"""The picture of one camera: drawn honest about its age, zoomed, panned, with its zones.

Editors (zones, ground) lay themselves over it with `PictureCover`.
"""

from collections.abc import Collection, Sequence

from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.core.zone import RelativePoint, Zone, ZoneKind
from monitor.ui.theme import DARK, Theme
from monitor.ui.zoom import STEP_ZOOM, WHOLE, Viewport

_DIMMED = 0.62  # a picture of the past must not be taken for now, yet show what was there
_BEHIND = "#000000"


def draw_picture(painter: QPainter, box: QRect, image: QImage | None, *, is_dimmed: bool) -> None:
    """Draw an image in the middle of a box, black around it.

    Args:
        painter: Where to draw.
        box: Room for it, in the painter's units.
        image: Made for this box, drawn as large as it is; None: none has come yet.
        is_dimmed: Whether it is of the past.
    """
    painter.fillRect(box, QColor(_BEHIND))
    if image is None:
        return
    place = picture_place(box, image)
    painter.drawImage(place, image)
    if is_dimmed:
        veil = QColor(_BEHIND)
        veil.setAlphaF(_DIMMED)
        painter.fillRect(place, veil)


def picture_place(box: QRect, image: QImage | None) -> QRect:
    """Give where in a box an image is drawn: as large as can be, in the middle."""
    if image is None:
        return box
    whole = image.deviceIndependentSize().toSize()
    place = QRect(QPoint(0, 0), whole.scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio))
    place.moveCenter(box.center())
    return place


def draw_signal(painter: QPainter, box: QRect, signal: tuple[str, str]) -> None:
    """Write across a picture that it is not of now.

    Args:
        painter: Where to write.
        box: Where the picture is.
        signal: Headline and sentence; the sentence is left out where there is no room.
    """
    painter.save()
    painter.setPen(QColor("#ffffff"))
    font = painter.font()
    font.setBold(True)
    font.setPixelSize(max(11, min(34, box.width() // 18)))
    painter.setFont(font)
    line = painter.fontMetrics().height()
    middle = box.center().y()
    painter.drawText(
        QRect(box.left(), middle - line, box.width(), line),
        Qt.AlignmentFlag.AlignCenter,
        signal[0],
    )
    font.setBold(False)
    font.setPixelSize(max(10, font.pixelSize() // 2))
    painter.setFont(font)
    below = QRect(box.left() + 8, middle + 4, box.width() - 16, box.bottom() - middle - 4)
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    if painter.boundingRect(below, flags, signal[1]).height() <= below.height():
        painter.drawText(below, flags, signal[1])
    painter.restore()


_LINE_PX = 2
_FILLED = 0.10  # enough to see which side is inside, too little to hide anybody
_HATCHED = 0.45
_NAME_FROM_PX = 260  # in narrower pictures names would hide people


def zone_polygon(zone: Zone, box: QRectF, view: Viewport = WHOLE) -> QPolygonF:
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
    painter: QPainter, box: QRectF, zones: Sequence[Zone], *, view: Viewport = WHOLE
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
    def view(self) -> Viewport:
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

    def show_part(self, view: Viewport) -> None:
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
        """Zoom in on what is under the mouse, or out."""
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


ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""Steps to the right and down."""
STEPS = {Qt.Key.Key_Period: 1, Qt.Key.Key_Comma: -1}
"""To the next mark, or the one before."""
EDITOR_KEYS = frozenset({
    *ARROWS, *STEPS, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Delete,
    Qt.Key.Key_Z,
})  # fmt: skip
"""Keys that mean something in an editor, whatever they mean in the window around it."""


class PictureCover(QObject):
    """Holds an editor over a picture; owned by the editor."""

    def __init__(
        self,
        editor: QWidget,
        picture: PictureView,
        *,
        keys: Collection[Qt.Key] = EDITOR_KEYS,
    ) -> None:
        """Cover the picture.

        Args:
            editor: A child of the picture, which is drawn anew when the picture is.
            picture: What is covered.
            keys: Keys that the window does not get while the editor has the keyboard.
        """
        super().__init__(editor)
        self._editor = editor
        self._picture = picture
        self._keys = keys
        editor.setMouseTracking(True)
        editor.setCursor(Qt.CursorShape.CrossCursor)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.setGeometry(picture.rect())
        picture.view_changed.connect(editor.update)
        for watched in (editor, picture):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the size of the picture, and keep the editor's keys from the window."""
        if event is None:
            return False
        if watched is self._picture and event.type() is QEvent.Type.Resize:
            self._editor.setGeometry(self._picture.rect())
        elif watched is self._editor and self._is_own_key(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _is_own_key(self, event: QEvent) -> bool:
        is_asked = event.type() is QEvent.Type.ShortcutOverride
        return is_asked and isinstance(event, QKeyEvent) and event.key() in self._keys


def is_undo(event: QKeyEvent) -> bool:
    """Whether a key takes the last step back."""
    is_held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return is_held and Qt.Key(event.key()) is Qt.Key.Key_Z


def distance_px(one: QPointF, other: QPointF) -> float:
    """Give how far two places of the screen are from each other."""
    away = one - other
    return float((away.x() ** 2 + away.y() ** 2) ** 0.5)
