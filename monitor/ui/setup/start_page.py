"""Showing the first page before there is a window."""

import sys

from PyQt6.QtWidgets import QApplication

from monitor.ui.memory import machine_memory
from monitor.ui.setup.first_start import Begun, FirstStart
from monitor.ui.setup.tools import SetUpTools
from monitor.ui.theme import DARK, LIGHT, apply_theme


def ask_how_to_begin(tools: SetUpTools) -> Begun | None:
    """Show the first page until somebody chooses.

    Args:
        tools: What adding a camera needs.

    Returns:
        What was chosen; None: the page was closed.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(application, QApplication):
        is_light = machine_memory().get("theme", DARK.name) == LIGHT.name
        apply_theme(application, LIGHT if is_light else DARK)
    page = FirstStart(tools)
    page.exec()
    return page.begun
