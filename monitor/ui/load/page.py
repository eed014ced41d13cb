"""The page on how much the alarms ask of people: numbers, hours, and the worst alarms."""

from datetime import timedelta

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from monitor.alarms.alarm_load import AlarmLoad
from monitor.ui.language import written
from monitor.ui.load.chart import LoadChart
from monitor.ui.load.words import alarm_note, rows_of, verdict_words
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_label, set_text

_SIZE_WH = (720, 640)
_HOURS = (8, 24, 7 * 24, 30 * 24)
_USUAL = 1
_SHOWN = 50
_AIR = 28
"""Between the words of two columns, pixels."""


class LoadPage(QDialog):
    """Lives on the GUI thread.

    Signals:
        span_changed: Another time is wanted; it stands in `span`.
        export_wanted: All of it is to be saved.
    """

    span_changed = pyqtSignal()
    export_wanted = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Load of the alarms"))
        self.resize(*_SIZE_WH)
        self.load: AlarmLoad | None = None
        self.span_box = QComboBox()
        self.verdict = make_label("title")
        self.note = make_label("muted")
        self.chart = LoadChart(theme)
        self.alarms = QTableWidget(0, 3)
        self.export_button = QPushButton(self.tr("Save as CSV …"))
        self._grid = QGridLayout()
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._build()

    @property
    def span(self) -> timedelta:
        """How far to look back."""
        return timedelta(hours=_HOURS[self.span_box.currentIndex()])

    def show_note(self, text: str) -> None:
        """Say what hinders, or what was done."""
        set_text(self.note, text)
        self.note.setVisible(bool(text))

    def show_load(self, load: AlarmLoad) -> None:
        """Show a load."""
        self.load = load
        self.show_note("")
        set_text(self.verdict, verdict_words(load))
        self.chart.show_load(load)
        self.export_button.setEnabled(True)
        for place, (name, value) in enumerate(rows_of(load)):
            if place == len(self._rows):
                self._add_row(place)
            set_text(self._rows[place][0], name)
            set_text(self._rows[place][1], value)
        self.alarms.setRowCount(min(_SHOWN, len(load.by_alarm)))
        for row, one in enumerate(load.by_alarm[:_SHOWN]):
            words = (written(one.rang), one.alarm_id.replace("/", " · "), alarm_note(one))
            for column, text in enumerate(words):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.alarms.setItem(row, column, item)
        for column in (0, 1):
            self.alarms.setColumnWidth(column, self.alarms.sizeHintForColumn(column) + _AIR)

    def _add_row(self, place: int) -> None:
        name, value = make_label("muted"), make_label()
        value.setWordWrap(True)
        self._grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1)
        self._rows.append((name, value))

    def _build(self) -> None:
        for words in (
            self.tr("Last 8 hours"),
            self.tr("Last 24 hours"),
            self.tr("Last 7 days"),
            self.tr("Last 30 days"),
        ):
            self.span_box.addItem(words)
        self.span_box.setCurrentIndex(_USUAL)
        self.span_box.setAccessibleName(self.tr("How far to look back"))
        self.span_box.currentIndexChanged.connect(lambda _index: self.span_changed.emit())
        self.export_button.setEnabled(False)
        self.export_button.setAutoDefault(False)
        self.export_button.clicked.connect(self.export_wanted)
        self._build_table()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(12)
        top = QHBoxLayout()
        top.addWidget(self.verdict, 1)
        top.addWidget(self.span_box)
        buttons = QDialogButtonBox()
        close = QPushButton(self.tr("Close"))
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.ActionRole)
        for button in buttons.buttons():
            button.setIcon(QIcon())  # the style's own is black on dark
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self.note)
        layout.addWidget(self.chart)
        layout.addLayout(self._grid)
        layout.addWidget(self.alarms, 1)
        layout.addWidget(buttons)

    def _build_table(self) -> None:
        table = self.alarms
        table.setTabKeyNavigation(False)  # the key leads on to the buttons
        table.setHorizontalHeaderLabels([self.tr("Rang"), self.tr("Alarm"), self.tr("Advice")])
        table.setAccessibleName(self.tr("Alarms, the most frequent first"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        if (vertical := table.verticalHeader()) is not None:
            vertical.hide()
        if (horizontal := table.horizontalHeader()) is not None:
            horizontal.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
            horizontal.setHighlightSections(False)
            horizontal.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
            horizontal.setStretchLastSection(True)
