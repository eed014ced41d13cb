"""Between the rule editor, the history and the engine."""

from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtWidgets import QWidget

from monitor.core.clock import Clock
from monitor.core.rule import Rule
from monitor.engine.area import AreaSnapshot
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.charting import PastReadings
from monitor.ui.limit_editor import RulesChanger
from monitor.ui.rules.editor import RuleEditor
from monitor.ui.rules.trial import Trial, try_out
from monitor.ui.theme import Theme


class RuleDesk(QObject):
    """Opens the rule editor for the camera that is looked at; lives on the GUI thread."""

    def __init__(
        self,
        change: RulesChanger,
        errands: BackgroundTasks,
        store: PastReadings | None,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            change: Has a camera watched by other rules.
            errands: What reads the history off the GUI thread.
            store: The history; None: there is none.
            clock: Where time comes from.
            parent: Owner.
        """
        super().__init__(parent)
        self._change = change
        self._errands = errands
        self._store = store
        self._clock = clock
        self._editor: RuleEditor | None = None

    @property
    def editor(self) -> RuleEditor | None:
        """The editor that is open; None: none is."""
        return self._editor

    def commands(self, open_editor: Callable[[], None]) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Alarms")
        name = QCoreApplication.translate("Commands", "Rules, and when they would have rung …")
        return [Command(name, ("R",), open_editor, group)]

    def open(self, snapshot: CameraSnapshot | AreaSnapshot, theme: Theme, window: QWidget) -> None:
        """Open the editor for a camera or area; one that is open for another is closed."""
        if self._editor is not None:
            self._editor.close()
        all_zones = snapshot.zones if isinstance(snapshot, CameraSnapshot) else ()
        zones = [one.name for one in all_zones if one.kind == "count"]
        editor = RuleEditor(snapshot.name, snapshot.rules, zones, theme, window)
        self._editor = editor
        editor.trial_wanted.connect(self._on_trial_wanted)
        editor.applied.connect(self._on_applied)
        editor.finished.connect(partial(self._on_gone, editor))
        editor.show()
        editor.try_out()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours in the editor that is open."""
        if self._editor is not None:
            self._editor.timeline.set_theme(theme)

    def _on_gone(self, editor: RuleEditor, *_: object) -> None:
        if self._editor is editor:
            self._editor = None

    def _on_applied(self, rules: Sequence[Rule]) -> None:
        editor = self._editor
        if editor is None:
            return
        try:
            self._change(editor.camera, rules)
        except (KeyError, ValueError) as error:  # the camera was taken away meanwhile
            editor.show_untried(str(error))
            return
        editor.show_applied()

    def _on_trial_wanted(self, wanted: Rule, present: Rule | None) -> None:
        editor = self._editor
        if editor is None:
            return
        if self._store is None:
            editor.show_untried(self.tr("There is no history: it cannot be tried out."))
            return
        work = partial(try_out, self._store, editor.camera, wanted, present, self._clock.utc())
        self._errands.send(
            "rule trial",
            BackgroundTask(
                work, partial(self._on_tried, editor, wanted), partial(self._on_failed, editor)
            ),
        )

    def _on_tried(self, editor: RuleEditor, rule: Rule, found: object) -> None:
        if self._editor is editor and isinstance(found, Trial):
            editor.show_trial(rule, found)

    def _on_failed(self, editor: RuleEditor, message: str) -> None:
        if self._editor is editor:
            editor.show_untried(message)
