"""The zone editor: a canvas over the picture, a row of controls, and the way to the engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor.core.zone import RelativePoint, Zone, ZoneKind
from monitor.ui.actions import Command
from monitor.ui.editors.zone_draft import COLOURS, ZoneDraft, zone_at
from monitor.ui.picture import ARROWS, STEPS, PictureCover, PictureView, distance_px, is_undo
from monitor.ui.widgets import make_label, set_kind, set_text

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


_NAME_MOST = 60
_LETTERS_LEAST = 8
_WORDS_LEAST_PX = 160
"""They wrap rather than widen the window: long languages have long buttons."""


class ZonePanel(QWidget):
    """What can be set of the chosen zone.

    Signals:
        edited: Name, kind, colour or motion was changed; carries the fields.
        zone_chosen: Another zone is to be changed; carries its place.
    """

    edited = pyqtSignal(dict)
    zone_chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zones = QComboBox()
        self.name = QLineEdit()
        self.name.setObjectName("note")
        self.name.setMaxLength(_NAME_MOST)
        self.colour = QComboBox()
        self.kind = QComboBox()
        self.is_moving = QCheckBox(self.tr("People walk here"))
        self.draw_button = QPushButton(self.tr("Draw new"))
        self.rectangle_button = QPushButton(self.tr("Rectangle"))
        self.delete_button = QPushButton(self.tr("Delete"))
        self.undo_button = QPushButton(self.tr("Undo"))
        self.done_button = QPushButton(self.tr("Done"))
        self._words = make_label("muted")
        self._is_showing = False
        self._build()

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.text()

    def tell(self, words: str, *, is_fault: bool = False) -> None:
        """Say what can be done, or what was not possible."""
        set_kind(self._words, "warning" if is_fault else "muted")
        set_text(self._words, words)

    def show_draft(self, draft: ZoneDraft) -> None:
        """Show the zones and the chosen one; nothing is told of it."""
        self._is_showing = True
        self.zones.clear()
        self.zones.addItems([one.name for one in draft.zones])
        self.zones.setCurrentIndex(-1 if draft.chosen is None else draft.chosen)
        zone = draft.zone
        for widget in (self.name, self.colour, self.kind, self.is_moving, self.delete_button):
            widget.setEnabled(zone is not None)
        if zone is not None:
            if self.name.text() != zone.name:
                self.name.setText(zone.name)
            if self.colour.findData(zone.colour) < 0:
                self.colour.addItem(zone.colour, zone.colour)
            self.colour.setCurrentIndex(self.colour.findData(zone.colour))
            self.kind.setCurrentIndex(self.kind.findData(zone.kind))
            self.is_moving.setChecked(zone.is_moving)
        self.undo_button.setEnabled(draft.can_undo)
        self._is_showing = False

    def _build(self) -> None:
        for word, colour in COLOURS.items():
            self.colour.addItem(self.tr(word), colour)
        self.kind.addItem(self.tr("counts"), ZoneKind.COUNT)
        self.kind.addItem(self.tr("ignores people"), ZoneKind.EXCLUDE)
        for widget, name in (
            (self.zones, self.tr("Zone")),
            (self.name, self.tr("Name of the zone")),
            (self.colour, self.tr("Color of the zone")),
            (self.kind, self.tr("Purpose of the zone")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(name)
        self.name.editingFinished.connect(lambda: self._tell(name=self.name.text().strip()))
        self.colour.activated.connect(lambda: self._tell(colour=self.colour.currentData()))
        self.kind.activated.connect(lambda: self._tell(kind=self.kind.currentData()))
        self.is_moving.clicked.connect(lambda is_on: self._tell(is_moving=is_on))
        self.zones.activated.connect(self.zone_chosen)
        self._words.setWordWrap(True)  # else the words would widen the window
        self._words.setMinimumWidth(_WORDS_LEAST_PX)
        for box in (self.zones, self.colour, self.kind):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(_LETTERS_LEAST)
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for one in (self.zones, self.name, self.colour, self.kind, self.is_moving):
            upper.addWidget(one, int(one is self.name))
        lower.addWidget(self._words, 1)
        for button in (
            self.draw_button,
            self.rectangle_button,
            self.delete_button,
            self.undo_button,
            self.done_button,
        ):
            lower.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(upper)
        layout.addLayout(lower)

    def _tell(self, **fields: object) -> None:
        if not self._is_showing:
            self.edited.emit(fields)


ZonesChanger = Callable[[str, Sequence[Zone]], None]
"""Called with a camera's name and all its zones."""


