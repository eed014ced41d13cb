"""The ground editor on the picture: its controls, captions and reference picture."""

from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF, QSizeF, Qt

from monitor.core.clock import SystemClock
from monitor.core.rule import Measure, Rule
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.plaza.draw import Plaza
from monitor.scene.view import Verdict, compare, load_view, view_of
from monitor.settings import CameraSettings, GroundSettings
from monitor.settings.site_file import read_site
from monitor.ui.bell import Beeper, Bell
from monitor.ui.editors.ground import keep_reference, reference_path
from monitor.ui.editors.ground_canvas import place_captions
from monitor.ui.editors.ground_draft import Way
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture
from tests.rigs.counters import FixedCounter
from tests.rigs.site import set_ground, set_rules
from tests.rigs.sources import GrayCamera
from tests.rigs.views import KnownCamera, as_points

WORDS = QSizeF(110.0, 16.0)
FAR_PX = 260.0
"""Farther from its mark nobody would take words for its own."""


def boxes_of(*places):
    return place_captions([(QPointF(*one), WORDS) for one in places])


def test_a_lone_mark_has_its_words_right_above_it():
    """Where they have always been."""
    (box,) = boxes_of((300.0, 200.0))

    assert (box.left(), box.bottom()) == (308.0, 198.0)


@pytest.mark.parametrize("number", [2, 3, 4], ids=["two", "three", "four"])
def test_words_of_marks_at_one_place_stand_around_it(number):
    """As clicks that were made twice by mistake: all numbers can be read."""
    boxes = boxes_of(*[(300.0, 200.0)] * number)

    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 800), st.integers(0, 500)), min_size=1, max_size=10, unique=True
    )
)
def test_no_words_hide_others_and_none_is_far_from_its_mark(places):
    """Ten marks anywhere in a picture."""
    boxes = boxes_of(*[(float(x), float(y)) for x, y in places])

    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))
    for (x, y), box in zip(places, boxes, strict=True):
        assert abs(box.center().x() - x) < FAR_PX
        assert abs(box.center().y() - y) < FAR_PX


def test_words_do_not_hide_marks():
    """A mark right above another would be hidden by the other's words."""
    mark = QRectF(320.0, 180.0, 10.0, 10.0)

    (box,) = place_captions([(QPointF(300.0, 200.0), WORDS)], [mark])

    assert not box.intersects(mark)


def test_so_many_marks_that_there_is_no_room_still_have_words():
    """They overlap, but none is left out."""
    assert len(boxes_of(*[(300.0, 200.0)] * 60)) == 60


WIDTH_PX = 640


@pytest.fixture(scope="module")
def plaza():
    """A drawn square with 60 people who walk."""
    return Plaza(60, 1, (WIDTH_PX, 360))


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.0, Verdict.SAME), (0.01, Verdict.SAME), (0.03, Verdict.MOVED), (0.1, Verdict.MOVED)],
)
def test_a_camera_that_was_moved_is_told_after_a_restart(plaza, tmp_path, share, verdict):
    """A minute later people stand elsewhere; the picture is shifted by a share of its width."""
    then = Frame(ArrayPicture(plaza.render(0.0).image.copy()), 0, 0.0, 0.0)
    now = np.roll(plaza.render(60.0).image, round(share * WIDTH_PX), axis=1)

    path = keep_reference(then, reference_path(tmp_path / "site.toml", "Gate 1"))

    assert compare(load_view(path), view_of(now)) is verdict


def test_each_camera_has_a_file_with_a_name_that_every_system_takes(tmp_path):
    """Beside the site file, whatever a camera is called."""
    path = reference_path(tmp_path / "arena.toml", 'Gate: "A/B"?')

    assert path.parent == tmp_path.resolve()
    assert path.name == "arena-Gate---A-B--.view.npz"


LIMIT_MS = 20_000
SIZE_WH = (320, 180)
CAMERA = KnownCamera()
RECTANGLE = as_points(CAMERA.project([(-2, 12), (3, 12), (3, 20), (-2, 20)]))
PLACES = [(-3.0, 9.0), (3.0, 10.0), (-3.0, 16.0), (3.0, 18.0), (0.0, 12.0), (-2.0, 22.0)]


WIDE = partial(GrayCamera, every_s=0.1, size_hw=SIZE_WH[::-1])
"""A picture of 320 by 180 pixels, ten times a second."""


