"""All cameras in a window of their own, to fill a second screen."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeyEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.render import HeatLayer, RenderRequest, RenderThread
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView
from monitor.ui.wall import CameraWall

_PLACE = "second:"
"""Places of the render thread begin with it and end with a camera's name."""
_TILE_EVERY_S = 0.09
_SIZE_WH = (1280, 720)

HeatMaker = Callable[[CameraSnapshot], HeatLayer | None]
"""Gives the heat map of a camera as the first window shows it."""


class WallWindow(QWidget):
    """Lives on the GUI thread, beside the window that owns it.

    Signals:
        closed: Somebody has closed it.
        camera_chosen: A tile was clicked; carries the camera's name.
        camera_opened: A tile was double-clicked, or Enter pressed; carries the camera's name.
    """

    closed = pyqtSignal()
    camera_chosen = pyqtSignal(str)
    camera_opened = pyqtSignal(str)

    def __init__(
        self,
        names: Sequence[str],
        renderer: RenderThread,
        heat: HeatMaker,
        theme: Theme,
        title: str,
    ) -> None:
        """Build it; the owner shows it.

        Args:
            names: Cameras in the order of their tiles.
            renderer: Where pictures are drawn.
            heat: Gives the heat map of a camera.
            theme: Colours.
            title: What the window is called.
        """
        super().__init__()
        self.setWindowTitle(title)
        self.resize(*_SIZE_WH)
        self._renderer = renderer
        self._heat = heat
        self._requested_s: dict[str, float] = {}
        self.wall = CameraWall(names, theme)
        self.wall.camera_chosen.connect(self.camera_chosen)
        self.wall.camera_opened.connect(self.camera_opened)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.wall)

    def set_names(self, names: Sequence[str]) -> None:
        """Show other cameras."""
        self.wall.set_names(names)

    def show_camera(self, snapshot: CameraSnapshot, view: CameraView, now_s: float) -> None:
        """Show what there is of a camera, and request what there is not."""
        name, place = snapshot.name, _PLACE + snapshot.name
        tile = self.wall.tile(name)
        tile.show_view(view)
        tile.show_zones(snapshot.zones)
        self._show_tile(name)
        is_due = now_s - self._requested_s.get(place, -_TILE_EVERY_S) >= _TILE_EVERY_S
        if snapshot.frame is None or not is_due:
            return
        request = RenderRequest(snapshot.frame.picture, tile.room_px, self._heat(snapshot))
        if self._renderer.request(place, request):
            self._requested_s[place] = now_s

    def show_rendered(self) -> None:
        """Show pictures that were rendered since the last refresh."""
        for name in self.wall.names:
            self._show_tile(name)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Fill the screen, or not, with F11; leave the full screen with Esc."""
        key = None if event is None else event.key()
        if key == Qt.Key.Key_F11 or (key == Qt.Key.Key_Escape and self.isFullScreen()):
            self.showNormal() if self.isFullScreen() else self.showFullScreen()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Drop what was requested."""
        for place in self._requested_s:
            self._renderer.forget(place)
        self.closed.emit()
        super().closeEvent(event)

    def _show_tile(self, name: str) -> None:
        if (image := self._renderer.take(_PLACE + name)) is not None:
            self.wall.tile(name).show_image(image)
