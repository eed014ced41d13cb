"""A list of alarms: two lines and a mark each, to be walked through with the keyboard."""

from collections.abc import Sequence

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
from PyQt6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from monitor.core.alarm import AlarmState
from monitor.ui.alarms.entries import (
    AlarmEntry,
    limit_words,
    priority_words,
    spoken_words,
    state_words,
    value_words,
)
from monitor.ui.marks import draw_alarm_mark, words_colour
from monitor.ui.theme import Theme

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
