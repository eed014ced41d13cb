"""Taking pictures of a window: wait until there is something to see, in every size and theme."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication, QDialog, QWidget

from monitor.core.clock import SystemClock
from monitor.ui.main_window import MonitorWindow

SIZES = {"laptop": (1280, 800), "hd": (1920, 1080)}
LARGE_SIZE = "4k"
"""Taken at a scale of two with the size of `hd`."""
SETTLE_S = 1.5
READY_WITHIN_S = 240.0
"""On a machine that is busy with other things every camera takes a while to be counted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken."""

    folder: Path
    names: frozenset[str] = frozenset()
    """Names of screens; empty: all of them."""
    is_large: bool = False
    """Whether this run is that of the 4K screen."""

    @property
    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """Sizes of the window by their names."""
        return {LARGE_SIZE: SIZES["hd"]} if self.is_large else SIZES

    def takes(self, name: str) -> bool:
        """Whether a screen is wanted."""
        return not self.names or name in self.names


def wait(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_for(is_done: Callable[[], bool], *, least_s: float = 0.0) -> None:
    """Let the window live until something is so, or for as long as anybody would wait."""
    clock = SystemClock()
    began_s = clock.monotonic_s()
    wait(least_s)
    while not is_done() and clock.monotonic_s() < began_s + READY_WITHIN_S:
        wait(SETTLE_S)


def take_window(name: str, window: MonitorWindow, wanted: Wanted) -> Iterator[Path]:
    """Take what a window shows now, with the newest dialog over it alone where there is one.

    Args:
        name: Of the screen.
        window: Whose themes are gone through; it ends with the one that it began with.
        wanted: Folder and sizes.

    Yields:
        The PNG files.
    """
    for _theme in range(2):
        for size, size_wh in wanted.sizes.items():
            window.resize(*size_wh)
            wait(SETTLE_S)
            look = f"{size}-{window.theme.name}"
            yield _save(open_dialog(window) or window, wanted.folder / f"{name}-{look}.png")
            if (second := window.second.window) is not None:
                second.showNormal()
                second.resize(*size_wh)
                wait(SETTLE_S)
                yield _save(second, wanted.folder / f"{name}-wall-{look}.png")
        window.switch_theme()


def take_page(name: str, page: QWidget, look: str, wanted: Wanted) -> Path:
    """Take a page that stands for itself."""
    return _save(page, wanted.folder / f"{name}-{look}.png")


def open_dialog(window: QWidget) -> QWidget | None:
    """Give the menu or dialog that was opened last over a window; None: there is none."""
    popup = QApplication.activePopupWidget()
    dialogs = [one for one in window.findChildren(QDialog) if one.isVisible()]
    return popup if popup is not None else next(reversed(dialogs), None)


def _save(widget: QWidget, path: Path) -> Path:
    QApplication.processEvents()  # words that were changed just now have their room only then
    widget.grab().save(str(path))
    return path
