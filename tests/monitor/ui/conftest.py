"""Every test of the window runs without a screen, in the window's own colours."""

import os

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything makes Qt look for a screen

_NOT_WITHOUT_SCREEN = r"does not support (propagateSizeHints|raise\(\)|grabbing the keyboard)"


def pytest_collection_modifyitems(items):
    """Mark all of them, so that they can be left out where there is no Qt."""
    for item in items:
        if "/monitor/ui/" in item.path.as_posix():
            item.add_marker(pytest.mark.gui)
            # The screenless platform says so of every window that has a smallest size, and of
            # every list that opens below a line.
            item.add_marker(pytest.mark.qt_log_ignore(_NOT_WITHOUT_SCREEN))


@pytest.fixture
def dark(qapp):
    """The dark theme, as an operator has it."""
    from monitor.ui.theme import DARK, apply_theme

    apply_theme(qapp, DARK)
    return DARK
