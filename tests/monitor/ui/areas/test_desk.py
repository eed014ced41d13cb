"""Areas put together in the window of a running engine."""

from functools import partial

import pytest
from PyQt6.QtCore import Qt

from monitor.core.clock import SystemClock
from monitor.core.rule import Rule
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings.site_file import read_site
from monitor.ui.alarm_strip import StripKind
from monitor.ui.bell import Beeper, Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from tests.rigs.counters import FixedCounter
from tests.rigs.sources import GrayCamera

LIMIT_MS = 20_000
SITE = """# the two gates
[[camera]]
name = "North"
source = "synthetic:plaza"
count_hz = 10

[[camera.zone]]
name = "left"
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]

[[camera]]
name = "South"
source = "synthetic:plaza"
count_hz = 10
"""


SQUARE = partial(GrayCamera, size_hw=(16, 16))
"""A picture of two by two blocks, over which the people are spread."""


class Room:
    """A window on two cameras that see 100 people each, with the editor of areas open."""

    def __init__(self, engine, window, file):
        self.engine, self.window, self.file = engine, window, file
        self.desk = window.area_desk

    def check(self, *path):
        """Tick a camera, or a camera's zone."""
        tree = self.desk.editor.members
        (item,) = tree.findItems(path[0], Qt.MatchFlag.MatchExactly)
        if len(path) > 1:
            item = next(
                item.child(n) for n in range(item.childCount()) if item.child(n).text(0) == path[1]
            )
        is_in = item.checkState(0) is Qt.CheckState.Checked
        item.setCheckState(0, Qt.CheckState.Unchecked if is_in else Qt.CheckState.Checked)

    def name(self, name):
        """Call the chosen area."""
        self.desk.editor.name.setText(name)
        self.desk.editor.name.editingFinished.emit()

    def count(self):
        """The count of the only area; None before there is one."""
        areas = self.engine.areas()
        reading = areas[0].reading if areas else None
        return None if reading is None else reading.count


@pytest.fixture
def room(qtbot, dark, tmp_path):
    file = tmp_path / "site.toml"
    file.write_text(SITE)
    site = read_site(file)
    clock = SystemClock()
    engine = Engine(site.camera, FixedCounter(100.0), clock=clock, open_source=SQUARE)
    settings = WindowSettings("Test site", "For tests.", "Ada", dark)
    window = MonitorWindow(engine, settings, bell=Bell(Beeper("test")), clock=clock)
    qtbot.addWidget(window)
    engine.start()
    window.begin()
    window.site_desk.keep(SiteSession(engine, site, file=file))
    window.resize(1280, 800)
    with qtbot.waitActive(window, timeout=LIMIT_MS):
        window.show()
        window.activateWindow()
    opened = Room(engine, window, file)
    qtbot.keyClick(window, Qt.Key.Key_J)
    opened.desk.editor.new_button.click()
    yield opened
    if opened.desk.editor is not None:
        opened.desk.editor.close()
    window.close()
    assert engine.stop()


def test_two_cameras_are_one_place(room, qtbot):
    """Their people add up, or the one that sees most is right; kept in the file, comments too."""
    hidden = room.desk.lines.isVisible()

    room.name("square")
    room.check("North")
    room.check("South")
    qtbot.waitUntil(lambda: room.count() == 200.0, timeout=LIMIT_MS)
    combine = room.desk.editor.combine
    combine.setCurrentIndex(1)
    combine.activated.emit(1)
    qtbot.waitUntil(lambda: room.count() == 100.0, timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: 'combine = "max"' in room.file.read_text(), timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: room.desk.lines.text().startswith("square: 100"), timeout=LIMIT_MS)

    (area,) = read_site(room.file).area
    assert (area.name, len(area.member)) == ("square", 2)
    assert room.file.read_text().startswith("# the two gates")
    assert (hidden, room.desk.lines.isVisible()) == (False, True)


def test_a_zone_is_a_member_of_its_own(room, qtbot):
    """Half of one camera, spread evenly, and all of the other."""
    room.check("North", "left")
    room.check("South")

    qtbot.waitUntil(lambda: room.count() == pytest.approx(150.0), timeout=LIMIT_MS)


def test_rules_set_meanwhile_are_kept(room, qtbot):
    """Another member changes no limit; the alarm that rings stands in the strip."""
    room.check("North")
    qtbot.waitUntil(lambda: room.count() == 100.0, timeout=LIMIT_MS)
    rule = Rule(50.0, name="full", on_delay_s=0.0)
    room.window.site_desk.change_rules("area 1", [rule])

    room.check("South")

    qtbot.waitUntil(lambda: room.count() == 200.0, timeout=LIMIT_MS)
    assert room.engine.areas()[0].rules == (rule,)
    shown = room.window.strip
    qtbot.waitUntil(lambda: shown.view.kind is StripKind.RINGING, timeout=LIMIT_MS)
    assert shown.view.sentence.startswith("area 1: 200 people")
    assert shown.view.camera == ""


def test_rules_of_an_area_are_edited(room, qtbot):
    """In the editor of all rules, under the area's name."""
    room.check("North")
    room.desk.editor.rules_button.click()

    editor = room.window.rule_desk.editor
    assert editor.camera == "area 1"
    editor.close()


def test_a_name_that_is_taken_is_told(room):
    """And nothing is changed."""
    room.check("North")
    room.name("South")

    assert "is called South" in room.desk.editor.fault
    assert [one.name for one in room.engine.areas()] == ["area 1"]


def test_the_last_member_takes_the_area_along_and_undo_brings_it_back(room, qtbot):
    """An area of nothing is not counted."""
    room.check("North")
    there = len(room.engine.areas())
    room.check("North")
    gone = len(room.engine.areas())
    room.desk.editor.undo_button.click()

    assert (there, gone, len(room.engine.areas())) == (1, 0, 1)
