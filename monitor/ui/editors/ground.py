"""The editor of the ground plane: its controls, and the way to the engine.

What the camera saw when its ground was marked is kept beside the site file, so that it is noticed,
also after a restart, that the camera was moved. The file holds the fingerprints of some corners and
a blurred map of edges; nobody can be recognized in it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.core.reading import Quality
from monitor.core.rule import Measure
from monitor.core.series import camera_of
from monitor.engine.snapshot import CameraSnapshot
from monitor.scene.levels import FRUIN, SCALES
from monitor.scene.view import save_view, view_of
from monitor.settings import GroundSettings
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.editors.ground_canvas import GroundCanvas
from monitor.ui.editors.ground_draft import (
    OWN_SCALE,
    GroundDraft,
    GroundFit,
    Marks,
    Sight,
    Way,
    check_text,
    fit_ground,
    marks_of,
)
from monitor.ui.editors.ground_levels import BandEditor, bands_of
from monitor.ui.picture import PictureView
from monitor.ui.text import scale_tip
from monitor.ui.widgets import make_button, make_label, set_kind, set_text
from monitor.video.frame import Frame

_SIDE_MOST_M = 1000.0
_PLAN_MOST_M = 1_000_000.0  # national grids have such numbers
_TALL_M = (0.6, 2.4)
_HEADS_M = (0.0, 2.4)
_BOX_PX = 84
_WAY_LETTERS, _SCALE_LETTERS = 12, 8
_WORDS_LEAST_PX = 160
"""They wrap rather than widen the window: long languages have long buttons."""


class GroundPanel(QWidget):
    """What can be set of the ground, and what is said of it.

    Signals:
        way_chosen: The ground is to be marked in another way; carries it.
        edited: Lengths, heights or the scale were changed; carries the fields of `Marks`.
        levels_wanted: Site-specific levels are to be edited.
        metres_said: It was said where the chosen point is on the plan; carries x and y.
    """

    way_chosen = pyqtSignal(object)
    edited = pyqtSignal(dict)
    levels_wanted = pyqtSignal()
    metres_said = pyqtSignal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.way = QComboBox()
        self.sides = tuple(_length(_SIDE_MOST_M, " m", least=0.01) for _ in range(2))
        self.place = tuple(_length(_PLAN_MOST_M, " m", least=-_PLAN_MOST_M) for _ in range(2))
        self.tall = _length(_TALL_M[1], " m", least=_TALL_M[0])
        self.heads = _length(_HEADS_M[1], " m", least=_HEADS_M[0])
        self.scale = QComboBox()
        self.levels_button = make_button("…", self.tr("Define site-specific levels"))
        self.delete_button = QPushButton(self.tr("Delete point"))
        self.undo_button = QPushButton(self.tr("Undo"))
        self.remove_button = QPushButton(self.tr("Remove ground"))
        self.use_button = QPushButton(self.tr("Apply ground"))
        self.done_button = QPushButton(self.tr("Done"))
        self._point = make_label("muted")
        self._words = make_label("muted")
        self._check = make_label()
        self._fields = QStackedWidget()
        self._is_showing = False
        self._build()

    @property
    def words(self) -> str:
        """What can be done, or what is wrong."""
        return self._words.text()

    @property
    def check_words(self) -> str:
        """What the plane can be checked by."""
        return self._check.text()

    def tell(self, words: str, *, is_fault: bool = False) -> None:
        """Say what can be done, or what is wrong."""
        set_kind(self._words, "warning" if is_fault else "muted")
        set_text(self._words, words)

    def tell_check(self, words: str) -> None:
        """Say what the plane can be checked by; empty: nothing."""
        set_text(self._check, words)
        self._check.setVisible(bool(words))

    def show_draft(self, draft: GroundDraft) -> None:
        """Show the marks; nothing is told of it."""
        marks = draft.marks
        self._is_showing = True
        self.way.setCurrentIndex(self.way.findData(marks.way))
        self._fields.setCurrentIndex(list(Way).index(marks.way))
        for box, value in zip(self.sides, marks.sides_m, strict=True):
            _show(box, value)
        _show(self.tall, marks.height_m)
        _show(self.heads, marks.head_height_m)
        self._show_scale(marks)
        self._show_place(marks)
        self.delete_button.setEnabled(bool(marks.clicked))
        self.undo_button.setEnabled(draft.can_undo)
        self._is_showing = False

    def ask_place(self) -> None:
        """Have the metres of the chosen point typed."""
        _begin(self.place[0])

    def _show_scale(self, marks: Marks) -> None:
        place = self.scale.findData(OWN_SCALE)
        if marks.band and place < 0:
            self.scale.addItem(self.tr("Levels: site-specific"), OWN_SCALE)
        elif not marks.band and place >= 0:
            self.scale.removeItem(place)
        self.scale.setCurrentIndex(self.scale.findData(marks.scale))
        if marks.scale in SCALES:
            self.scale.setToolTip(scale_tip(SCALES[marks.scale]))
        else:
            sources = dict.fromkeys(one.source for one in marks.band if one.source)
            self.scale.setToolTip("; ".join(sources))

    def _show_place(self, marks: Marks) -> None:
        is_point = marks.way is Way.PAIRS and marks.chosen is not None
        for box in self.place:
            box.setEnabled(is_point)
        if marks.chosen is None or not is_point:
            set_text(self._point, self.tr("No point selected"))
            return
        set_text(self._point, self.tr("Point {number} is at").format(number=marks.chosen + 1))
        for box, value in zip(self.place, marks.metres[marks.chosen] or (0.0, 0.0), strict=True):
            _show(box, value)

    def _build(self) -> None:
        for way, words in (
            (Way.RECTANGLE, self.tr("A rectangle of known size")),
            (Way.PAIRS, self.tr("Points known on a plan")),
            (Way.PEOPLE, self.tr("Heads and feet of people")),
        ):
            self.way.addItem(words, way)
        for name in SCALES:
            self.scale.addItem(self.tr("Levels: {name}").format(name=name.capitalize()), name)
        self._name_all()
        self._connect()
        for fields in (self._sides_row(), self._place_row(), self._tall_row()):
            self._fields.addWidget(fields)
        self._words.setWordWrap(True)
        self._check.setWordWrap(True)
        for label in (self._words, self._check):
            label.setMinimumWidth(_WORDS_LEAST_PX)
        for box, letters in ((self.way, _WAY_LETTERS), (self.scale, _SCALE_LETTERS)):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(letters)
        upper, middle, lower, said = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        upper.addWidget(self.way, 1)
        upper.addWidget(self._fields, 2)
        middle.addWidget(make_label("muted", self.tr("heads at")))
        middle.addWidget(self.heads)
        middle.addWidget(self.scale)
        middle.addWidget(self.levels_button)
        middle.addStretch(1)
        for button in (self.delete_button, self.undo_button, self.remove_button):
            middle.addWidget(button)
        said.addWidget(self._check)
        said.addWidget(self._words)
        lower.addLayout(said, 1)
        lower.addWidget(self.use_button)
        lower.addWidget(self.done_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for row in (upper, middle, lower):
            layout.addLayout(row)
        self.tell_check("")

    def _name_all(self) -> None:
        for widget, name in (
            (self.way, self.tr("Method")),
            (self.sides[0], self.tr("From the first corner to the second")),
            (self.sides[1], self.tr("From the second corner to the third")),
            (self.place[0], self.tr("x on the plan")),
            (self.place[1], self.tr("y on the plan")),
            (self.tall, self.tr("Average height of these people")),
            (self.heads, self.tr("Head height in the crowd: 1.65 m standing, 1.2 m sitting")),
            (self.scale, self.tr("Levels of service")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(name)
        self.levels_button.setAccessibleName(self.tr("Site-specific levels"))
        self.use_button.setToolTip(
            self.tr("Use this ground plane to measure people per m² (Enter)")
        )
        self.remove_button.setToolTip(self.tr("Stop measuring people per m²"))

    def _connect(self) -> None:
        self.way.activated.connect(lambda: self.way_chosen.emit(self.way.currentData()))
        for box in self.sides:
            box.valueChanged.connect(self._on_sides)
        across, along = self.place
        if (line := across.lineEdit()) is not None:
            line.returnPressed.connect(partial(_begin, along))
        along.editingFinished.connect(self._on_place)
        self.tall.valueChanged.connect(lambda value: self._tell(height_m=value))
        self.heads.valueChanged.connect(lambda value: self._tell(head_height_m=value))
        self.levels_button.clicked.connect(self.levels_wanted)
        self.scale.activated.connect(lambda: self._tell(scale=self.scale.currentData()))

    def _on_sides(self) -> None:
        self._tell(sides_m=tuple(box.value() for box in self.sides))

    def _on_place(self) -> None:
        if not self._is_showing and self.place[1].isEnabled():
            self.metres_said.emit(*(box.value() for box in self.place))

    def _sides_row(self) -> QWidget:
        first, second = self.tr("corners 1–2"), self.tr("corners 2–3")
        return _row((make_label("muted", first), self.sides[0]),
                    (make_label("muted", second), self.sides[1]))  # fmt: skip

    def _place_row(self) -> QWidget:
        return _row((self._point, self.place[0]), (make_label("muted", "x, y"), self.place[1]))

    def _tall_row(self) -> QWidget:
        return _row((make_label("muted", self.tr("average height")), self.tall))

    def _tell(self, **fields: object) -> None:
        if not self._is_showing:
            self.edited.emit(fields)


def _length(most: float, suffix: str, *, least: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(2)
    box.setRange(least, most)
    box.setSuffix(suffix)
    box.setSingleStep(0.1)
    box.setMinimumWidth(_BOX_PX)  # as wide as its largest number it would widen the window
    box.setKeyboardTracking(False)  # 12 m is not told as 1 m while it is typed
    return box


def _show(box: QDoubleSpinBox, value: float) -> None:
    if box.value() != value:
        box.setValue(value)


def _begin(box: QDoubleSpinBox) -> None:
    """Have a box typed into."""
    box.setFocus()
    box.selectAll()


def _row(*pairs: tuple[QWidget, QWidget]) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for label, field in pairs:
        layout.addWidget(label)
        layout.addWidget(field)
    layout.addStretch(1)
    return row


_KEPT = "-_"


def reference_path(site_file: Path, camera: str) -> Path:
    """Give where the reference of a camera lies.

    Args:
        site_file: The file that holds the settings.
        camera: Name of the camera.

    Returns:
        A file beside it, with a name that every system takes.
    """
    safe = "".join(one if one.isalnum() or one in _KEPT else "-" for one in camera)
    return site_file.resolve().parent / f"{site_file.stem}-{safe}.view.npz"


def keep_reference(frame: Frame, path: Path) -> Path:
    """Write down what a camera sees; an `OSError` is the caller's to tell.

    Args:
        frame: The picture on which the ground was marked.
        path: Where to.

    Returns:
        The same path.
    """
    save_view(view_of(frame.picture.to_rgb()), path)
    return path


GroundChanger = Callable[[str, GroundSettings | None], None]
"""Called with a camera's name and its ground; None: it is no longer known."""
_USUAL_BLOCK_PX = 16  # before anything was counted
_ON_GROUND = frozenset({Measure.DENSITY, Measure.PEAK_DENSITY})


