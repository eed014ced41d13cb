"""A picture saved with what is known of it: camera, time, count, interval."""

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QColor, QFont, QImage, QPainter

from monitor.core.errors import OutputError
from monitor.core.reading import Reading
from monitor.ui.developing import Developer, PrintOrder
from monitor.ui.speech import translate
from monitor.ui.text import count_text, interval_text, quality_word, unit_text

_LETTERS_SHARE = 1 / 40  # of the picture's width: to be read when it fills a screen
_SMALLEST_PX = 14


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """What is saved."""

    order: PrintOrder
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
        parts.append(_tr("90 % interval {bounds}").format(bounds=bounds))
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
    picture = Developer().develop("snapshot", file.order)
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
