"""Drawing zones on the picture of a running camera."""

from functools import partial

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication

from monitor.core.clock import SystemClock
from monitor.core.rule import Rule
from monitor.core.zone import ZoneKind
from monitor.engine.engine import Engine
from monitor.settings import CameraSettings
from monitor.ui.bell import Beeper, Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from tests.rigs.counters import FixedCounter
from tests.rigs.site import set_rules
from tests.rigs.sources import GrayCamera

LIMIT_MS = 20_000
LEFT_HALF = ((0.02, 0.0), (0.5, 0.0), (0.5, 1.0), (0.02, 1.0))
"""48 % of the picture; Qt takes a click on its very first pixel for one in the middle."""


SMALL = partial(GrayCamera, every_s=0.1, size_hw=(16, 16))
"""A square picture of two by two blocks, ten times a second."""


class Room:
    """A window on one camera, with its zone editor open."""

    def __init__(self, engine, window):
        self.engine, self.window, self.desk = engine, window, window.zone_desk

    @property
    def camera(self):
        """The engine's own word."""
        return self.engine.snapshots()[0]

    def press(self, qtbot, point, *, is_double=False):
        """Click on a place of the picture."""
        place = self.desk.canvas.place_of(point).toPoint()
        click = qtbot.mouseDClick if is_double else qtbot.mouseClick
        click(self.desk.canvas, Qt.MouseButton.LeftButton, pos=place)

    def draw(self, qtbot, polygon):
        """Draw a zone with the mouse, ended with Enter."""
        self.desk.panel.draw_button.click()
        for point in polygon:
            self.press(qtbot, point)
        qtbot.keyClick(self.desk.canvas, Qt.Key.Key_Return)


@pytest.fixture
def room(qtbot, dark):
    clock = SystemClock()
    camera = CameraSettings(name="Plaza", source="synthetic:plaza", count_hz=10.0)
    engine = Engine([camera], FixedCounter(100.0), clock=clock, open_source=SMALL)
    settings = WindowSettings("Test site", "For tests.", "Ada", dark)
    window = MonitorWindow(engine, settings, bell=Bell(Beeper("test")), clock=clock)
    qtbot.addWidget(window)
    engine.start()
    window.begin()
    window.resize(1280, 800)
    with qtbot.waitActive(window, timeout=LIMIT_MS):
        window.show()
        window.activateWindow()
    opened = Room(engine, window)
    qtbot.waitUntil(lambda: window.stage.picture._image is not None, timeout=LIMIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_Z)
    yield opened
    window.close()
    assert engine.stop()


def test_a_drawn_zone_is_counted_at_once(room, qtbot):
    """48 % of a picture hold 48 % of a crowd that is spread evenly; rules that were set stay."""
    rule = Rule(500.0, name="full")
    set_rules(room.engine, "Plaza", [rule], "Ada")

    room.draw(qtbot, LEFT_HALF)
    qtbot.waitUntil(lambda: bool(room.camera.reading.zones), timeout=LIMIT_MS)

    zone = room.camera.zones[0]
    pixel = 2 / room.window.stage.picture.place.width()
    assert np.allclose(zone.polygon, LEFT_HALF, atol=pixel)  # a click falls on whole pixels
    assert room.camera.reading.zones[0].count == pytest.approx(48.0, abs=200 * pixel)
    assert room.camera.rules == (rule,)


def test_name_kind_and_motion_reach_the_engine(room, qtbot):
    """Who is in a zone that is left out counts nowhere, also not in the whole."""
    room.draw(qtbot, LEFT_HALF)
    panel = room.desk.panel
    panel.name.setText("video wall")
    panel.name.editingFinished.emit()
    panel.is_moving.click()
    panel.kind.setCurrentIndex(panel.kind.findData(ZoneKind.EXCLUDE))
    panel.kind.activated.emit(panel.kind.currentIndex())

    zone = room.camera.zones[0]
    assert (zone.name, zone.kind, zone.is_moving) == ("video wall", ZoneKind.EXCLUDE, True)
    qtbot.waitUntil(lambda: 50 < room.camera.reading.count < 54, timeout=LIMIT_MS)


