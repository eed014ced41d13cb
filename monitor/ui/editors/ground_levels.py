"""Levels of service of a site's own: a table that a safety officer fills in, with sources."""

from collections.abc import Sequence
from itertools import pairwise

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from monitor.scene.levels import Scale
from monitor.settings import BandSettings
from monitor.ui.language import translate, written
from monitor.ui.widgets import make_label, set_text

_SIZE_WH = (960, 420)
_NAME, _FROM, _MEANING, _SOURCE = range(4)
_DIGITS = 2  # of people per m²: nobody knows more
_STEP_M2 = 1.0


def bands_of(scale: Scale) -> tuple[BandSettings, ...]:
    """Give the levels of a known scale for people who stand, to begin with.

    Args:
        scale: Fruin's, Still's.

    Returns:
        Levels that can be changed, with their source.
    """
    return tuple(
        BandSettings(
            name=one.name,
            from_m2=round(one.from_m2, _DIGITS),
            meaning=one.meaning,
            source=scale.source,
        )
        for one in scale.standing
    )


def in_order(bands: Sequence[BandSettings]) -> tuple[BandSettings, ...]:
    """Give levels as they can be used: rising from 0.

    Args:
        bands: Levels in any order.

    Returns:
        The same, rising.

    Raises:
        ValueError: If there is none, none begins at 0, two begin at the same density or have the
            same name; one sentence.
    """
    if not bands:
        raise ValueError(_tr("Add a level first"))
    rising = tuple(sorted(bands, key=lambda one: one.from_m2))
    if rising[0].from_m2 != 0:
        raise ValueError(_tr("The lowest level must begin at 0 people per m²"))
    for lower, upper in pairwise(rising):
        if lower.from_m2 == upper.from_m2:
            words = _tr("{one} and {other} both begin at {number} people per m²")
            raise ValueError(
                words.format(one=lower.name, other=upper.name, number=written(lower.from_m2, "g"))
            )
    names = [one.name for one in rising]
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise ValueError(_tr("Two levels are named {name}").format(name=twice))
    return rising


class BandEditor(QDialog):
    """Accepted, `bands` can be used; nothing holds before the ground is used.

    Attributes:
        bands: Levels, rising from 0.
        table: A row for each level.
    """

    def __init__(self, bands: Sequence[BandSettings], parent: QWidget | None = None) -> None:
        """Build it.

        Args:
            bands: What to begin with.
            parent: Window over which it opens.
        """
        super().__init__(parent)
        self.bands = tuple(bands)
        self.table = QTableWidget(0, 4)
        self.add_button = QPushButton(self.tr("Add level"))
        self.remove_button = QPushButton(self.tr("Remove level"))
        self._fault = make_label("warning")
        self._build()
        for one in bands:
            self._add(one)

    @property
    def fault(self) -> str:
        """What hinders; empty: nothing does."""
        return self._fault.text()

    def accept(self) -> None:
        """Take the levels over, if they can be used."""
        try:
            self.bands = in_order(self._typed())
        except ValueError as error:
            set_text(self._fault, str(error))
            return
        super().accept()

    def add(self) -> None:
        """Add a level above the others."""
        begins = [self._number(row) for row in range(self.table.rowCount())]
        begin = round(max(begins) + _STEP_M2, _DIGITS) if begins else 0.0
        self._add(BandSettings(name=self.tr("new"), from_m2=begin))
        self.table.setCurrentCell(self.table.rowCount() - 1, _NAME)

    def remove(self) -> None:
        """Take the marked level away."""
        if self.table.currentRow() >= 0:
            self.table.removeRow(self.table.currentRow())

    def _typed(self) -> list[BandSettings]:
        found = []
        for row in range(self.table.rowCount()):
            name = self._text(row, _NAME)
            if not name:
                raise ValueError(_tr("Level {row} has no name").format(row=row + 1))
            if self._number(row) < 0:
                raise ValueError(_tr("{name} begins below 0 people per m²").format(name=name))
            found.append(
                BandSettings(
                    name=name,
                    from_m2=self._number(row),
                    meaning=self._text(row, _MEANING),
                    source=self._text(row, _SOURCE),
                )
            )
        return found

    def _text(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return "" if item is None else item.text().strip()

    def _number(self, row: int) -> float:
        item = self.table.item(row, _FROM)
        value = None if item is None else item.data(Qt.ItemDataRole.EditRole)
        return value if isinstance(value, float) else 0.0

    def _add(self, band: BandSettings) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, value in (
            (_NAME, band.name), (_FROM, band.from_m2), (_MEANING, band.meaning),
            (_SOURCE, band.source),
        ):  # fmt: skip
            item = QTableWidgetItem()
            item.setData(Qt.ItemDataRole.EditRole, value)  # a number is edited in a box for such
            self.table.setItem(row, column, item)

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Levels of service of this site"))
        self.resize(*_SIZE_WH)
        headings = [
            self.tr("Level"), self.tr("from people/m²"), self.tr("What it means"),
            self.tr("Source"),
        ]  # fmt: skip
        self.table.setHorizontalHeaderLabels(headings)
        self.table.setTabKeyNavigation(False)  # the key leads on to the buttons
        self.table.setAccessibleName(self.tr("Levels of service"))
        if (rows := self.table.verticalHeader()) is not None:
            rows.hide()
        if (columns := self.table.horizontalHeader()) is not None:
            for column in (_MEANING, _SOURCE):
                columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            columns.setSectionResizeMode(_FROM, QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        for button in buttons.buttons():
            button.setIcon(QIcon())  # as everywhere: words alone
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        for button, do in ((self.add_button, self.add), (self.remove_button, self.remove)):
            button.setAutoDefault(False)
            button.clicked.connect(do)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(buttons)
        note = self.tr(
            "Which number is too much is for the safety officer of the place to say. Write down "
            "where each comes from. It holds for people who stand and who walk alike."
        )
        words = make_label("muted", note)
        for label in (words, self._fault):
            label.setWordWrap(True)
        layout = QVBoxLayout(self)
        for widget in (words, self.table, self._fault):
            layout.addWidget(widget)
        layout.addLayout(row)


def _tr(text: str) -> str:
    return translate("BandEditor", text)
