"""Opens the second window, puts it on another screen, and remembers that it was there."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtGui import QGuiApplication, QScreen
from PyQt6.QtWidgets import QWidget

from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.actions import Command
from monitor.ui.memory import WindowMemory
from monitor.ui.render import RenderThread
from monitor.ui.second.wall_window import HeatMaker, WallWindow
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView

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