class GroundController(QObject):
    """Lives on the GUI thread; marks the ground of one camera at a time.

    Unlike a zone, a ground holds only when a person says so: half of its clicks give a wrong one,
    and alarms on people per m² would go by it.
    """

    def __init__(
        self,
        picture: PictureView,
        change: GroundChanger,
        errands: BackgroundTasks,
        freeze: Callable[[bool], None],
        site_file: Callable[[], Path | None],
        parent: QWidget,
    ) -> None:
        """Prepare.

        Args:
            picture: The large picture.
            change: Has people per m² measured by another ground.
            errands: What lays planes off the GUI thread.
            freeze: Holds the picture still, or lets it go on.
            site_file: Gives the file beside which is kept what the camera saw; None: there is none.
            parent: Owner.
        """
        super().__init__(parent)
        self._picture = picture
        self._change = change
        self._errands = errands
        self._freeze = freeze
        self._site_file = site_file
        self._snapshot: CameraSnapshot | None = None
        self._frame: Frame | None = None
        self._sight = Sight((1, 1), _USUAL_BLOCK_PX)
        self._used = Marks()
        self._is_leaving = False
        self.draft = GroundDraft(Marks())
        self.canvas: GroundCanvas | None = None
        self._window = parent
        self.levels: BandEditor | None = None
        self.panel = GroundPanel()
        self.panel.hide()
        self._connect()

    def commands(self, begin: Callable[[], None]) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Picture")
        name = QCoreApplication.translate("Commands", "Mark the ground …")
        return [Command(name, ("M",), begin, group)]

    def begin(self, snapshot: CameraSnapshot) -> None:
        """Mark the ground of a camera, whose picture is shown; it is held still meanwhile."""
        self.end()
        frame = snapshot.counted_frame or snapshot.frame
        if frame is None:
            return  # there is nothing to click on yet
        self._freeze(True)
        self._snapshot, self._frame = snapshot, frame
        height, width = frame.picture.size_hw
        counted = snapshot.prediction
        self._sight = Sight(
            (width, height),
            _USUAL_BLOCK_PX if counted is None else counted.block_px,
            snapshot.zones,
            None if counted is None else counted.density,
        )
        ground = None if snapshot.ground is None else snapshot.ground.settings
        self._used = marks_of(ground)
        self.draft = GroundDraft(self._used)
        self.canvas = GroundCanvas(self._picture, self.draft, self._sight.size_wh)
        self.canvas.drafted.connect(self._on_drafted)
        self.canvas.used.connect(self.use)
        self.canvas.left.connect(self._on_left)
        self.canvas.show()
        self.canvas.setFocus()
        self.panel.show()
        self._on_drafted()
        if snapshot.quality is Quality.UNCALIBRATED:
            self.panel.tell(
                self.tr("The camera has moved since its ground was marked: mark the ground again"),
                is_fault=True,
            )

    def end(self) -> None:
        """Stop marking; what was used holds, what was not is dropped."""
        if self.canvas is not None:
            self.canvas.hide()
            self.canvas.deleteLater()
            self.canvas = None
            self._snapshot = None
            self.panel.hide()
            self._freeze(False)

    def use(self) -> None:
        """Measure people per m² by what is shown."""
        fit = None if self.canvas is None else self.canvas.fit
        if fit is None:
            self._tell_missing()
            return
        file = self._site_file()
        if file is None or self._snapshot is None or self._frame is None:
            self._use(fit.settings, self.draft.marks)
            return
        # What the camera sees is kept first: the engine compares with it from the start.
        work = partial(
            keep_reference, self._frame, reference_path(file, camera_of(self._snapshot.name))
        )
        on_kept = partial(self._on_kept, self._snapshot, fit.settings, self.draft.marks)
        self._errands.send("ground reference", BackgroundTask(work, on_kept, self._on_not_kept))

    def _on_kept(
        self, snapshot: CameraSnapshot, ground: GroundSettings, marks: Marks, found: object
    ) -> None:
        if snapshot is self._snapshot:
            self._use(ground.model_copy(update={"reference": str(found)}), marks)

    def _on_not_kept(self, message: str) -> None:
        words = self.tr("Not applied: the reference picture could not be saved: {message}")
        self.panel.tell(words.format(message=message), is_fault=True)

    def _use(self, ground: GroundSettings, marks: Marks) -> None:
        if self._tell_engine(ground):
            self._used = marks
            self._show_buttons()
            self.panel.tell(self.tr("Applied: people per m² are measured with this ground plane"))

    def remove(self) -> None:
        """Stop measuring people per m²; rules that need them must go first."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        needing = [one.name for one in snapshot.rules if one.measure in _ON_GROUND]
        if needing:
            words = self.tr("The rule {name} uses people per m²; remove it first")
            self.panel.tell(words.format(name=needing[0]), is_fault=True)
            return
        if self._tell_engine(None):
            self._used = Marks()
            self.draft.set_values(corners=(), points=(), metres=(), people=(), chosen=None)
            self._on_drafted()

    def _connect(self) -> None:
        panel = self.panel
        panel.way_chosen.connect(self._on_way)
        panel.edited.connect(self._on_edited)
        panel.levels_wanted.connect(self.edit_levels)
        panel.metres_said.connect(self._on_metres)
        panel.delete_button.clicked.connect(lambda: self._step(self.draft.delete))
        panel.undo_button.clicked.connect(lambda: self._step(self.draft.undo))
        panel.remove_button.clicked.connect(self.remove)
        panel.use_button.clicked.connect(self.use)
        panel.done_button.clicked.connect(self._on_left)

    def _on_way(self, way: Way) -> None:
        self._step(lambda: self.draft.set_way(way))

    def _on_edited(self, fields: dict[str, object]) -> None:
        self._step(lambda: self.draft.set_values(**fields))

    def _on_metres(self, x_m: float, y_m: float) -> None:
        place = self.draft.marks.chosen
        if place is not None:
            self._step(lambda: self.draft.say_metres(place, (x_m, y_m)))
        if self.canvas is not None:
            self.canvas.setFocus()  # for the next click, or the arrow keys

    def edit_levels(self) -> None:
        """Ask for levels of service of this site's own; those of a known scale to begin with."""
        if self.canvas is None:
            return
        marks = self.draft.marks
        editor = BandEditor(marks.band or bands_of(SCALES.get(marks.scale, FRUIN)), self._window)
        self.levels = editor
        editor.accepted.connect(lambda: self._on_edited({"band": editor.bands, "scale": OWN_SCALE}))
        editor.finished.connect(partial(self._on_levels_gone, editor))
        editor.open()

    def _on_levels_gone(self, editor: BandEditor, *_: object) -> None:
        self.levels = None
        editor.deleteLater()

    def _on_left(self) -> None:
        """Leave; what is shown and was not used needs a second word."""
        has_fit = self.canvas is not None and self.canvas.fit is not None
        is_used = self.draft.marks.values(1.0) == self._used.values(1.0)
        if has_fit and not is_used and not self._is_leaving:
            self._is_leaving = True
            words = self.tr("Not applied yet: press Enter to apply, or Esc again to discard")
            self.panel.tell(words, is_fault=True)
            return
        self._is_leaving = False
        self.end()

    def _step(self, do: Callable[[], None]) -> None:
        do()
        self._on_drafted()

    def _on_drafted(self) -> None:
        """Show the marks, and have a plane laid through them where there are enough."""
        if self.canvas is None:
            return
        self._is_leaving = False
        marks = self.draft.marks
        self.panel.show_draft(self.draft)
        if marks.missing:
            self._show_fit(None)
            self._tell_missing()
        else:
            work = partial(fit_ground, marks.values(self._sight.aspect), self._sight)
            on_done = partial(self._on_fitted, marks)
            self._errands.send("ground", BackgroundTask(work, on_done, self._on_failed))
        self.canvas.update()
        is_unsaid = marks.way is Way.PAIRS and marks.chosen is not None
        if is_unsaid and marks.metres[marks.chosen or 0] is None:
            self.panel.ask_place()

    def _on_fitted(self, marks: Marks, found: object) -> None:
        if self.canvas is None or marks is not self.draft.marks:
            return
        if not isinstance(found, GroundFit):
            self._show_fit(None)
            self.panel.tell(str(found), is_fault=True)
            return
        self._show_fit(found)
        if found.warnings:
            self.panel.tell(found.warnings[0], is_fault=True)
        else:
            self.panel.tell(
                self.tr(
                    "Check the grid against known distances. "
                    "Arrow keys move the selected point by 1 px"
                )
            )

    def _on_failed(self, message: str) -> None:
        self._show_fit(None)
        self.panel.tell(message, is_fault=True)

    def _show_fit(self, fit: GroundFit | None) -> None:
        if self.canvas is not None:
            self.canvas.show_fit(fit)
        self.panel.tell_check("" if fit is None else check_text(fit))
        self._show_buttons()

    def _show_buttons(self) -> None:
        fit = None if self.canvas is None else self.canvas.fit
        self.panel.use_button.setEnabled(fit is not None)

    def _tell_missing(self) -> None:
        self.panel.tell(self.draft.marks.missing)

    def _tell_engine(self, ground: GroundSettings | None) -> bool:
        if self._snapshot is None:
            return False
        try:
            self._change(self._snapshot.name, ground)
        except KeyError:  # the camera was taken away while somebody marked
            self.panel.tell(self.tr("This camera was removed"), is_fault=True)
            return False
        except ValueError as error:  # a rule needs the ground
            self.panel.tell(str(error), is_fault=True)
            return False
        return True
