"""The rows of controls of the ground-plane editor."""

from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.scene.levels import SCALES
from monitor.ui.ground.draft import OWN_SCALE, GroundDraft, Marks, Way
from monitor.ui.text import scale_tip
from monitor.ui.widgets import make_button, make_label, set_kind, set_text

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
        levels_wanted: Levels of this site's own are to be edited.
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
        self.levels_button = make_button("…", self.tr("Set levels of this site's own"))
        self.delete_button = QPushButton(self.tr("Delete point"))
        self.undo_button = QPushButton(self.tr("Undo"))
        self.remove_button = QPushButton(self.tr("No ground"))
        self.use_button = QPushButton(self.tr("Use this ground"))
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
            self.scale.addItem(self.tr("Levels: this site's own"), OWN_SCALE)
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
            set_text(self._point, self.tr("No point is marked"))
            return
        set_text(self._point, self.tr("Point {number} is at").format(number=marks.chosen + 1))
        for box, value in zip(self.place, marks.metres[marks.chosen] or (0.0, 0.0), strict=True):
            _show(box, value)

    def _build(self) -> None:
        for way, words in (
            (Way.RECTANGLE, self.tr("A rectangle of known sides")),
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
            (self.way, self.tr("How the ground is marked")),
            (self.sides[0], self.tr("From the first corner to the second")),
            (self.sides[1], self.tr("From the second corner to the third")),
            (self.place[0], self.tr("x on the plan")),
            (self.place[1], self.tr("y on the plan")),
            (self.tall, self.tr("How tall these people are, on average")),
            (self.heads, self.tr("Height of heads in the crowd: 1.65 m standing, 1.2 m sitting")),
            (self.scale, self.tr("Levels of service")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(name)
        self.levels_button.setAccessibleName(self.tr("Levels of this site's own"))
        self.use_button.setToolTip(
            self.tr("Measure people per m² by this ground from now on: key Enter")
        )
        self.remove_button.setToolTip(self.tr("Measure people per m² no longer"))

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
        return _row((make_label("muted", self.tr("people are")), self.tall))

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
