"""The alarm panel: lists of active, shelved and suppressed alarms, and the journal.

A list has two lines and a mark for each alarm and is operated with the keyboard. Shelving asks for
a duration and a reason.
"""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QRect,
    QRectF,
    QSize,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QColor, QFocusEvent, QFont, QIcon, QKeyEvent, QPainter, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.alarms.machine import SHELVE_MAX_S
from monitor.core.alarm import AlarmState
from monitor.ui.alarms.entries import (
    AlarmEntry,
    AlarmLists,
    limit_words,
    priority_words,
    spoken_words,
    state_words,
    value_words,
)
from monitor.ui.language import written
from monitor.ui.marks import draw_alarm_mark, words_colour
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_label, set_text

_ENTRY = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()
_PADDING = 5
_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_ACKNOWLEDGE_KEYS = frozenset({Qt.Key.Key_A, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})
"""In the list they are about the alarm that is marked, not about the one in the strip."""


class AlarmListModel(QAbstractListModel):
    """Alarms in the order of urgency."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[AlarmEntry, ...] = ()

    @property
    def entries(self) -> tuple[AlarmEntry, ...]:
        """What is listed."""
        return self._entries

    def show(self, entries: Sequence[AlarmEntry]) -> bool:
        """List other alarms; True where rows came, went or changed places."""
        before, after = self._entries, tuple(entries)
        if before == after:
            return False
        if [one.alarm_id for one in before] == [one.alarm_id for one in after]:
            self._entries = after
            self.dataChanged.emit(self.index(0), self.index(len(after) - 1))
            return False
        self.beginResetModel()
        self._entries = after
        self.endResetModel()
        return True

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """Alarms that are listed."""
        return 0 if parent.isValid() else len(self._entries)

    def data(
        self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | AlarmEntry | None:
        """Give an entry, or its words."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == _ENTRY:
            return entry
        words = {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        }
        return spoken_words(entry) if role in words else None


