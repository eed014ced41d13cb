"""Connects the alarm panel to the engine, and to the evidence that was kept of an alarm."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QCoreApplication, QObject, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QDialog

from monitor.core.alarm import AlarmEvent
from monitor.outputs.evidence.notes import pack_of_note
from monitor.ui.actions import Command
from monitor.ui.alarms.entries import FloodWatch, Watched, lists_of
from monitor.ui.alarms.panel import AlarmPanel, ShelveDialog


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


class AlarmController(QObject):
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
            Command(self.tr("Shelve the selected alarm …"), ("H",), self._panel.shelve, group),
            Command(self.tr("Unshelve the selected alarm"), ("U",), self._panel.unshelve, group),
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
            self._tell(self.tr("This alarm no longer exists: its rule was removed"))
        self.changed.emit()


class EvidenceController(QObject):
    """Lives on the GUI thread.

    Attributes:
        open_folder: Shows a folder in the system's own program for files; False where there is
            none.
    """

    def __init__(
        self, panel: AlarmPanel, tell: Callable[[str], None], parent: QObject | None = None
    ) -> None:
        """Prepare; nothing is shown before `keep_in`.

        Args:
            panel: What shows the alarms.
            tell: Called with one sentence where something cannot be done.
            parent: Owner.
        """
        super().__init__(parent)
        self._panel = panel
        self._tell = tell
        self._folder_now: Callable[[], Path | None] = lambda: None
        self._folders: dict[str, Path] = {}
        self._packs: dict[str, str] = {}
        self.open_folder: Callable[[Path], bool] = _open
        panel.evidence_wanted.connect(self._on_wanted)

    def keep_in(self, folder_now: Callable[[], Path | None]) -> None:
        """Take note of who says where evidence is kept now; None: nowhere."""
        self._folder_now = folder_now
        if folder_now() is not None:
            self._panel.show_evidence(self._packs)

    def take(self, event: AlarmEvent) -> None:
        """Take in an entry of the journal: some name a pack."""
        found, folder = pack_of_note(event.note), self._folder_now()
        if found is not None and folder is not None:
            self._packs[event.alarm_id] = found[0]
            self._folders[event.alarm_id] = folder
            self._panel.show_evidence(self._packs)

    def commands(self) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Alarms")
        return [
            Command(
                self.tr("Open the evidence of the selected alarm"),
                ("V",),
                self._panel.evidence,
                group,
            ),
            Command(self.tr("Open the evidence folder"), ("Shift+V",), self._open_all, group),
        ]

    def _on_wanted(self, alarm_id: str) -> None:
        if alarm_id in self._packs:
            self._show(self._folders[alarm_id] / self._packs[alarm_id])

    def _open_all(self) -> None:
        folder = self._folder_now()
        if folder is None:
            self._tell(self.tr("This site keeps no evidence; add [evidence] to the site file"))
        else:
            self._show(folder)

    def _show(self, folder: Path) -> None:
        if not folder.is_dir():
            self._tell(self.tr("{folder} does not exist").format(folder=folder))
        elif not self.open_folder(folder):
            self._tell(self.tr("The evidence is in {folder}").format(folder=folder))


def _open(folder: Path) -> bool:
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
