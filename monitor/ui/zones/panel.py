"""The row of controls of the zone editor."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor.core.zone import ZoneKind
from monitor.ui.widgets import make_label, set_kind, set_text
from monitor.ui.zones.draft import COLOURS, ZoneDraft

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
        self.kind.addItem(self.tr("counts nobody"), ZoneKind.EXCLUDE)
        for widget, name in (
            (self.zones, self.tr("Zone")),
            (self.name, self.tr("Name of the zone")),
            (self.colour, self.tr("Color of the zone")),
            (self.kind, self.tr("What the zone is for")),
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