class ZoneController(QObject):
    """Lives on the GUI thread; edits the zones of one camera at a time."""

    def __init__(self, picture: PictureView, change: ZonesChanger, parent: QWidget) -> None:
        """Prepare.

        Args:
            picture: The large picture.
            change: Has other zones counted.
            parent: Owner.
        """
        super().__init__(parent)
        self._picture = picture
        self._change = change
        self._camera = ""
        self._told: tuple[Zone, ...] = ()
        self.draft = ZoneDraft(())
        self.canvas: ZoneCanvas | None = None
        self.panel = ZonePanel()
        self.panel.hide()
        self._connect()

    def commands(self, begin: Callable[[], None]) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Picture")
        name = QCoreApplication.translate("Commands", "Draw zones …")
        return [Command(name, ("Z",), begin, group)]

    def begin(self, camera: str, zones: Sequence[Zone]) -> None:
        """Edit the zones of a camera, whose picture is shown."""
        self.end()
        self._camera, self._told = camera, tuple(zones)
        self.draft = ZoneDraft(zones)
        self.canvas = ZoneCanvas(self._picture, self.draft)
        self.canvas.drafted.connect(self._on_drafted)
        self.canvas.faulted.connect(self._on_fault)
        self.canvas.left.connect(self.end)
        self.canvas.show()
        self.canvas.setFocus()
        self.panel.show()
        self._on_drafted()

    def end(self) -> None:
        """Stop editing; what was drawn holds already."""
        if self.canvas is not None:
            self.canvas.hide()
            self.canvas.deleteLater()
            self.canvas = None
            self.panel.hide()

    def undo(self) -> bool:
        """Go one step back in the editor; False: nobody draws."""
        if self.canvas is None:
            return False
        self._step(self.draft.undo)
        return True

    def _connect(self) -> None:
        panel = self.panel
        panel.edited.connect(self._on_edited)
        panel.zone_chosen.connect(self._on_chosen)
        panel.draw_button.clicked.connect(self._on_draw)
        panel.rectangle_button.clicked.connect(lambda: self._step(self.draft.add_rectangle))
        panel.delete_button.clicked.connect(lambda: self._step(self.draft.delete))
        panel.undo_button.clicked.connect(lambda: self._step(self.draft.undo))
        panel.done_button.clicked.connect(self.end)

    def _on_draw(self) -> None:
        if self.canvas is not None:
            self.canvas.begin_drawing()
            self._on_drafted()

    def _on_chosen(self, place: int) -> None:
        self._step(lambda: self.draft.choose(place))

    def _on_edited(self, fields: dict[str, object]) -> None:
        self._step(lambda: self.draft.change(**fields))

    def _step(self, do: Callable[[], None]) -> None:
        try:
            do()
        except ValueError as error:
            self._on_fault(str(error))
            return
        self._on_drafted()

    def _on_fault(self, words: str) -> None:
        self.panel.show_draft(self.draft)
        self.panel.tell(words, is_fault=True)

    def _on_drafted(self) -> None:
        """Show the draft, and have it counted where zones differ."""
        self.panel.show_draft(self.draft)
        is_drawing = self.canvas is not None and self.canvas.is_drawing
        self.panel.tell(
            self.tr("Click each corner; double-click or press Enter to finish the zone")
            if is_drawing
            else self.tr(
                "Drag a corner or the zone; , and . select a corner, arrow keys move it or the zone"
            )
        )
        if self.canvas is not None:
            self.canvas.update()
        if self.draft.zones != self._told:
            self._told = self.draft.zones
            try:
                self._change(self._camera, self._told)
            except KeyError:  # the camera was taken away while somebody drew
                self.panel.tell(self.tr("This camera was removed"), is_fault=True)
            except ValueError as error:  # a rule or an area needs the zone
                self._refused(str(error))

    def _refused(self, words: str) -> None:
        """Take back what cannot hold, and say why."""
        self.draft.undo()
        self._told = self.draft.zones
        self._on_fault(words)
