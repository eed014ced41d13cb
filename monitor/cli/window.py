"""Whether a window can be had here, and the window itself: imported only when one is opened.

A site file that cannot be used is shown in a dialog until it is mended.
"""

import os
import sys
from collections.abc import Callable, Mapping

from monitor.cli.screen import tell_failure
from monitor.core.errors import SettingsError
from monitor.engine.engine import Engine
from monitor.settings import SiteSettings
from monitor.ui.outside import Outside

_WITHOUT_SCREEN = frozenset({"offscreen", "minimal"})
_INSTALL = (
    "sudo apt-get install libegl1 libgl1 libglib2.0-0 libfontconfig1 libdbus-1-3 "
    "libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 "
    "libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libpulse0"
)
"""What Qt needs to open a window, as in `.ci/system-packages`."""


def has_display(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Say whether somebody can see a window on this machine.

    Args:
        environ: The environment.
        platform: As `sys.platform`.

    Returns:
        False on a Linux machine without a screen, and where Qt was told to draw on none.
    """
    if environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in _WITHOUT_SCREEN:
        return False
    if platform in {"win32", "darwin"}:
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def require_window(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
    """Make sure that a window can be opened: without a screen Qt would end the process.

    Args:
        environ: The environment.
        platform: As `sys.platform`.

    Raises:
        SettingsError: If there is no screen, or Qt cannot be loaded; the text says what to do.
    """
    if not environ.get("QT_QPA_PLATFORM") and not has_display(environ, platform):
        raise SettingsError(
            "there is no display to open a window on; use `crowd-monitor serve`, or set DISPLAY"
        )
    try:
        import PyQt6.QtWidgets  # noqa: F401 - only whether it can be loaded
    except ImportError as error:
        raise SettingsError(
            f"the window cannot be opened ({error}); install the missing library, on Debian and "
            f"Ubuntu with `{_INSTALL}`, or use `crowd-monitor serve`"
        ) from error


def open_window(
    engine: Engine, *, title: str, model_note: str, outside: Outside | None = None
) -> int:
    """Show an engine until the window is closed; gives the exit code."""
    from monitor.ui.app import run_window
    from monitor.ui.memory import machine_memory

    memory = machine_memory()
    return run_window(engine, title=title, model_note=model_note, memory=memory, outside=outside)


def read_for_window(
    read: Callable[[], SiteSettings], ask: Callable[[str], bool] | None = None
) -> SiteSettings | None:
    """Read a site; where it has mistakes, show them and read again as often as somebody asks.

    Args:
        read: Reads the site file anew.
        ask: Shows what is wrong and says whether to read again; None: the dialog.

    Returns:
        The settings; None: it was given up.

    Raises:
        SettingsError: If there is no screen to show the mistakes on.
    """
    while True:
        try:
            return read()
        except SettingsError as error:
            try:
                require_window()
            except SettingsError:
                raise error from None
            tell_failure(error)
            if not (ask or _dialog())(str(error)):
                return None


def _dialog() -> Callable[[str], bool]:
    from monitor.ui.safe_mode import ask_to_read_again

    return ask_to_read_again
