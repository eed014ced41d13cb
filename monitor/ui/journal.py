"""What happened to the alarms since the window was opened: when, where, what, who."""

from collections import deque

from PyQt6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from monitor.core.alarm import AlarmEvent
from monitor.ui.text import clock_text, event_text

ROWS_MAX = 1000
"""Entries shown; older ones are in the history."""

_COLUMNS = 3
_CELL_PADDING = 14
_SAMPLES = {0: "00:00:00", 2: "operator"}
"""The widest words of columns that do not stretch."""
_NOBODY = QModelIndex()


class JournalModel(QAbstractTableModel):
    """Alarm events as a table, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: deque[tuple[str, ...]] = deque(maxlen=ROWS_MAX)

    def add(self, event: AlarmEvent) -> None:
        """Put an event on top; the oldest goes where there are too many."""
        if len(self._rows) == ROWS_MAX:
            self.beginRemoveRows(_NOBODY, ROWS_MAX - 1, ROWS_MAX - 1)
            self._rows.pop()
            self.endRemoveRows()
        self.beginInsertRows(_NOBODY, 0, 0)
        what = f"{event.camera}: {event_text(event)}"
        self._rows.appendleft((clock_text(event.at_utc), what, event.who))
        self.endInsertRows()

    def rowCount(self, parent: QModelIndex = _NOBODY) -> int:
        """Events that are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = _NOBODY) -> int:
        """Time, what, who."""
        return 0 if parent.isValid() else _COLUMNS

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Give a cell's words; they are its tool tip too, because columns are narrow."""
        if not index.isValid():
            return None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self._rows[index.row()][index.column()]
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> str | None:
        """Give a column's heading."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Time"), self.tr("What"), self.tr("Who"))[section]
        return None


class JournalTable(QTableView):
    """The journal as a list that nobody can edit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = JournalModel(self)
        self.setModel(self.entries)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)  # a thousand entries must not hold the keyboard
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setAccessibleName(self.tr("Alarm journal"))
        vertical, horizontal = self.verticalHeader(), self.horizontalHeader()
        if vertical is not None:
            vertical.hide()
            vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        if horizontal is not None:
            horizontal.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
            horizontal.setHighlightSections(False)
            horizontal.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
            horizontal.setMinimumSectionSize(20)
            for column in _SAMPLES:
                horizontal.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        self._fit_letters()

    def changeEvent(self, event: QEvent | None) -> None:
        """Grow with the letters."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fit_letters()

    def _fit_letters(self) -> None:
        """Give two lines to each entry, and time and name the width they need."""
        metrics = self.fontMetrics()
        if (vertical := self.verticalHeader()) is not None:
            vertical.setDefaultSectionSize(2 * metrics.lineSpacing() + 8)
        if (horizontal := self.horizontalHeader()) is not None:
            for column, sample in _SAMPLES.items():
                width = metrics.horizontalAdvance(sample) + _CELL_PADDING
                horizontal.resizeSection(column, width)
