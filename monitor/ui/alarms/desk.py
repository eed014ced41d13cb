"""Between the alarm panel and the engine: shows what stands, does what a person decides."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal
from PyQt6.QtWidgets import QDialog

from monitor.core.alarm import AlarmEvent
from monitor.ui.actions import Command
from monitor.ui.alarms.entries import FloodWatch, Watched, lists_of
from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.alarms.shelving import ShelveDialog


class AlarmKeeper(Protocol):
    """What the desk needs of the engine."""

    def acknowledge(self, alarm_id: str, who: str, note: str = "") -> bool:
        """Say that a person knows of an alarm."""
        ...

    def shelve(self, alarm_id: str, who: str, *, duration_s: float, reason: str) -> None:
        """Put an alarm aside for a time."""
        ...

    def unshelve(self, alarm_id: str, who: str) -> bool:
        """Bring an alarm back before its time."""
        ...


class AlarmDesk(QObject):
    """Lives on the GUI thread.

    Signals:
        changed: Something was done to an alarm.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        keeper: AlarmKeeper,
        operator: str,
        panel: AlarmPanel,
        tell: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        """Connect panel and engine.

        Args:
            keeper: The engine.
            operator: Who sits here; goes into the journal.
            panel: What shows the alarms.
            tell: Called with one sentence where something cannot be done.
            parent: Owner.
        """
        super().__init__(parent)
        self._keeper = keeper
        self._operator = operator
        self._panel = panel
        self._tell = tell
        self._flood = FloodWatch()
        self._dialog: ShelveDialog | None = None
        panel.acknowledged.connect(self.acknowledge)
        panel.shelve_wanted.connect(self._on_shelve_wanted)
        panel.unshelved.connect(self._on_unshelved)

    @property
    def dialog(self) -> ShelveDialog | None:
        """The question that is open; None: none is."""
        return self._dialog

    def take(self, event: AlarmEvent) -> None:
        """Take in what happened to an alarm."""
        self._flood.take(event)

    def show(self, watched: Sequence[Watched], now_utc: datetime) -> None:
        """Show every alarm as it is now."""
        self._panel.show_lists(lists_of(watched), self._flood.words(now_utc))

    def commands(self) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Alarms")
        return [
            Command(self.tr("Go to the alarm list"), ("L",), self._panel.focus_alarms, group),
            Command(self.tr("Shelve the marked alarm …"), ("H",), self._panel.shelve, group),
            Command(self.tr("Bring the marked alarm back"), ("U",), self._panel.unshelve, group),
        ]

    def acknowledge(self, alarm_id: str, note: str) -> None:
        """Acknowledge an alarm in the name of whoever sits here."""
        self._do(lambda: self._keeper.acknowledge(alarm_id, self._operator, note))

    def _on_unshelved(self, alarm_id: str) -> None:
        self._do(lambda: self._keeper.unshelve(alarm_id, self._operator))

    def _on_shelve_wanted(self, alarm_id: str) -> None:
        dialog = ShelveDialog(alarm_id.replace("/", " · "), self._panel.window())
        self._dialog = dialog
        dialog.finished.connect(lambda result: self._on_answered(dialog, alarm_id, result))
        dialog.open()

    def _on_answered(self, dialog: ShelveDialog, alarm_id: str, result: int) -> None:
        self._dialog = None
        duration_s, reason = dialog.duration_s, dialog.reason_text
        dialog.deleteLater()
        if result == QDialog.DialogCode.Accepted:
            self._do(
                lambda: self._keeper.shelve(
                    alarm_id, self._operator, duration_s=duration_s, reason=reason
                )
            )

    def _do(self, act: Callable[[], object]) -> None:
        try:
            act()
        except KeyError:  # its rule was taken away while a person was looking
            self._tell(self.tr("That alarm is no longer there: its rule was removed"))
        self.changed.emit()