class AlarmDelegate(QStyledItemDelegate):
    """Draws one alarm: mark, where, value; priority, state, limit."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Two lines and some air."""
        return QSize(120, 2 * option.fontMetrics.lineSpacing() + 2 * _PADDING)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Draw it."""
        entry = index.data(_ENTRY)
        if painter is None or not isinstance(entry, AlarmEntry):
            return
        theme, status = self.theme, entry.status
        box = option.rect
        painter.save()
        is_marked = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_marked:
            painter.fillRect(box, QColor(theme.line))
            painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), QColor(theme.accent))
        side = min(26, box.height() - 2 * _PADDING)
        mark = QRectF(box.left() + 8, box.center().y() - side / 2, side, side)
        draw_alarm_mark(painter, mark, status.state, theme)
        words = box.adjusted(8 + side + 8, _PADDING, -8, -_PADDING)
        upper = QRect(words.left(), words.top(), words.width(), words.height() // 2)
        lower = upper.translated(0, words.height() // 2)
        bold = QFont(option.font)
        bold.setBold(True)
        self._write(painter, upper, (entry.heading, value_words(status)), bold, theme.text)
        priority = priority_words(status.priority)
        is_shelved = status.state is AlarmState.SHELVED  # who and why need the room
        limit = "" if is_shelved else limit_words(status)
        told = f"{priority} · {state_words(status)}", limit
        colour = theme.text if is_marked else words_colour(status.state, theme)
        self._write(painter, lower, told, option.font, colour)
        painter.restore()

    @staticmethod
    def _write(
        painter: QPainter, line: QRect, words: tuple[str, str], font: QFont, colour: str
    ) -> None:
        """Write words at both ends of a line; those on the left give way."""
        painter.setFont(font)
        painter.setPen(QColor(colour))
        metrics = painter.fontMetrics()
        left, right = words
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, _RIGHT | middle, right)
        room = line.width() - metrics.horizontalAdvance(right) - 10
        painter.drawText(
            line, _LEFT | middle, metrics.elidedText(left, Qt.TextElideMode.ElideRight, room)
        )


class AlarmList(QListView):
    """Alarms of which one is marked.

    Signals:
        acknowledge_wanted: A key to acknowledge was pressed on the marked alarm.
        camera_wanted: An alarm was double-clicked.
        marked: Another alarm is marked, or none.
    """

    acknowledge_wanted = pyqtSignal()
    camera_wanted = pyqtSignal()
    marked = pyqtSignal()

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alarms = AlarmListModel(self)
        self._delegate = AlarmDelegate(theme, self)
        self._marked_id = ""
        self.setModel(self._alarms)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.doubleClicked.connect(lambda _index: self.camera_wanted.emit())

    @property
    def entries(self) -> tuple[AlarmEntry, ...]:
        """What is listed."""
        return self._alarms.entries

    @property
    def chosen(self) -> AlarmEntry | None:
        """The alarm that is marked; None: none is."""
        row = self.currentIndex().row()
        return self.entries[row] if 0 <= row < len(self.entries) else None

    def show_entries(self, entries: Sequence[AlarmEntry]) -> None:
        """List other alarms; the one that was marked stays marked wherever it goes."""
        wanted = self._marked_id
        if self._alarms.show(entries):
            self.mark(wanted)

    def mark(self, alarm_id: str) -> None:
        """Mark an alarm; none where it is not listed."""
        rows = [row for row, one in enumerate(self.entries) if one.alarm_id == alarm_id]
        self.setCurrentIndex(self._alarms.index(rows[0]) if rows else _NOWHERE)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._delegate.theme = theme
        if (viewport := self.viewport()) is not None:
            viewport.update()

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Remember what is marked."""
        super().currentChanged(current, previous)
        chosen = self.chosen
        self._marked_id = "" if chosen is None else chosen.alarm_id
        self.marked.emit()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Mark the first alarm where none is, so that a key always has something to act on."""
        super().focusInEvent(event)
        if self.chosen is None and self.entries:
            self.setCurrentIndex(self._alarms.index(0))

    def event(self, event: QEvent | None) -> bool:
        """Keep the keys to acknowledge for the list while it is walked through."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and self._acknowledges(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Acknowledge the marked alarm."""
        if event is not None and self._acknowledges(event):
            self.acknowledge_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _acknowledges(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() in {
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        }
        return plain and event.key() in _ACKNOWLEDGE_KEYS and self.chosen is not None


_NOTE_MOST = 200
_NOTE_LEAST_PX = 72
_PAGE_LEAST = 40
"""One alarm; a small screen with large letters must hold the window."""


class AlarmPanel(QWidget):
    """Every alarm of every camera and area that is not normal.

    Signals:
        acknowledged: Somebody knows of an alarm; carries its id and a note, which may be empty.
        shelve_wanted: An alarm is to be put aside; carries its id.
        unshelved: A shelved alarm is to come back; carries its id.
        camera_wanted: Somebody wants to see where an alarm is; carries the camera's name.
        evidence_wanted: Somebody wants to see what was kept of an alarm; carries its id.
    """

    acknowledged = pyqtSignal(str, str)
    shelve_wanted = pyqtSignal(str)
    unshelved = pyqtSignal(str)
    camera_wanted = pyqtSignal(str)
    evidence_wanted = pyqtSignal(str)

    def __init__(self, journal: QWidget, theme: Theme, parent: QWidget | None = None) -> None:
        """Build it.

        Args:
            journal: What happened, shown as the last tab.
            theme: Colours.
            parent: Owner.
        """
        super().__init__(parent)
        self.active = AlarmList(self.tr("Alarms"), theme)
        self.shelved = AlarmList(self.tr("Shelved alarms"), theme)
        self.suppressed = AlarmList(self.tr("Suppressed alarms"), theme)
        self._lists = (self.active, self.shelved, self.suppressed)
        self.flood = make_label("warning")
        self.flood.setWordWrap(True)
        self.note = QLineEdit()
        self.acknowledge_button = QPushButton(self.tr("Acknowledge"))
        self.shelve_button = QPushButton(self.tr("Shelve …"))
        self.unshelve_button = QPushButton(self.tr("Unshelve"))
        self.show_button = QPushButton(self.tr("Show"))
        self.evidence_button = QPushButton(self.tr("Evidence"))
        self._buttons = (
            self.acknowledge_button, self.unshelve_button, self.shelve_button, self.show_button,
            self.evidence_button,
        )  # fmt: skip
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._packs: Mapping[str, str] | None = None
        self.tabs = QTabWidget()
        self._journal = journal
        self._build()
        self._settle()

    @property
    def list_shown(self) -> AlarmList | None:
        """The list that is looked at; None: the journal is."""
        widget = self.tabs.currentWidget()
        return widget if isinstance(widget, AlarmList) else None

    @property
    def chosen(self) -> AlarmEntry | None:
        """The alarm that is marked in the list that is looked at."""
        shown = self.list_shown
        return None if shown is None else shown.chosen

    def show_lists(self, lists: AlarmLists, flood: str = "") -> None:
        """Show the alarms as they are now.

        Args:
            lists: All that are not normal.
            flood: That there are too many of them, in words; empty: there are not.
        """
        found = (lists.active, lists.shelved, lists.suppressed)
        names = (self.tr("Alarms"), self.tr("Shelved"), self.tr("Suppressed"))
        for place, (one, entries) in enumerate(zip(self._lists, found, strict=True)):
            one.show_entries(entries)
            text = f"{names[place]} {len(entries)}" if entries else names[place]
            if self.tabs.tabText(place) != text:
                self.tabs.setTabText(place, text)
        set_text(self.flood, flood)
        self.flood.setVisible(bool(flood))
        self._settle()

    def focus_alarms(self) -> None:
        """Go to the alarms with the keyboard."""
        self.tabs.setCurrentWidget(self.active)
        self.active.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self.active.chosen is None and self.active.entries:
            self.active.mark(self.active.entries[0].alarm_id)

    def acknowledge(self) -> None:
        """Acknowledge the marked alarm, with the note that was typed."""
        chosen = self.chosen
        if chosen is not None and chosen.status.needs_acknowledgement:
            self.acknowledged.emit(chosen.alarm_id, self.note.text().strip())
            self.note.clear()

    def shelve(self) -> None:
        """Ask to put the marked alarm aside."""
        if self.chosen is not None:
            self.shelve_wanted.emit(self.chosen.alarm_id)

    def unshelve(self) -> None:
        """Unshelve the selected alarm."""
        if self.chosen is not None and self.list_shown is self.shelved:
            self.unshelved.emit(self.chosen.alarm_id)

    def evidence(self) -> None:
        """Ask for what was kept of the marked alarm."""
        if self.chosen is not None and self._packs and self.chosen.alarm_id in self._packs:
            self.evidence_wanted.emit(self.chosen.alarm_id)

    def show_evidence(self, packs: Mapping[str, str]) -> None:
        """Offer what was kept of alarms.

        Args:
            packs: Names of the folders, by the ids of the alarms.
        """
        self._packs = dict(packs)
        self._settle()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        for one in self._lists:
            one.set_theme(theme)

    def _show_camera(self) -> None:
        if self.chosen is not None:
            self.camera_wanted.emit(self.chosen.place)

    def _build(self) -> None:
        for one in self._lists:
            self.tabs.addTab(one, "")
            one.acknowledge_wanted.connect(self.acknowledge)
            one.camera_wanted.connect(self._show_camera)
            one.marked.connect(self._on_marked)
        self.tabs.addTab(self._journal, self.tr("Journal"))
        for page in (*self._lists, self._journal):
            page.setMinimumHeight(_PAGE_LEAST)
        self.tabs.setDocumentMode(True)
        if (bar := self.tabs.tabBar()) is not None:
            bar.setDrawBase(False)  # the style draws it white on dark
        self.tabs.currentChanged.connect(lambda _index: self._settle())
        self.note.setObjectName("note")
        self.note.setMaxLength(_NOTE_MOST)
        self.note.setPlaceholderText(self.tr("Note"))
        self.note.setAccessibleName(self.tr("Note for the journal"))
        self.note.returnPressed.connect(self.acknowledge)
        self.acknowledge_button.setToolTip(
            self.tr("Acknowledge the selected alarm (A, Space or Enter in the list)")
        )
        self.shelve_button.setToolTip(
            self.tr("Shelve the selected alarm for a limited time, with a reason (H)")
        )
        self.show_button.setToolTip(self.tr("Show the camera of the selected alarm"))
        buttons = QHBoxLayout()
        self._row.setSpacing(6)
        self._row.addWidget(self.note, 1)
        self._row.addLayout(buttons)
        for button, do in (
            (self.acknowledge_button, self.acknowledge),
            (self.unshelve_button, self.unshelve),
            (self.shelve_button, self.shelve),
            (self.show_button, self._show_camera),
            (self.evidence_button, self.evidence),
        ):
            button.clicked.connect(do)
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.flood)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(self._row)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the note above the buttons where they leave it no room."""
        super().resizeEvent(event)
        self._fit_row()

    def changeEvent(self, event: QEvent | None) -> None:
        """The same with larger or smaller letters."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fit_row()

    def _fit_row(self) -> None:
        buttons = [one for one in self._buttons if not one.isHidden()]
        wide = sum(one.sizeHint().width() + self._row.spacing() for one in buttons)
        fits = wide + _NOTE_LEAST_PX <= self.width()
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if way is not self._row.direction():
            self._row.setDirection(way)

    def _on_marked(self) -> None:
        self.note.clear()  # it was meant for another alarm
        self._settle()

    def _settle(self) -> None:
        """Offer what can be done with the marked alarm, and only that."""
        shown, chosen = self.list_shown, self.chosen
        pack = (self._packs or {}).get(chosen.alarm_id, "") if chosen is not None else ""
        self.evidence_button.setToolTip(
            self.tr("Open the evidence of the selected alarm (V)")
            if not pack
            else self.tr("Open {pack} (V)").format(pack=pack)
        )
        wants = chosen is not None and chosen.status.needs_acknowledgement
        for widget, is_there, is_possible in (
            (self.note, shown is self.active, wants),
            (self.acknowledge_button, shown is self.active, wants),
            (self.unshelve_button, shown is self.shelved, chosen is not None),
            (self.shelve_button, shown is not None, chosen is not None),
            (self.show_button, shown is not None, chosen is not None),
            (self.evidence_button, shown is not None and self._packs is not None, bool(pack)),
        ):
            widget.setVisible(is_there)
            widget.setEnabled(is_possible)
        self._fit_row()


