"""Saving pictures and plots as files, with a person choosing where.

A saved picture carries camera, time, count and interval; people in it are hidden where the site's
privacy settings ask for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QRect, QStandardPaths, Qt
from PyQt6.QtGui import QColor, QFont, QImage, QPainter
from PyQt6.QtWidgets import QFileDialog, QWidget

from monitor.core.arrays import RgbImage
from monitor.core.errors import OutputError
from monitor.core.prediction import Prediction
from monitor.core.privacy import Privacy
from monitor.core.reading import Reading
from monitor.engine.snapshot import CameraSnapshot
from monitor.scene.blur import hidden
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.charting import Charting
from monitor.ui.language import translate
from monitor.ui.render import Drawable, Renderer, RenderRequest
from monitor.ui.text import count_text, interval_text, quality_word, unit_text

_LETTERS_SHARE = 1 / 40  # of the picture's width: to be read when it fills a screen
_SMALLEST_PX = 14


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """What is saved."""

    picture: RenderRequest
    caption: str
    path: Path


def caption_of(camera: str, reading: Reading | None, zone: tzinfo | None = None) -> str:
    """Say what a saved picture shows.

    Args:
        camera: Name of the camera.
        reading: The count of the picture; None: it was not counted.
        zone: Zone of the window; None: the zone of this machine.

    Returns:
        Two lines: camera and time with its zone; count and interval.
    """
    if reading is None:
        return f"{camera}\n{_tr('not counted')}"
    when = reading.at_utc.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")
    parts = [f"{count_text(reading.count)} {unit_text(reading.counts)}"]
    if reading.low is not None:
        bounds = interval_text(reading.low, reading.high)
        parts.append(_tr("90 % prediction interval {bounds}").format(bounds=bounds))
    parts.append(_tr("quality {word}; an estimate").format(word=quality_word(reading.quality)))
    return f"{camera}, {when}\n{', '.join(parts)}"


def save_snapshot(file: SnapshotFile) -> Path:
    """Draw a picture with its caption and save it; takes a while, so not on the GUI thread.

    Args:
        file: What is saved.

    Returns:
        Where it was saved.

    Raises:
        OutputError: If it cannot be written.
    """
    picture = Renderer().render("snapshot", file.picture)
    letters_px = max(_SMALLEST_PX, round(picture.width() * _LETTERS_SHARE))
    strip = round(3.2 * letters_px)
    whole = QImage(picture.width(), picture.height() + strip, QImage.Format.Format_RGB32)
    whole.fill(QColor("#000000"))
    painter = QPainter(whole)
    painter.drawImage(0, 0, picture)
    font = QFont(painter.font())
    font.setPixelSize(letters_px)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    box = QRect(letters_px // 2, picture.height(), whole.width() - letters_px, strip)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, file.caption)
    painter.end()
    if not whole.save(str(file.path), "PNG"):
        raise OutputError(f"{file.path}: the picture cannot be written; choose another folder")
    return file.path


def _tr(text: str) -> str:
    return translate("Snapshot", text)


@dataclass(frozen=True, eq=False, slots=True)
class HiddenPicture:
    """Draws as the picture that it stands for, but for the people in it."""

    picture: Drawable
    prediction: Prediction | None
    """Where people are in it; None: not known, so all of it may be people."""
    privacy: Privacy
    """Not that no picture may be stored: then there is nothing to draw."""

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give the picture as it may be stored."""
        image = hidden(self.picture.to_rgb(max_wh=max_wh), self.prediction, self.privacy)
        if image is None:
            raise ValueError("no picture may be stored")
        return image


PathChooser = Callable[[str, str], str]
"""Asks a person for a path: proposed path and filter of Qt's dialog in, path or nothing out."""

_KEPT = "-_ "


class Saving(QObject):
    """Asks where, and has it written off the GUI thread.

    Attributes:
        choose_path: How a person is asked.
        privacy: Says what may be stored of pictures now.
    """

    def __init__(
        self, background: BackgroundTasks, parent: QWidget, tell: Callable[[str], None]
    ) -> None:
        """Prepare.

        Args:
            background: What writes.
            parent: Window over which the dialog opens.
            tell: Called with one sentence on what came of it.
        """
        super().__init__(parent)
        self._background = background
        self._window = parent
        self._tell = tell
        self.choose_path: PathChooser = self._ask
        self.privacy: Callable[[], Privacy] = lambda: Privacy.AS_THEY_ARE

    def save_picture(self, snapshot: CameraSnapshot, request: RenderRequest | None) -> None:
        """Save a picture with what is known of it."""
        if request is None:
            self._tell(self.tr("There is no counted picture to save yet"))
            return
        privacy = self.privacy()
        if privacy is Privacy.NO_PICTURES:
            self._tell(self.tr("This site does not store pictures: see [privacy] in the site file"))
            return
        if privacy is not Privacy.AS_THEY_ARE:
            picture = HiddenPicture(request.picture, snapshot.prediction, privacy)
            request = replace(request, picture=picture)
        moment = snapshot.reading.at_utc.astimezone() if snapshot.reading else None
        stamp = moment.strftime(" %Y-%m-%d %H-%M-%S") if moment else ""
        path = self.ask_for(f"{snapshot.name}{stamp}.png", self.tr("Pictures (*.png)"))
        if path is None:
            return
        file = SnapshotFile(request, caption_of(snapshot.name, snapshot.reading), path)
        saved = self.tr("Saved: {path}").format(path=path)
        self._background.send(
            f"snapshot {path}",
            BackgroundTask(partial(save_snapshot, file), lambda _: self._tell(saved), self._tell),
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
