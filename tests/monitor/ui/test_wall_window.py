"""A second window shows all cameras; it comes back where it was, and goes with the first."""

import pytest
from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtWidgets import QApplication

from monitor.core.clock import SystemClock
from monitor.engine.engine import Engine
from monitor.settings import CameraSettings
from monitor.ui.bell import Beeper, Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.memory import WindowMemory
from monitor.ui.wall_window import WallWindow, other_screen
from tests.rigs.counters import FixedCounter
from tests.rigs.sources import EndlessSource

LIMIT_MS = 20_000


@pytest.fixture
def open_window(qtbot, dark, tmp_path):
    opened = []

    def open_one():
        cameras = [CameraSettings(name=name, source="synthetic:plaza") for name in ("a", "b", "c")]
        engine = Engine(
            cameras, FixedCounter(12.0), open_source=lambda _settings, clock: EndlessSource(clock)
        )
        memory = WindowMemory(QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat))
        settings = WindowSettings("Test site", "For tests.", "Ada", dark)
        bell = Bell(Beeper("test"))
        window = MonitorWindow(engine, settings, bell=bell, clock=SystemClock(), memory=memory)
        qtbot.addWidget(window)
        opened.append((engine, window))
        engine.start()
        window.begin()
        window.show()
        return window

    yield open_one
    for engine, window in opened:
        window.close()
        assert engine.stop()


def walls():
    return [
        one
        for one in QApplication.topLevelWidgets()
        if isinstance(one, WallWindow) and one.isVisible()
    ]


def key(window):
    window.actions_table.action("All cameras on a second screen").trigger()


def test_the_second_window_shows_every_camera_as_it_is(open_window, qtbot):
    """Counts and pictures of all three, while the first looks at one alone."""
    window = open_window()
    window.open_camera("b")

    key(window)

    (second,) = walls()
    tiles = [second.wall.tile(name) for name in ("a", "b", "c")]
    qtbot.waitUntil(
        lambda: all(tile._image is not None and tile._view is not None for tile in tiles),
        timeout=LIMIT_MS,
    )
    qtbot.waitUntil(lambda: {tile._view.count.count for tile in tiles} == {"12"}, timeout=LIMIT_MS)
    assert not window.stage.shows_wall


def test_a_camera_that_is_chosen_there_is_looked_at_here(open_window, qtbot):
    """With the mouse, or with Enter."""
    window = open_window()
    key(window)
    (second,) = walls()

    qtbot.mouseClick(second.wall.tile("c"), Qt.MouseButton.LeftButton)
    clicked = window.chosen
    qtbot.keyClick(second.wall.tile("a"), Qt.Key.Key_Return)

    assert (clicked, window.chosen) == ("c", "a")
    assert not window.stage.shows_wall


def test_the_key_opens_and_closes_it(open_window):
    """And never opens a third."""
    window = open_window()
    key(window)
    key(window)

    assert walls() == []
    assert window.second.window is None


def test_it_goes_with_the_first_window_and_comes_back_with_it(open_window):
    """With its place; but not where it was closed by itself."""
    first = open_window()
    key(first)
    walls()[0].setGeometry(40, 30, 700, 500)
    first.close()
    assert walls() == []

    again = open_window()
    (second,) = walls()
    place = second.geometry()
    second.close()
    again.close()
    third = open_window()

    assert (place.width(), place.height()) == (700, 500)
    assert third.second.window is None


def test_another_screen_is_chosen_where_there_is_one():
    """The one that the first window does not use."""
    one, two = object(), object()

    assert other_screen(one, [one, two]) is two
    assert other_screen(two, [one, two]) is one
    assert other_screen(one, [one]) is None