def test_a_corner_is_pulled_and_put_back(room, qtbot):
    """With the mouse; the engine hears of it when it is let go, and of the way back."""
    room.draw(qtbot, LEFT_HALF)
    before = room.camera.zones[0].polygon
    canvas = room.desk.canvas
    start, end = (canvas.place_of(one).toPoint() for one in (before[1], (0.8, 0.2)))

    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, end)
    during = room.camera.zones[0].polygon
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    after = room.camera.zones[0].polygon
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    assert during == before
    assert after[1] == pytest.approx((0.8, 0.2), abs=0.01)
    assert room.camera.zones[0].polygon == before


def test_corners_move_with_the_keyboard_alone(room, qtbot):
    """A rectangle, its first corner marked, one step to the right; then it is deleted."""
    room.desk.panel.rectangle_button.click()
    canvas = room.desk.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Period)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    moved = room.camera.zones[0].polygon[0]
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)

    assert moved == pytest.approx((0.305, 0.3))
    assert room.camera.zones == ()


def test_what_is_no_zone_is_told(room, qtbot):
    """Two corners make none; the sentence says so and drawing goes on."""
    room.draw(qtbot, LEFT_HALF[:2])

    assert "3 are needed" in room.desk.panel.words
    assert room.desk.canvas.is_drawing
    assert room.camera.zones == ()


def test_escape_leaves_drawing_and_then_the_editor(room, qtbot):
    """Step by step, as everywhere."""
    room.desk.panel.draw_button.click()
    room.press(qtbot, (0.5, 0.5))
    canvas = room.desk.canvas

    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    after_one = (canvas.is_drawing, room.desk.canvas is canvas)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)

    assert after_one == (False, True)
    assert room.desk.canvas is None
    assert not room.desk.panel.isVisible()


def test_a_zone_is_pulled_as_a_whole_but_not_by_a_click(room, qtbot):
    """A hand that only chooses a zone must not move it by a pixel."""
    room.draw(qtbot, ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4)))
    before = np.array(room.camera.zones[0].polygon)
    canvas, left = room.desk.canvas, Qt.MouseButton.LeftButton
    place = canvas.place_of((0.25, 0.25)).toPoint()

    qtbot.mousePress(canvas, left, pos=place)
    qtbot.mouseMove(canvas, place + QPoint(3, 3))
    qtbot.mouseRelease(canvas, left, pos=place + QPoint(3, 3))
    after_click = np.array(room.desk.draft.zone.polygon)
    drag(canvas, place, place + QPoint(60, 40))

    box = room.window.stage.picture.place
    moved = np.array(room.camera.zones[0].polygon) - before
    assert np.array_equal(after_click, before)
    assert np.allclose(moved, (60 / box.width(), 40 / box.height()), atol=2e-4)


def test_a_zone_moves_with_the_keyboard_where_no_corner_is_marked(room, qtbot):
    """After the last corner none is marked again."""
    room.draw(qtbot, LEFT_HALF)
    before = np.array(room.camera.zones[0].polygon)
    canvas = room.desk.canvas

    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    for _ in range(5):  # four corners, and none
        qtbot.keyClick(canvas, Qt.Key.Key_Period)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)

    moved = np.array(room.camera.zones[0].polygon) - before
    assert np.allclose(moved, (0.01, 0.0), atol=2e-4)


def drag(canvas, start, end):
    """Pull from one place to another with the left button held."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    kinds = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
    for kind, place in zip(kinds, (start, end, end), strict=True):
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
        point = QPointF(place)
        event = QMouseEvent(kind, point, canvas.mapToGlobal(point), left, held, none)
        QApplication.sendEvent(canvas, event)
