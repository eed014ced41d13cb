"""What an operator does with keys, in a real window on the real engine."""

from datetime import timedelta

import pytest
from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QDialog

from monitor.core.clock import SystemClock
from monitor.core.reading import Quality
from monitor.engine.engine import Engine
from monitor.settings import CameraSettings
from monitor.ui.bell import Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.memory import WindowMemory
from monitor.ui.span import SPANS
from monitor.ui.theme import DARK, apply_theme
from monitor.ui.zoom import WHOLE
from tests.rigs.counters import FixedCounter
from tests.rigs.sources import GrayCamera

LIMIT_MS = 20_000


class QuietSounder:
    """A sounder that makes no sound."""

    is_audible = True
    description = "Sound on"

    def start(self):
        """Begin."""

    def stop(self):
        """End."""


@pytest.fixture
def open_window(qtbot, dark):
    """Open windows that are closed with the test, engine and all."""
    opened = []

    def open_one(names=("North", "South", "West"), memory=None):
        cameras = [
            CameraSettings(name=name, source="synthetic:plaza", count_hz=20.0) for name in names
        ]
        counter = FixedCounter(100.0, variance=25.0)
        engine = Engine(cameras, counter, clock=SystemClock(), open_source=GrayCamera)
        settings = WindowSettings("Test site", "For tests.", "Ada", dark)
        bell = Bell(QuietSounder())
        window = MonitorWindow(engine, settings, bell=bell, clock=SystemClock(), memory=memory)
        qtbot.addWidget(window)
        opened.append((engine, window))
        engine.start()
        window.begin()
        with qtbot.waitActive(window, timeout=LIMIT_MS):
            window.show()
            window.activateWindow()
        qtbot.waitUntil(
            lambda: all(one.quality is Quality.GOOD for one in engine.snapshots()),
            timeout=LIMIT_MS,
        )
        return window

    yield open_one
    for engine, window in opened:
        window.close()
        assert engine.stop()
    apply_theme(QApplication.instance(), DARK)


def test_cameras_are_reached_with_their_keys(open_window, qtbot):
    """By number, one after the other and round, and back to all."""
    window = open_window()
    seen = []

    for key in (Qt.Key.Key_2, Qt.Key.Key_N, Qt.Key.Key_N, Qt.Key.Key_P, Qt.Key.Key_Escape):
        qtbot.keyClick(window, key)
        seen.append((window.chosen, window.stage.shows_wall))

    assert seen == [
        ("South", False),
        ("West", False),
        ("North", False),
        ("West", False),
        ("West", True),
    ]


def test_a_frozen_picture_stands_still_while_counting_goes_on(open_window, qtbot):
    """F holds the counted picture with its time; F again, or another camera, lets it go on."""
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_1)

    qtbot.keyClick(window, Qt.Key.Key_F)
    held = window.stage.frozen
    qtbot.waitUntil(
        lambda: window.snapshot_of("North").reading is not held.reading, timeout=LIMIT_MS
    )
    still = window.stage.frozen is held
    banner = window.stage.picture.banner
    qtbot.keyClick(window, Qt.Key.Key_F)

    assert still
    assert banner.startswith("FROZEN at ")
    assert "100 people" in banner
    assert (window.stage.frozen, window.stage.picture.banner) == (None, "")


def test_keys_zoom_in_and_out(open_window, qtbot):
    """Plus and minus; 0 shows everything; another camera begins with everything."""
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_1)
    picture = window.stage.picture

    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Plus)
    near = picture.view.zoom
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    further = picture.view.zoom
    qtbot.keyClick(window, Qt.Key.Key_2)

    assert 1 < further < near
    assert picture.view == WHOLE


def test_a_picture_is_saved_with_its_count(open_window, qtbot, tmp_path):
    """S asks where, the file comes, and the bottom line says so."""
    window = open_window()
    path = tmp_path / "gate.png"
    proposed = []
    window.saving.choose_path = lambda name, _kinds: proposed.append(name) or str(path)

    qtbot.keyClick(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: "gate.png" in window.state_text, timeout=LIMIT_MS)

    image = QImage(str(path))
    assert "North" in proposed[0]
    assert image.width() == 24
    assert image.height() > 16


def test_counts_are_exported(open_window, qtbot, tmp_path):
    """E asks where; what is drawn is in the table."""
    window = open_window()
    path = tmp_path / "counts.csv"
    window.saving.choose_path = lambda _name, _kinds: str(path)
    qtbot.waitUntil(lambda: window.plot.data is not None, timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: len(window.plot.data.time_s) > 0, timeout=LIMIT_MS)

    qtbot.keyClick(window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: "counts.csv" in window.plot.note_text, timeout=LIMIT_MS)

    assert ",North,100.0," in path.read_text()


def test_nothing_is_saved_where_nobody_says_where(open_window, qtbot, tmp_path):
    """A dialog that is left writes no file."""
    window = open_window()
    window.saving.choose_path = lambda _name, _kinds: ""

    qtbot.keyClick(window, Qt.Key.Key_S)
    qtbot.keyClick(window, Qt.Key.Key_E)

    assert "Saved" not in window.state_text


def test_times_are_reached_with_their_keys(open_window, qtbot):
    """Period and comma, to both ends and no further."""
    window = open_window()
    seen = []

    for key in [Qt.Key.Key_Period] * 6 + [Qt.Key.Key_Comma] * 7:
        qtbot.keyClick(window, key)
        seen.append(window.plot.span)

    assert seen[5] == SPANS[-1]
    assert seen[-1] == SPANS[0]
    assert window.plot.span.length_s == timedelta(minutes=2).total_seconds()


def test_every_command_is_on_the_sheet_and_opens_without_a_network(open_window, qtbot):
    """F1 shows the keys; the guide and About open, too."""
    window = open_window()

    texts = []
    for name in ("Keyboard shortcuts", "Guide", "About"):
        window.actions_table.action(name).trigger()
        page = next(one for one in window.findChildren(QDialog) if one.windowTitle() == name)
        texts.append(page.browser.toPlainText())
        page.close()

    assert "Acknowledge the alarm" in texts[0]
    assert "The heat map" in texts[1]
    assert "For tests." in texts[2]


def test_large_type_is_larger_everywhere_and_still_fits(open_window, qtbot):
    """On a small screen, too: the window does not grow beyond it."""
    window = open_window()
    window.resize(1280, 800)
    usual = window.header._clock.fontMetrics().height()

    window.switch_type()
    QApplication.processEvents()

    assert window.header._clock.fontMetrics().height() > 1.3 * usual
    assert window.minimumSizeHint().width() <= 1280
    assert window.width() == 1280


def test_a_window_comes_back_as_it_was(open_window, qtbot, tmp_path):
    """Place, grid and heat map."""

    def memory():
        return WindowMemory(QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat))

    first = open_window(memory=memory())
    first.setGeometry(5, 30, 790, 750)
    first.stage.controls.set_columns(3)
    first.stage.controls.opacity.setValue(40)
    first.switch_theme()
    first.close()

    second = open_window(memory=memory())

    assert second.height() == 750  # the width is that of the narrow test screen
    assert second.stage.wall.columns == 3
    assert second.stage.controls.opacity.value() == 40
    assert memory().get("theme", "") == "light"


def test_everything_that_can_be_set_has_a_name_for_screen_readers(open_window):
    """And a key or a tab leads to it."""
    controls = open_window().stage.controls
    named = (controls.opacity, controls.threshold, controls.scale, controls.columns)

    assert all(one.accessibleName() for one in named)
    assert all(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in named)
