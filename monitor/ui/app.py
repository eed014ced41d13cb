"""Open the window and stay until it is closed."""

import gc
import getpass
import signal
import sys
from contextlib import suppress

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QApplication

from monitor.core.clock import SystemClock
from monitor.engine.engine import Engine
from monitor.ui.bell import Bell, find_sounder
from monitor.ui.exception_hook import ExceptionHook
from monitor.ui.language import speak
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.memory import WindowMemory
from monitor.ui.outside import Outside
from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, apply_theme

SWITCH_EVERY_S = 0.0005
"""How long a thread may run Python before another gets its turn: busy decoding threads give way
to the window ten times sooner than usual."""


def give_way(switch_every_s: float = SWITCH_EVERY_S) -> None:
    """Let threads give way to each other sooner, and leave alone what will stay in memory.

    All threads stand still while Python looks for garbage among everything there is, which takes
    20 to 60 ms once the window and its libraries are loaded. What is there now stays until the end
    anyhow, so it is not looked through any more.

    Args:
        switch_every_s: How long a thread may run Python before another gets its turn.
    """
    sys.setswitchinterval(switch_every_s)
    gc.collect()
    gc.freeze()


def run_window(
    engine: Engine,
    *,
    title: str,
    model_note: str,
    memory: WindowMemory | None = None,
    outside: Outside | None = None,
) -> int:
    """Show an engine until the window is closed or the program is interrupted.

    Args:
        engine: Already started; the caller stops it afterwards.
        title: Name of the site.
        model_note: What the model was trained on and how far it can be trusted.
        memory: Where the window stood and how it looked last time; None: it begins anew, dark.
        outside: What the window is connected to beside the engine; None: nothing.

    Returns:
        The program's exit code.

    Raises:
        TypeError: If a Qt program without windows already runs in this process.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(application, QApplication):
        raise TypeError("a Qt program without windows is already running in this process")
    QCoreApplication.setApplicationName("crowd-monitor")
    speak(application)
    is_light = memory is not None and memory.get("theme", DARK.name) == LIGHT.name
    is_large_type = memory is not None and memory.get("large_type", False)
    theme = LIGHT if is_light else DARK
    apply_theme(application, theme, type_scale=LARGE_TYPE if is_large_type else 1.0)
    settings = WindowSettings(title, model_note, operator_name(), theme, is_large_type)
    window = MonitorWindow(
        engine,
        settings,
        bell=Bell(find_sounder()),
        clock=SystemClock(),
        store=None if outside is None else outside.store,
        memory=memory,
    )
    if outside is not None:
        window.connect_outside(outside)
    give_way()
    hook = ExceptionHook(window.report_fault)
    hook.install()
    window.begin()
    window.show()
    # The window's timer gives Python a turn 30 times a second, in which it sees the signal.
    before = signal.signal(signal.SIGINT, lambda *_: window.close())
    try:
        return application.exec()
    finally:
        signal.signal(signal.SIGINT, before)
        window.close()
        hook.remove()


def operator_name() -> str:
    """Give the name of whoever is logged in; `operator` where the system cannot say."""
    name = ""
    with suppress(OSError, KeyError, ImportError):
        name = getpass.getuser()
    return name or "operator"
