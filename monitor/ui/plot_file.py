"""What a plot shows, as a table for other programs or as a picture for a report."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PyQt6.QtGui import QImage

from monitor.core.errors import OutputError
from monitor.ui.series import PlotData

COLUMNS = ("time_utc", "camera", "count", "low", "high", "truth")


def save_plot(path: Path, camera: str, data: PlotData) -> Path:
    """Write the points of a plot as CSV, counts unrounded; gaps are left out.

    Args:
        path: Where to write.
        camera: Name of the camera.
        data: What is drawn.

    Returns:
        `path`.

    Raises:
        OutputError: If it cannot be written.
    """
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for index in np.flatnonzero(np.isfinite(data.count)):
                moment = datetime.fromtimestamp(float(data.time_s[index]), UTC)
                values = (data.count, data.low, data.high, data.truth)
                cells = (_cell(float(column[index])) for column in values)
                writer.writerow((moment.isoformat(timespec="milliseconds"), camera, *cells))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def save_image(path: Path, image: QImage) -> Path:
    """Write an image; the ending of its name says how.

    Args:
        path: Where to write.
        image: What to write.

    Returns:
        `path`.

    Raises:
        OutputError: If it cannot be written.
    """
    if not image.save(str(path)):
        raise OutputError(f"{path}: cannot be written; name a .png file in an existing folder")
    return path


def _cell(value: float) -> str:
    return repr(value) if np.isfinite(value) else ""
