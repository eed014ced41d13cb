"""One camera among many."""

import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QMouseEvent
from PyQt6.QtWidgets import QApplication

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.engine.health import Health, StreamState
from monitor.ui.session import ErrorTally
from monitor.ui.tile import CameraTile
from monitor.ui.view import view_of
from tests.rigs.snapshots import NOON, snapshot_of, status_of


@pytest.fixture
def tile(qtbot, dark):
    """A tile of 300 by 200."""
    widget = CameraTile("Gate 1", dark)
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    return widget


def show(tile, **changes):
    tile.show_view(view_of(snapshot_of(**changes), ErrorTally(), NOON))
    return tile.grab().toImage()


def corner(image):
    return image.pixelColor(1, 1).name()


def test_border_tells_the_alarm_before_the_choice(tile, dark):
    """Red rings, amber is known, blue is chosen; what rings is never hidden by a choice."""
    colours = []
    for state in (AlarmState.NORMAL, AlarmState.ACKNOWLEDGED, AlarmState.UNACKNOWLEDGED):
        tile.set_chosen(True)
        colours.append(corner(show(tile, alarms=(status_of(state),))))

    assert colours == [dark.accent, dark.warning, dark.alarm]


def test_a_lost_camera_is_dimmed_and_has_no_number(tile):
    """What a screen reader hears is a dash, too."""
    image = QImage(300, 170, QImage.Format.Format_RGB32)
    image.fill(QColor("#00ff00"))
    tile.show_image(image)
    bright = show(tile).pixelColor(30, 20).green()

    lost = show(
        tile, quality=Quality.LOST, health=Health(StreamState.UNREACHABLE), picture_age_s=60.0
    )

    assert lost.pixelColor(30, 20).green() < bright / 2
    assert tile.accessibleDescription() == "– people, lost"


def test_clicks_choose_and_double_clicks_and_enter_open(tile, qtbot):
    """By mouse and by keyboard."""
    chosen, opened = [], []
    tile.chosen.connect(chosen.append)
    tile.opened.connect(opened.append)
    place = QPointF(5, 5)

    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
        left = Qt.MouseButton.LeftButton
        QApplication.sendEvent(
            tile, QMouseEvent(kind, place, place, left, left, Qt.KeyboardModifier.NoModifier)
        )
    qtbot.keyClick(tile, Qt.Key.Key_Return)
    qtbot.keyClick(tile, Qt.Key.Key_X)

    assert (chosen, opened) == (["Gate 1"], ["Gate 1", "Gate 1"])


def test_a_long_name_leaves_the_count_alone(qtbot, dark):
    """The name is cut short, the number never."""
    short, long = CameraTile("A", dark), CameraTile("A very long name of a camera " * 5, dark)
    counts = []
    for tile in (short, long):
        qtbot.addWidget(tile)
        tile.resize(300, 200)
        image = show(tile)
        counts.append(image.copy(220, 172, 78, 26))

    assert counts[0] == counts[1]