class WideCounter(FixedCounter):
    """Spreads people over blocks of 8 px that cover the whole picture."""

    def __init__(self, people):
        super().__init__(people)
        self._density = np.full((23, 40), people / 920, dtype=np.float32)


class Room:
    """A window on one camera, with its ground editor open."""

    def __init__(self, engine, window):
        self.engine, self.window, self.desk = engine, window, window.ground_desk

    @property
    def camera(self):
        """The engine's own word."""
        return self.engine.snapshots()[0]

    def click(self, qtbot, *points):
        """Click on places of the picture."""
        for point in points:
            place = self.desk.canvas.place_of(point).toPoint()
            qtbot.mouseClick(self.desk.canvas, Qt.MouseButton.LeftButton, pos=place)

    def choose_way(self, way):
        """Mark the ground in another way."""
        box = self.desk.panel.way
        box.setCurrentIndex(box.findData(way))
        box.activated.emit(box.currentIndex())

    def mark_rectangle(self, qtbot):
        """Click the corners of 5 m by 8 m, say so, and wait for the plane."""
        self.click(qtbot, *RECTANGLE)
        self.desk.panel.sides[0].setValue(5.0)
        self.desk.panel.sides[1].setValue(8.0)
        qtbot.waitUntil(
            lambda: (
                self.desk.canvas.fit is not None
                and self.desk.canvas.fit.settings.sides_m == (5.0, 8.0)
            ),
            timeout=LIMIT_MS,
        )


@pytest.fixture
def open_room(qtbot, dark):
    opened = []

    def open_one(site_file=None, **changes):
        clock = SystemClock()
        values = {"name": "Plaza", "source": "synthetic:plaza", "count_hz": 10.0} | changes
        engine = Engine(
            [CameraSettings(**values)], WideCounter(92.0), clock=clock, open_source=WIDE
        )
        settings = WindowSettings("Test site", "For tests.", "Ada", dark)
        window = MonitorWindow(engine, settings, bell=Bell(Beeper("test")), clock=clock)
        qtbot.addWidget(window)
        engine.start()
        window.begin()
        window.resize(1280, 800)
        if site_file is not None:
            keeper = SiteSession(engine, read_site(site_file), file=site_file)
            window.site_desk.keep(keeper)
        opened.append((engine, window))
        with qtbot.waitActive(window, timeout=LIMIT_MS):
            window.show()
            window.activateWindow()
        room = Room(engine, window)
        qtbot.waitUntil(lambda: window.stage.picture._image is not None, timeout=LIMIT_MS)
        qtbot.waitUntil(lambda: room.camera.reading is not None, timeout=LIMIT_MS)
        qtbot.keyClick(window, Qt.Key.Key_M)
        return room

    yield open_one
    for engine, window in opened:
        window.close()
        assert engine.stop()


def test_a_rectangle_is_marked_and_used(open_room, qtbot):
    """Nothing holds before Enter; then people per m² are measured, and the picture goes on."""
    room = open_room()
    held = room.window.stage.frozen is not None

    room.mark_rectangle(qtbot)
    before = room.camera.ground
    qtbot.keyClick(room.desk.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: room.camera.reading.crowding is not None, timeout=LIMIT_MS)
    qtbot.keyClick(room.desk.canvas, Qt.Key.Key_Escape)

    assert held
    assert before is None
    used = room.camera.ground.settings
    pixel = 1 / room.window.stage.picture.place.width()
    assert np.allclose(used.rectangle, RECTANGLE, atol=2 * pixel)  # a click falls on whole pixels
    assert used.aspect == pytest.approx(320 / 180, abs=1e-4)
    assert room.desk.canvas is None
    assert room.window.stage.frozen is None


def test_the_check_says_where_the_camera_hangs(open_room, qtbot):
    """8 m up, from clicks that fall on whole pixels of the screen: to a few centimetres."""
    room = open_room()

    room.mark_rectangle(qtbot)

    assert room.desk.canvas.fit.camera.height_m == pytest.approx(8.0, abs=0.3)
    assert "above the ground" in room.desk.panel.check_words


