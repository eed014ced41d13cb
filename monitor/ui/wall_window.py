"""The second window: all cameras on another screen, restored where it was."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QCoreApplication, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QScreen
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.actions import Command
from monitor.ui.memory import WindowMemory
from monitor.ui.render import HeatLayer, RenderRequest, RenderThread
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView
from monitor.ui.wall import CameraWall

_RENDER_PREFIX = "second:"
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
        name, place = snapshot.name, _RENDER_PREFIX + snapshot.name
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
        if (image := self._renderer.take(_RENDER_PREFIX + name)) is not None:
            self.wall.tile(name).show_image(image)


_OPEN, _PLACE = "second_open", "second_place"


class SecondScreen(QObject):
    """Lives on the GUI thread.

    The first window then shows one camera with its plot and the alarms, the second all cameras;
    a tile that is chosen there is looked at here.
    """

    def __init__(
        self,
        first: QWidget,
        renderer: RenderThread,
        heat: HeatMaker,
        memory: WindowMemory | None,
        open_camera: Callable[[str], None],
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            first: The window that owns the second one.
            renderer: Where pictures are drawn.
            heat: Gives the heat map of a camera.
            memory: What outlives the windows; None: nothing does.
            open_camera: Has the first window look at one camera.
        """
        super().__init__(first)
        self._first = first
        self._renderer = renderer
        self._heat = heat
        self._memory = memory
        self._open_camera = open_camera
        self._names: tuple[str, ...] = ()
        self._theme: Theme | None = None
        self.window: WallWindow | None = None

    def commands(self, theme: Callable[[], Theme]) -> list[Command]:
        """Give what can be done with a key; `theme` gives the colours that are used."""
        group = QCoreApplication.translate("Commands", "Window")

        def switch() -> None:
            self.close() if self.window is not None else self.open(theme())

        return [Command(self.tr("All cameras on a second screen"), ("D",), switch, group)]

    def open(self, theme: Theme) -> None:
        """Open the second window where it was, or else on a screen that the first does not use."""
        if self.window is not None:
            return
        title = self.tr("{title}: all cameras").format(title=self._first.windowTitle())
        window = WallWindow(self._names, self._renderer, self._heat, theme, title)
        window.camera_chosen.connect(self._open_camera)
        window.camera_opened.connect(self._open_camera)
        window.closed.connect(self._on_closed)
        self.window = window
        kept = None if self._memory is None else self._memory.get_bytes(_PLACE)
        if kept is not None and window.restoreGeometry(kept):
            window.show()
            return
        other = other_screen(self._first.screen(), QGuiApplication.screens())
        if other is None:
            window.show()
        else:
            window.setGeometry(other.geometry())
            window.showFullScreen()

    def restore(self, theme: Theme) -> None:
        """Open it again where it was open when the program ended."""
        if self._memory is not None and self._memory.get(_OPEN, False):
            self.open(theme)

    def close(self) -> None:
        """Close the second window, for good."""
        if self.window is not None:
            self.window.close()

    def end(self) -> None:
        """Close it with the first window, and remember whether it was open."""
        is_open = self.window is not None
        self.close()
        if self._memory is not None:
            self._memory.put(_OPEN, is_open)

    def set_names(self, names: Sequence[str]) -> None:
        """Show other cameras."""
        self._names = tuple(names)
        if self.window is not None:
            self.window.set_names(names)

    def show_camera(self, snapshot: CameraSnapshot, view: CameraView, now_s: float) -> None:
        """Show a camera, where the window is open."""
        if self.window is not None:
            self.window.show_camera(snapshot, view, now_s)

    def show_rendered(self) -> None:
        """Show pictures that were rendered since the last refresh."""
        if self.window is not None:
            self.window.show_rendered()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        if self.window is not None:
            self.window.wall.set_theme(theme)

    def _on_closed(self) -> None:
        window, self.window = self.window, None
        if window is None:
            return
        if self._memory is not None:
            self._memory.put_bytes(_PLACE, window.saveGeometry())
        window.deleteLater()


def other_screen(used: QScreen | None, screens: Sequence[QScreen]) -> QScreen | None:
    """Choose a screen for the second window.

    Args:
        used: The screen of the first.
        screens: All that there are.

    Returns:
        The first that is not used; None: there is only one.
    """
    return next((one for one in screens if one is not used), None)
