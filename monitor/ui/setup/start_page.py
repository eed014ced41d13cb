"""Showing the first page before there is a window."""

import sys

from PyQt6.QtWidgets import QApplication

from monitor.ui.language import speak
from monitor.ui.memory import machine_memory
from monitor.ui.setup.first_start import Begun, FirstStart
from monitor.ui.setup.tools import SetUpTools
from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, apply_theme


def ask_how_to_begin(tools: SetUpTools) -> Begun | None:
    """Show the first page until somebody chooses.

    Args:
        tools: What adding a camera needs.

    Returns:
        What was chosen; None: the page was closed.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(application, QApplication):
        speak(application)
        memory = machine_memory()
        is_light = memory.get("theme", DARK.name) == LIGHT.name
        scale = LARGE_TYPE if memory.get("large_type", False) else 1.0
        apply_theme(application, LIGHT if is_light else DARK, type_scale=scale)
    page = FirstStart(tools)
    page.exec()
    return page.begun
