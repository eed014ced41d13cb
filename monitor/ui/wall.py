"""All cameras at once, in tiles of one size."""

import math
from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QWidget

from monitor.ui.theme import Theme
from monitor.ui.tile import CameraTile


def grid_shape(cameras: int) -> tuple[int, int]:
    """Give rows and columns for a number of cameras: as square as can be, never taller than wide.

    Args:
        cameras: How many there are, 1 or more.

    Returns:
        Rows and columns.
    """
    columns = math.ceil(math.sqrt(cameras))
    return math.ceil(cameras / columns), columns


class CameraWall(QWidget):
    """Tiles of all cameras, in the order of the site.

    Signals:
        camera_chosen: A tile was clicked; carries the camera's name.
        camera_opened: A tile was double-clicked; carries the camera's name.
    """

    camera_chosen = pyqtSignal(str)
    camera_opened = pyqtSignal(str)

    def __init__(self, names: Sequence[str], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._tiles = {name: CameraTile(name, theme, self) for name in names}
        rows, columns = grid_shape(max(1, len(names)))
        for index, tile in enumerate(self._tiles.values()):
            layout.addWidget(tile, index // columns, index % columns)
            tile.chosen.connect(self.camera_chosen)
            tile.opened.connect(self.camera_opened)
        for row in range(rows):
            layout.setRowStretch(row, 1)
        for column in range(columns):
            layout.setColumnStretch(column, 1)

    def tile(self, name: str) -> CameraTile:
        """Give the tile of a camera."""
        return self._tiles[name]

    def mark_chosen(self, name: str) -> None:
        """Mark the camera that is looked at."""
        for tile in self._tiles.values():
            tile.set_chosen(tile.name == name)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        for tile in self._tiles.values():
            tile.set_theme(theme)