def test_points_are_typed_one_by_one(open_room, qtbot):
    """After each click the metres are asked for; Tab goes on to y, Enter back to the picture."""
    room = open_room()
    room.choose_way(Way.PAIRS)

    for point, (x_m, y_m) in zip(as_points(CAMERA.project(PLACES)), PLACES, strict=True):
        room.click(qtbot, point)
        x, y = room.desk.panel.place
        qtbot.waitUntil(x.hasFocus, timeout=LIMIT_MS)
        qtbot.keyClicks(x, f"{x_m:g}")
        qtbot.keyClick(x, Qt.Key.Key_Tab)
        y.selectAll()
        qtbot.keyClicks(y, f"{y_m:g}")
        qtbot.keyClick(y, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: room.desk.canvas.fit is not None, timeout=LIMIT_MS)

    assert room.desk.draft.marks.metres == tuple(PLACES)
    assert room.desk.canvas.fit.residual_px < 2
    assert room.desk.canvas.fit.camera.height_m == pytest.approx(8.0, abs=0.8)


def test_arrows_move_the_marked_click_by_a_pixel_of_the_camera(open_room, qtbot):
    """By ten with Shift; Ctrl+Z takes each step back."""
    room = open_room()
    room.click(qtbot, (0.5, 0.5))
    canvas, marks = room.desk.canvas, lambda: room.desk.draft.marks.corners[0]
    before = marks()

    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    one = marks()
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    ten = marks()
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    assert np.subtract(one, before) * SIZE_WH == pytest.approx((1.0, 0.0), abs=0.01)
    assert np.subtract(ten, one) * SIZE_WH == pytest.approx((0.0, 10.0), abs=0.01)
    assert marks() == before


def test_a_click_is_pulled_as_one_step(open_room, qtbot):
    """With the mouse; one step back puts it where it was."""
    room = open_room()
    room.mark_rectangle(qtbot)
    canvas = room.desk.canvas
    before = room.desk.draft.marks.corners
    start, end = (canvas.place_of(one).toPoint() for one in (before[2], (0.7, 0.6)))

    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.6, 1.0):
        qtbot.mouseMove(canvas, start + (end - start) * share)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    pulled = room.desk.draft.marks.corners
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    assert pulled[2] == pytest.approx((0.7, 0.6), abs=0.01)
    assert room.desk.draft.marks.corners == before


def test_crossed_corners_are_told_and_cannot_be_used(open_room, qtbot):
    """In words, at once; Enter changes nothing."""
    room = open_room()

    room.click(qtbot, RECTANGLE[0], RECTANGLE[2], RECTANGLE[1], RECTANGLE[3])
    qtbot.waitUntil(lambda: "corners cross" in room.desk.panel.words, timeout=LIMIT_MS)
    qtbot.keyClick(room.desk.canvas, Qt.Key.Key_Return)

    assert room.camera.ground is None
    assert not room.desk.panel.use_button.isEnabled()


def test_a_used_ground_is_kept_in_the_site_file(open_room, qtbot, tmp_path):
    """With what the camera saw, so that it is noticed after a restart that it was moved."""
    file = tmp_path / "site.toml"
    file.write_text('# ours\n[[camera]]\nname = "Plaza"\nsource = "synthetic:plaza"\n')
    room = open_room(file, count_hz=2.0)

    room.mark_rectangle(qtbot)
    qtbot.keyClick(room.desk.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "rectangle" in file.read_text(), timeout=LIMIT_MS)

    kept = read_site(file).camera[0].ground
    assert kept == room.camera.ground.settings
    assert kept.sides_m == (5.0, 8.0)
    assert len(load_view(Path(kept.reference)).marks) == 0  # a gray wall has no corners
    assert file.read_text().startswith("# ours")


def test_what_was_not_used_needs_a_second_escape(open_room, qtbot):
    """The first one says so."""
    room = open_room()
    room.mark_rectangle(qtbot)
    canvas = room.desk.canvas

    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    said, is_open = room.desk.panel.words, room.desk.canvas is canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)

    assert said.startswith("Not applied yet")
    assert is_open
    assert room.desk.canvas is None
    assert room.camera.ground is None


def test_a_ground_that_a_rule_needs_is_not_taken_away(open_room, qtbot):
    """Else the alarm would be silent; with the rule gone the ground may go."""
    ground = GroundSettings(rectangle=RECTANGLE, sides_m=(5.0, 8.0))
    room = open_room(ground=ground)
    set_rules(room.engine, "Plaza", [Rule(3.0, name="tight", measure=Measure.DENSITY)], "Ada")
    room.desk.begin(room.camera)

    room.desk.panel.remove_button.click()
    said, kept = room.desk.panel.words, room.camera.ground
    set_rules(room.engine, "Plaza", [], "Ada")
    room.desk.begin(room.camera)
    room.desk.panel.remove_button.click()

    assert "tight" in said
    assert kept is not None
    assert room.camera.ground is None


