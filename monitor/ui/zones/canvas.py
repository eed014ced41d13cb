"""What lies over the picture while zones are drawn: corners to set and to pull."""

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from monitor.core.zone import RelativePoint
from monitor.ui.picture import ARROWS, STEPS, PictureCover, PictureView, distance_px, is_undo
from monitor.ui.zones.draft import ZoneDraft, zone_at

_HANDLE_PX = 5.0
_GRAB_PX = 12.0
_MEANT_PX = 8.0  # a hand that clicks into a zone moves by less
_STEP = 0.005  # of the picture, with one press of an arrow key


@dataclass(frozen=True, slots=True)
class _Grip:
    """Where a zone was taken hold of."""

    place: QPointF
    polygon: tuple[RelativePoint, ...]


class ZoneCanvas(QWidget):
    """Covers a picture view and changes a draft.

    Signals:
        drafted: A step was made: zones, corners or the choice differ.
        faulted: A step was not possible; carries one sentence.
        left: The operator is done.
    """

    drafted = pyqtSignal()
    faulted = pyqtSignal(str)
    left = pyqtSignal()

    def __init__(self, picture: PictureView, draft: ZoneDraft) -> None:
        super().__init__(picture)
        self._picture = picture
        self._draft = draft
        self.is_drawing = False
        self._corner: int | None = None
        self._grip: _Grip | None = None
        self._is_pulling = False
        self._mouse: RelativePoint | None = None
        self.setAccessibleName(self.tr("Zones on the picture"))
        self._cover = PictureCover(self, picture)

    def place_of(self, point: RelativePoint) -> QPointF:
        """Give where a place of the picture is on the screen."""
        return self._picture.place_of(point)

    def point_of(self, place: QPointF) -> RelativePoint:
        """Give the place of the picture at a place of the screen; may lie outside 0 to 1."""
        return self._picture.point_of(place)

    def begin_drawing(self) -> None:
        """Set corners of a new zone from now on."""
        self.is_drawing = True
        self.setFocus()

    def close_zone(self) -> None:
        """Finish the zone that is being drawn."""
        try:
            self._draft.close()
        except ValueError as error:
            self.faulted.emit(str(error))
            return
        self.is_drawing = False
        self._tell()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Set a corner, take hold of one, or choose a zone."""
        if event is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.position()
        if self.is_drawing:
            points = self._draft.points
            if len(points) > 2 and self._is_near(place, points[0]):
                self.close_zone()
            else:
                self._draft.add_point(self.point_of(place))
                self._tell()
            return
        self._corner = self._corner_at(place)
        self._is_pulling = False
        if self._corner is None:
            self._draft.choose(zone_at(self._draft.zones, self.point_of(place)))
            zone = self._draft.zone
            self._grip = None if zone is None else _Grip(place, zone.polygon)
            self._tell()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Pull a corner along, or a whole zone."""
        if event is None:
            return
        self._mouse = self.point_of(event.position())
        is_held = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if self._corner is not None and is_held and not self.is_drawing:
            is_moved = self._draft.move_corner(
                self._corner, self._mouse, is_new_step=not self._is_pulling
            )
            self._is_pulling = self._is_pulling or is_moved
        elif self._grip is not None and is_held and not self.is_drawing:
            self._pull(self._grip, event.position())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let go of a corner or zone: only now the engine is told."""
        self._grip = None
        if self._is_pulling:
            self._is_pulling = False
            self._tell()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Finish the zone; its last corner was set with the first of both clicks."""
        if self.is_drawing:
            self.close_zone()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Finish, give up, undo, delete, and move corners or the zone."""
        if event is None:
            return
        key = Qt.Key(event.key())
        if is_undo(event):
            self._draft.undo()
            self._tell()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.is_drawing:
            self.close_zone()
        elif key is Qt.Key.Key_Escape:
            self._give_up()
        elif key is Qt.Key.Key_Delete:
            self._draft.delete()
            self._tell()
        elif key in STEPS:
            self._next_corner(STEPS[key])
        elif key in ARROWS:
            self._nudge(*(_STEP * one for one in ARROWS[key]))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the chosen zone with its corners, and the one that is being drawn."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zone = self._draft.zone
        if zone is not None and not self.is_drawing:
            self._draw(painter, list(zone.polygon), QColor(zone.colour), is_closed=True)
        if self.is_drawing:
            tail = [self._mouse] if self._mouse is not None and self._draft.points else []
            points = [*self._draft.points, *tail]
            self._draw(painter, points, QColor("#ffffff"), is_closed=False)
        painter.end()

    def _draw(
        self, painter: QPainter, points: list[RelativePoint], colour: QColor, *, is_closed: bool
    ) -> None:
        places = [self.place_of(one) for one in points]
        line = QPolygonF(places)
        for pen in (QPen(QColor(0, 0, 0, 170), 4), QPen(colour, 2)):  # seen on any ground
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            (painter.drawPolygon if is_closed else painter.drawPolyline)(line)
        painter.setPen(QPen(QColor("#000000"), 1))
        for corner, place in enumerate(places):
            is_marked = is_closed and corner == self._corner
            painter.setBrush(QColor("#ffffff") if is_marked else colour)
            radius = 1.5 * _HANDLE_PX if is_marked else _HANDLE_PX
            painter.drawEllipse(place, radius, radius)

    def _give_up(self) -> None:
        if self.is_drawing:
            self.is_drawing = False
            self._draft.drop_points()
            self._tell()
        else:
            self.left.emit()

    def _next_corner(self, step: int) -> None:
        zone = self._draft.zone
        if zone is not None:
            number = len(zone.polygon)  # stands for none: then the whole zone is moved
            marked = (number if self._corner is None else self._corner) + step
            self._corner = marked % (number + 1) if marked % (number + 1) < number else None
            self.update()

    def _nudge(self, right: float, down: float) -> None:
        zone, corner = self._draft.zone, self._corner
        if zone is None or (corner is not None and corner >= len(zone.polygon)):
            return
        if corner is None:
            is_moved = self._draft.shift(zone.polygon, right, down, is_new_step=True)
        else:
            x, y = zone.polygon[corner]
            is_moved = self._draft.move_corner(corner, (x + right, y + down), is_new_step=True)
        if is_moved:
            self._tell()

    def _pull(self, grip: "_Grip", place: QPointF) -> None:
        """Move the chosen zone along with the mouse, once it is clear that this is meant."""
        if not self._is_pulling and distance_px(place, grip.place) < _MEANT_PX:
            return
        (x, y), (from_x, from_y) = self.point_of(place), self.point_of(grip.place)
        is_new_step = not self._is_pulling
        if self._draft.shift(grip.polygon, x - from_x, y - from_y, is_new_step=is_new_step):
            self._is_pulling = True

    def _corner_at(self, place: QPointF) -> int | None:
        zone = self._draft.zone
        corners = [] if zone is None else list(enumerate(zone.polygon))
        return next((number for number, one in corners if self._is_near(place, one)), None)

    def _is_near(self, place: QPointF, point: RelativePoint) -> bool:
        return distance_px(self.place_of(point), place) <= _GRAB_PX

    def _tell(self) -> None:
        self.update()
        self.drafted.emit()
