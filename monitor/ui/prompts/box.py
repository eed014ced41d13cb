"""The box "Counts: ______": what the camera that is looked at counts, to be typed over."""

from collections.abc import Sequence

from PyQt6.QtCore import QModelIndex, QStringListModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from monitor.core.series import things_named
from monitor.ui.widgets import make_label, set_kind, set_text


class LastName(QCompleter):
    """Completes the last of several names: in `people, bi` the *bi*."""

    def splitPath(self, path: str | None) -> list[str]:
        """Give what is to be completed."""
        return [(path or "").rpartition(",")[2].strip()]

    def pathFromIndex(self, index: QModelIndex) -> str:
        """Give the whole text with the completion at its end."""
        line = self.widget()
        before = line.text().rpartition(",")[0] if isinstance(line, QLineEdit) else ""
        completed = super().pathFromIndex(index)
        return f"{before}, {completed}" if before else completed


class PromptLine(QLineEdit):
    """A line in which Escape brings back what holds.

    Signals:
        left: Escape was pressed.
    """

    left = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Notice Escape."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class PromptBox(QWidget):
    """A line to type in, and a sentence below it.

    Signals:
        asked: Enter was pressed on other things than are counted; carries their names, none for
            what the model counts by itself.
    """

    asked = pyqtSignal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = PromptLine()
        self.line.setAccessibleName(self.tr("What this camera counts"))
        self.line.setPlaceholderText(self.tr("people, bicycles …"))
        self.line.setToolTip(
            self.tr(
                "What to count, with commas between several things; Enter asks the model. "
                "Each thing has a curve, zones and alarms of its own"
            )
        )
        self._words = QStringListModel(self)
        completer = LastName(self._words, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.line.setCompleter(completer)
        self._sentence = make_label("muted")
        self._sentence.setWordWrap(True)
        self._sentence.hide()
        self._things: tuple[str, ...] = ()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(make_label("heading", self.tr("COUNTS")))
        row.addWidget(self.line, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self._sentence)
        self.line.returnPressed.connect(self._on_return)
        self.line.left.connect(self.put_back)

    @property
    def sentence(self) -> str:
        """What is said below the line; empty: nothing."""
        return self._sentence.text()

    def begin(self) -> None:
        """Take what is typed from now on, and be seen where not all panels fit."""
        self.line.setFocus()
        self.line.selectAll()
        holder = self.parentWidget()
        while holder is not None and not isinstance(holder, QScrollArea):
            holder = holder.parentWidget()
        if holder is not None:
            holder.ensureWidgetVisible(self)

    def offer(self, things: Sequence[str]) -> None:
        """Offer names for completion."""
        if self._words.stringList() != list(things):
            self._words.setStringList(list(things))

    def show_things(self, things: Sequence[str]) -> None:
        """Show what is counted, unless somebody is typing."""
        if tuple(things) == self._things:
            return
        is_typing = self.line.hasFocus() and self.line.isModified()
        self._things = tuple(things)
        if not is_typing:
            self.put_back()

    def show_answer(self, things: Sequence[str], *, asked: Sequence[str]) -> None:
        """Show what is counted now in place of what was asked; other words typed since stay."""
        self._things = tuple(things)
        try:
            is_answered = things_named(self.line.text()) == tuple(asked)
        except ValueError:
            is_answered = False
        if is_answered or not self.line.isModified():
            self.put_back()

    def put_back(self) -> None:
        """Show what is counted in place of what was typed."""
        self.line.setText(", ".join(self._things))
        self.line.setModified(False)
        self.tell("")

    def tell(self, words: str, *, is_fault: bool = False) -> None:
        """Say something below the line; empty: nothing."""
        set_kind(self._sentence, "warning" if is_fault else "muted")
        set_text(self._sentence, words)
        self._sentence.setHidden(not words)

    def _on_return(self) -> None:
        try:
            things = things_named(self.line.text())
        except ValueError as error:
            self.tell(str(error), is_fault=True)
            return
        if things == self._things:
            self.put_back()
            return
        self.asked.emit(things)
