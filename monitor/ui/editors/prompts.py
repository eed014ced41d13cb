"""The box "Counts: ______": what the chosen camera counts, as the operator types it.

The engine asks the model on the background thread; a new count series never continues an old one.
"""

from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QCoreApplication, QModelIndex, QObject, QStringListModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from monitor.core.errors import SettingsError
from monitor.core.series import PEOPLE, camera_of, things_named
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.memory import WindowMemory
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


_NAME = "things"
_MOST = 50


class Remembered:
    """Names of things, those asked for last first; lives on the GUI thread.

    Args:
        memory: What outlives the window; None: it is forgotten with the window.
    """

    def __init__(self, memory: WindowMemory | None) -> None:
        self._memory = memory
        kept = "" if memory is None else memory.get(_NAME, "")
        self._things = [one for one in kept.splitlines() if one]

    @property
    def things(self) -> tuple[str, ...]:
        """What may be offered; people always."""
        return tuple(dict.fromkeys([*self._things, PEOPLE]))

    def add(self, things: Sequence[str]) -> None:
        """Remember that these were asked for."""
        self._things = list(dict.fromkeys([*things, *self._things]))[:_MOST]
        if self._memory is not None:
            self._memory.put(_NAME, "\n".join(self._things))


ThingsKeeper = Callable[[str, Sequence[str], str], None]
"""Called with a camera's name, what it counts, and the first thing that it counted before."""


class PromptController(QObject):
    """Asks for other things before the camera that is looked at; lives on the GUI thread."""

    def __init__(
        self,
        engine: Engine,
        operator: str,
        keep: ThingsKeeper,
        *,
        errands: BackgroundTasks,
        memory: WindowMemory | None,
        parent: QWidget,
    ) -> None:
        """Prepare.

        Args:
            engine: What is asked.
            operator: Who sits here; goes into the journal of alarms.
            keep: Keeps what is asked for in the site file, where there is one.
            errands: What waits for the model: reading a name can take seconds.
            memory: What outlives the window; None: nothing does.
            parent: Owner.
        """
        super().__init__(parent)
        self._engine = engine
        self._operator = operator
        self._keep = keep
        self._errands = errands
        self._remembered = Remembered(memory)
        self._series = ""
        self.box = PromptBox()
        self.box.offer(self._remembered.things)
        self.box.asked.connect(self._on_asked)

    def commands(self) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Picture")
        name = QCoreApplication.translate("Commands", "Enter what to count")
        return [Command(name, ("C",), self.box.begin, group)]

    def choose(self, series: str) -> None:
        """Show what another camera counts."""
        if camera_of(series) != camera_of(self._series):
            self._series = series
            self.box.line.setModified(False)
            self.box.tell("")
        self._series = series
        self.look()

    def look(self) -> None:
        """Show what is counted now; to be called now and then."""
        self.box.show_things([one.counts for one in self._shown(camera_of(self._series))])

    def _shown(self, camera: str) -> list[CameraSnapshot]:
        return [one for one in self._engine.snapshots() if one.camera == camera]

    def _on_asked(self, things: tuple[str, ...]) -> None:
        camera = camera_of(self._series)
        before = tuple(one.counts for one in self._shown(camera))
        self.box.tell(self.tr("Asking the model …"))
        self._errands.send(
            f"ask {camera}",
            BackgroundTask(
                partial(self._ask, camera, things),
                lambda _: self._on_answered(camera, things, before),
                lambda words: self._on_refused(camera, words),
            ),
        )

    def _ask(self, camera: str, things: tuple[str, ...]) -> None:
        """Have other things counted; on the errands' thread."""
        try:
            self._engine.ask(camera, things, self._operator)
        except KeyError as error:
            raise SettingsError(f"{camera} is no longer watched") from error

    def _on_answered(self, camera: str, things: tuple[str, ...], before: tuple[str, ...]) -> None:
        if before:
            self._keep(camera, things, before[0])
        self._remembered.add(things)
        self.box.offer(self._remembered.things)
        if camera != camera_of(self._series):
            return
        shown = self._shown(camera)
        self.box.show_answer([one.counts for one in shown], asked=things)
        self.box.tell(self._sentence(shown, before))

    def _on_refused(self, camera: str, words: str) -> None:
        if camera == camera_of(self._series):
            self.box.tell(words, is_fault=True)

    def _sentence(self, shown: Sequence[CameraSnapshot], before: Sequence[str]) -> str:
        new = [one for one in shown if one.counts not in before]
        now = {one.counts for one in shown}
        gone = ", ".join(one for one in before if one not in now)
        parts = []
        if new:
            words = self.tr("A new curve was started for {things}")
            parts.append(words.format(things=", ".join(one.counts for one in new)))
        if unlimited := ", ".join(one.counts for one in new if not one.rules):
            parts.append(self.tr("no limit is set on {things}").format(things=unlimited))
        if gone:
            words = self.tr(
                "{things}: no longer counted; its alarms have ended and its limits are inactive"
            )
            parts.append(words.format(things=gone))
        return "; ".join(parts)
