"""The top line."""

import pytest

from monitor.ui.header import Header
from tests.rigs.snapshots import NOON


@pytest.fixture
def header(qtbot, dark):
    """A header."""
    widget = Header("Stadium", "Ada")
    qtbot.addWidget(widget)
    return widget


def test_no_sound_is_a_warning(header):
    """Who cannot hear an alarm must know it."""
    header.show_sound("No sound (none was found)", is_audible=False)
    silent = header._sound.objectName()
    header.show_sound("Sound on", is_audible=True)

    assert silent == "warning"
    assert (header.sound_text, header._sound.objectName()) == ("Sound on", "muted")


def test_it_shows_the_time_of_day(header):
    """Of the room's own zone."""
    header.show_time(NOON)

    assert header._clock.text() == NOON.astimezone().strftime("%H:%M:%S")


def test_the_switch_tells_what_is_wanted(header, qtbot):
    """All cameras, or one."""
    with qtbot.waitSignal(header.wall_toggled) as toggled:
        header.wall_button.toggle()

    assert toggled.args == [True]
