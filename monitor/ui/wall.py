"""All cameras at once, in tiles of one size."""

import math
from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QWidget

from monitor.ui.theme import Theme
from monitor.ui.tile import CameraTile, caption_height

COLUMNS_MOST = 6
_SPACING = 6
_PICTURE_SHAPE = 16 / 9  # of nearly all cameras
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def best_columns(cameras: int, size_wh: tuple[int, int], *, caption_px: int = 46) -> int:
    """Choose the number of columns that makes the pictures largest.

    Args:
        cameras: How many there are, 1 or more.
        size_wh: Width and height of the wall, pixels.
        caption_px: Height of the words under each picture.

    Returns:
        Columns, 1 to `cameras`; of equally good ones the fewest.
    """

    def picture_width(columns: int) -> float:
        rows = math.ceil(cameras / columns)
        below = size_wh[1] / rows - caption_px
        return min(size_wh[0] / columns, below * _PICTURE_SHAPE)

    return max(range(1, cameras + 1), key=picture_width)


class CameraWall(QWidget):
    """Tiles of all cameras, in the order of the site.

    Signals:
        camera_chosen: A tile was clicked; carries the camera's name.
        camera_opened: A tile was double-clicked, or Enter pressed; carries the camera's name.
    """

    camera_chosen = pyqtSignal(str)
    camera_opened = pyqtSignal(str)

    def __init__(self, names: Sequence[str], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_SPACING)
        self._tiles: dict[str, CameraTile] = {}
        self._chosen_columns = 0
        self._columns = 0
        self.setAccessibleName(self.tr("All cameras"))
        self.set_names(names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cameras, in the order of their tiles."""
        return tuple(self._tiles)

    @property
    def columns(self) -> int:
        """How many tiles stand beside each other."""
        return self._columns

    @property
    def chosen_columns(self) -> int:
        """How many columns a person wants; 0: as many as make the pictures largest."""
        return self._chosen_columns

    def set_names(self, names: Sequence[str]) -> None:
        """Show other cameras; the tiles of those that stay are kept."""
        for name in set(self._tiles) - set(names):
            tile = self._tiles.pop(name)
            self._grid.removeWidget(tile)
            tile.deleteLater()
        self._tiles = {name: self._tiles.get(name) or self._new_tile(name) for name in names}
        self._columns = 0
        self._arrange()

    def set_columns(self, columns: int) -> None:
        """Choose the number of columns; 0: as many as make the pictures largest."""
        self._chosen_columns = columns
        self._arrange()

    def tile(self, name: str) -> CameraTile:
        """Give the tile of a camera."""
        return self._tiles[name]

    def mark_chosen(self, name: str) -> None:
        """Mark the selected camera."""
        for tile in self._tiles.values():
            tile.set_chosen(tile.name == name)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        for tile in self._tiles.values():
            tile.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Stand the tiles so that the pictures are as large as can be."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go to the next tile with the arrow keys."""
        step = _STEPS.get(Qt.Key(event.key())) if event is not None else None
        if step is None:
            super().keyPressEvent(event)
            return
        names = list(self._tiles)
        place = next((i for i, n in enumerate(names) if self._tiles[n].hasFocus()), 0)
        wanted = place + step[0] + step[1] * self._columns
        if 0 <= wanted < len(names):
            self._tiles[names[wanted]].setFocus(Qt.FocusReason.TabFocusReason)
            self.camera_chosen.emit(names[wanted])

    def _new_tile(self, name: str) -> CameraTile:
        tile = CameraTile(name, self._theme, self)
        tile.chosen.connect(self.camera_chosen)
        tile.opened.connect(self.camera_opened)
        return tile

    def _arrange(self) -> None:
        count = len(self._tiles)
        if not count:
            return
        guess = max(1, self.width() // math.ceil(math.sqrt(count)))
        columns = self._chosen_columns or best_columns(
            count,
            (self.width(), self.height()),
            caption_px=caption_height(guess, self.font()),
        )
        columns = min(columns, count)
        if columns == self._columns:
            return
        rows = math.ceil(count / columns)
        for index, tile in enumerate(self._tiles.values()):
            self._grid.addWidget(tile, index // columns, index % columns)
        for line in range(max(rows, columns, self._grid.rowCount(), self._grid.columnCount())):
            # Rows and columns of an arrangement before this one take no room.
            self._grid.setRowStretch(line, int(line < rows))
            self._grid.setColumnStretch(line, int(line < columns))
        self._columns = columns
