"""Finds the evidence of an alarm, and opens its folder."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject, QUrl
from PyQt6.QtGui import QDesktopServices

from monitor.core.alarm import AlarmEvent
from monitor.outputs.evidence.notes import pack_of_note
from monitor.ui.actions import Command
from monitor.ui.alarms.panel import AlarmPanel


class EvidenceDesk(QObject):
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
            Command(self.tr("Evidence of the marked alarm"), ("V",), self._panel.evidence, group),
            Command(self.tr("Folder of all evidence"), ("Shift+V",), self._open_all, group),
        ]

    def _on_wanted(self, alarm_id: str) -> None:
        if alarm_id in self._packs:
            self._show(self._folders[alarm_id] / self._packs[alarm_id])

    def _open_all(self) -> None:
        folder = self._folder_now()
        if folder is None:
            self._tell(self.tr("This site keeps no evidence: add [evidence] to its file"))
        else:
            self._show(folder)

    def _show(self, folder: Path) -> None:
        if not folder.is_dir():
            self._tell(self.tr("{folder} is not there (yet, or any more)").format(folder=folder))
        elif not self.open_folder(folder):
            self._tell(self.tr("It lies in {folder}").format(folder=folder))


def _open(folder: Path) -> bool:
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
