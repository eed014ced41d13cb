"""Between the box and the engine: what is typed is counted, and the old count is not mixed in."""

from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtWidgets import QWidget

from monitor.core.errors import SettingsError
from monitor.core.series import camera_of
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.memory import WindowMemory
from monitor.ui.prompts.box import PromptBox
from monitor.ui.prompts.remembered import Remembered

ThingsKeeper = Callable[[str, Sequence[str], str], None]
"""Called with a camera's name, what it counts, and the first thing that it counted before."""


class PromptDesk(QObject):
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
        name = QCoreApplication.translate("Commands", "Type what to count")
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
            words = self.tr("A new curve begins for {things}")
            parts.append(words.format(things=", ".join(one.counts for one in new)))
        if unlimited := ", ".join(one.counts for one in new if not one.rules):
            parts.append(self.tr("no limit is set on {things}").format(things=unlimited))
        if gone:
            words = self.tr("{things}: no longer counted, alarms have ended, limits sleep")
            parts.append(words.format(things=gone))
        return "; ".join(parts)
