"""Saving pictures and plots as files, with a person choosing where."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QStandardPaths
from PyQt6.QtWidgets import QFileDialog, QWidget

from monitor.core.privacy import Privacy
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.charting import Charting
from monitor.ui.developing import PrintOrder
from monitor.ui.errands import Errand, Errands
from monitor.ui.hidden_picture import HiddenPicture
from monitor.ui.snapshot_file import SnapshotFile, caption_of, save_snapshot

PathChooser = Callable[[str, str], str]
"""Asks a person for a path: proposed path and filter of Qt's dialog in, path or nothing out."""

_KEPT = "-_ "


class Saving(QObject):
    """Asks where, and has it written off the GUI thread.

    Attributes:
        choose_path: How a person is asked.
        privacy: Says what may be stored of pictures now.
    """

    def __init__(self, errands: Errands, parent: QWidget, tell: Callable[[str], None]) -> None:
        """Prepare.

        Args:
            errands: What writes.
            parent: Window over which the dialog opens.
            tell: Called with one sentence on what came of it.
        """
        super().__init__(parent)
        self._errands = errands
        self._window = parent
        self._tell = tell
        self.choose_path: PathChooser = self._ask
        self.privacy: Callable[[], Privacy] = lambda: Privacy.AS_THEY_ARE

    def save_picture(self, snapshot: CameraSnapshot, order: PrintOrder | None) -> None:
        """Save a picture with what is known of it."""
        if order is None:
            self._tell(self.tr("There is no counted picture to save yet"))
            return
        privacy = self.privacy()
        if privacy is Privacy.NO_PICTURES:
            self._tell(self.tr("This site stores no pictures: [privacy] in its file says so"))
            return
        if privacy is not Privacy.AS_THEY_ARE:
            picture = HiddenPicture(order.picture, snapshot.prediction, privacy)
            order = replace(order, picture=picture)
        moment = snapshot.reading.at_utc.astimezone() if snapshot.reading else None
        stamp = moment.strftime(" %Y-%m-%d %H-%M-%S") if moment else ""
        path = self.ask_for(f"{snapshot.name}{stamp}.png", self.tr("Pictures (*.png)"))
        if path is None:
            return
        file = SnapshotFile(order, caption_of(snapshot.name, snapshot.reading), path)
        saved = self.tr("Saved: {path}").format(path=path)
        self._errands.send(
            f"snapshot {path}",
            Errand(partial(save_snapshot, file), lambda _: self._tell(saved), self._tell),
        )

    def export_plot(self, camera: str, charting: Charting) -> None:
        """Save what the plot shows as a table or as a picture."""
        wanted = self.tr("Table (*.csv);;Picture (*.png)")
        if (path := self.ask_for(f"{camera} counts.csv", wanted)) is not None:
            charting.export(path)

    def ask_for(self, name: str, kinds: str) -> Path | None:
        """Ask a person for a path; None: they want none.

        Args:
            name: The proposed name of the file.
            kinds: Filter of Qt's dialog.

        Returns:
            The path.
        """
        safe = "".join(one if one.isalnum() or one in f"{_KEPT}." else "-" for one in name)
        place = QStandardPaths.StandardLocation.DocumentsLocation
        folder = Path(QStandardPaths.writableLocation(place) or Path.home())
        chosen = self.choose_path(str(folder / safe), kinds)
        return Path(chosen) if chosen else None

    def _ask(self, proposed: str, kinds: str) -> str:
        title = self.tr("Save")
        return QFileDialog.getSaveFileName(self._window, title, proposed, kinds)[0]