DURATIONS_S = (900.0, 3600.0, SHELVE_MAX_S)
"""A quarter of an hour for a look, an hour for a drill, a shift for works."""

_REASON_MOST = 200
_HOUR_S = 3600


class ShelveDialog(QDialog):
    """Time and reason; without a reason nothing is shelved."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        """Ask about one alarm.

        Args:
            heading: Which alarm, in words.
            parent: Window over which it opens.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Shelve an alarm"))
        self.duration = QComboBox()
        self.duration.setAccessibleName(self.tr("Duration"))
        for duration_s in DURATIONS_S:
            self.duration.addItem(self._words(duration_s), duration_s)
        self.reason = QLineEdit()
        self.reason.setObjectName("note")
        self.reason.setMaxLength(_REASON_MOST)
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("maintenance at the gate, a drill …"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._shelve = self.buttons.addButton(
            self.tr("Shelve"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        for button in self.buttons.buttons():
            button.setIcon(QIcon())  # the style's own is black on dark
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.reason.textChanged.connect(self._on_typed)
        self._on_typed("")
        layout = QFormLayout(self)
        layout.addRow(make_label("headline", heading))
        layout.addRow(self.tr("For"), self.duration)
        layout.addRow(self.tr("Reason"), self.reason)
        told = self.tr(
            "The alarm stays silent until then, returns by itself, and stays in the list."
        )
        layout.addRow(make_label("muted", told))
        layout.addRow(self.buttons)
        self.reason.setFocus()

    @property
    def duration_s(self) -> float:
        """Seconds that are chosen."""
        return float(self.duration.currentData())

    @property
    def reason_text(self) -> str:
        """The reason, without blanks around it."""
        return self.reason.text().strip()

    def accept(self) -> None:
        """Close, unless there is no reason yet."""
        if self.reason_text:
            super().accept()

    def _on_typed(self, _text: str) -> None:
        if self._shelve is not None:
            self._shelve.setEnabled(bool(self.reason_text))

    def _words(self, duration_s: float) -> str:
        if duration_s < _HOUR_S:
            return self.tr("{minutes} minutes").format(minutes=written(duration_s / 60, "g"))
        hours = duration_s / _HOUR_S
        if duration_s == SHELVE_MAX_S:
            return self.tr("{hours} hours (maximum)").format(hours=written(hours, "g"))
        return (
            self.tr("1 hour")
            if hours == 1
            else self.tr("{hours} hours").format(hours=written(hours, "g"))
        )