def test_before_the_first_picture_nothing_opens(open_room, qtbot):
    """There is nothing to click on, and nothing to hold still."""
    room = open_room()
    room.desk.end()

    room.desk.begin(replace(room.camera, frame=None, counted_frame=None))

    assert room.desk.canvas is None
    assert room.window.stage.frozen is None


def test_with_a_ground_the_heat_map_is_in_people_per_m2(open_room, qtbot):
    """Scale, levels and the fullest place change their unit at once, and back without a ground."""
    room = open_room()
    stage = room.window.stage
    before = (stage.controls.scale.isVisible(), stage.controls.scale_m2.isVisible())

    room.mark_rectangle(qtbot)
    room.desk.use()
    qtbot.waitUntil(lambda: room.camera.reading.crowding is not None, timeout=LIMIT_MS)
    room.desk.end()
    qtbot.waitUntil(stage.controls.scale_m2.isVisible, timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: bool(stage.picture.peak_words), timeout=LIMIT_MS)
    with_ground = (stage.controls.scale.isVisible(), stage.picture.peak_words)
    said = "Fruin" in stage.controls.legend.toolTip()
    set_ground(room.engine, "Plaza", None)
    qtbot.waitUntil(stage.controls.scale.isVisible, timeout=LIMIT_MS)

    assert before == (True, False)
    assert with_ground[0] is False
    assert with_ground[1].endswith("/m²")
    assert said
    assert not stage.controls.legend.bands


def test_the_editor_fits_onto_a_small_screen_in_large_type(open_room, qtbot):
    """1280 by 800 is all there is; with a sentence as long as they come."""
    room = open_room()
    room.window.switch_type()

    room.mark_rectangle(qtbot)
    room.desk.panel.tell_check(room.desk.panel.check_words + " gate 1234 m² (12% too far)," * 6)

    least = room.window.minimumSizeHint()
    assert least.width() <= 1280
    assert least.height() <= 800
    qtbot.waitUntil(room.desk.panel.isVisible, timeout=LIMIT_MS)
    assert (room.window.width(), room.window.height()) == (1280, 800)
    room.window.switch_type()


def test_levels_of_the_sites_own_hold_with_the_ground(open_room, qtbot):
    """They are edited from those that are chosen, and nothing holds before the ground is used."""
    room = open_room()
    room.mark_rectangle(qtbot)

    qtbot.mouseClick(room.desk.panel.levels_button, Qt.MouseButton.LeftButton)
    editor = room.desk.levels
    names = [editor.table.item(row, 0).text() for row in range(editor.table.rowCount())]
    editor.table.item(0, 0).setText("calm")
    editor.accept()
    before = room.camera.ground
    room.desk.canvas.setFocus()
    qtbot.waitUntil(lambda: room.desk.canvas.fit.settings.band != (), timeout=LIMIT_MS)
    qtbot.keyClick(room.desk.canvas, Qt.Key.Key_Return)

    assert names == ["A", "B", "C", "D", "E", "F"]
    assert before is None
    qtbot.waitUntil(lambda: room.camera.ground is not None, timeout=LIMIT_MS)
    assert [one.name for one in room.camera.ground.settings.band] == ["calm", *names[1:]]
    assert room.camera.ground.scale.name == "own"
    assert room.desk.panel.scale.currentText() == "Levels: site-specific"


def test_the_scale_is_that_of_the_picture_that_is_held_still(open_room, qtbot):
    """A picture from before the ground was known is colored by blocks, and the scale says so."""
    room = open_room()
    legend = room.window.stage.controls.legend
    room.mark_rectangle(qtbot)

    qtbot.keyClick(room.desk.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: room.camera.reading.crowding is not None, timeout=LIMIT_MS)
    room.window.refresh()
    held = legend.bands
    qtbot.keyClick(room.desk.canvas, Qt.Key.Key_Escape)

    assert held == ()
    qtbot.waitUntil(lambda: len(legend.bands) > 0, timeout=LIMIT_MS)
