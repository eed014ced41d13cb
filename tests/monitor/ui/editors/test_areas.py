"""Areas are drafted, named and counted as they are set in their editor."""

from dataclasses import replace
from functools import partial

import pytest
from PyQt6.QtCore import Qt

from monitor.core.clock import SystemClock
from monitor.core.reading import Quality
from monitor.core.rule import Rule
from monitor.core.zone import Combine, Crowding, Member
from monitor.engine.area import AreaSnapshot
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings import AreaSettings, MemberSettings, RuleSettings
from monitor.settings.site_file import read_site
from monitor.ui.alarm_strip import StripKind
from monitor.ui.bell import Beeper, Bell
from monitor.ui.editors.areas import AreasDraft, area_line, areas_text
from monitor.ui.main_window import MonitorWindow, WindowSettings
from tests.rigs.counters import FixedCounter
from tests.rigs.snapshots import reading_of
from tests.rigs.sources import GrayCamera

READING = reading_of(240.4, low=200.2, high=279.5)


def area(reading=READING, quality=Quality.GOOD):
    return AreaSnapshot("Square", reading, quality, ())


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (area(), "Square: 240 (200–280)"),
        (
            area(replace(READING, crowding=Crowding(80.0, 2.14, 3.42, "D"))),
            "Square: 240 (200–280), 2.1 people/m², peak 3.4, level D",
        ),
        (area(quality=Quality.LOST), "Square: –, lost"),
        (area(None, Quality.LOST), "Square: –, lost"),
        (area(quality=Quality.DEGRADED), "Square: 240 (200–280), degraded"),
    ],
    ids=["good", "ground", "lost", "never", "doubtful"],
)
def test_an_area_in_words(shown, words):
    """A lost one is a dash, never nobody."""
    assert area_line(shown) == words


def test_each_area_has_a_line():
    """In their order."""
    assert areas_text([area(), area(None, Quality.LOST)]).count("\n") == 1


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

    assert "named South already exists" in room.desk.editor.fault
    assert [one.name for one in room.engine.areas()] == ["area 1"]


def test_the_last_member_takes_the_area_along_and_undo_brings_it_back(room, qtbot):
    """An area of nothing is not counted."""
    room.check("North")
    there = len(room.engine.areas())
    room.check("North")
    gone = len(room.engine.areas())
    room.desk.editor.undo_button.click()

    assert (there, gone, len(room.engine.areas())) == (1, 0, 1)


SQUARE_AREA = AreaSettings(
    name="square",
    combine=Combine.MAX,
    member=(MemberSettings(camera="A", zone="left"), MemberSettings(camera="B")),
    rule=(RuleSettings(name="full", limit=50),),
)


@pytest.fixture
def draft():
    return AreasDraft([SQUARE_AREA], ["A", "B"])


def test_what_is_not_touched_stays(draft):
    """All of it, the rules too."""
    assert draft.settings() == (SQUARE_AREA,)


def test_an_area_without_members_is_not_counted_yet(draft):
    """It is there to be changed, and reaches nobody."""
    draft.add()
    empty = draft.settings()
    draft.set_member(Member("A"), is_in=True)

    assert draft.area.name == "area 1"
    assert empty == (SQUARE_AREA,)
    assert draft.settings()[1].to_area().members == (Member("A"),)


def test_a_camera_and_its_zone_are_not_both_in_it(draft):
    """People would count twice: the one that was chosen last stays."""
    draft.set_member(Member("A"), is_in=True)
    whole = draft.area.members
    draft.set_member(Member("A", "left"), is_in=True)

    assert whole == (Member("B"), Member("A"))
    assert draft.area.members == (Member("B"), Member("A", "left"))


@pytest.mark.parametrize("name", ["", "  ", "a/b", "A", "plaza · cars"])
def test_names_that_cannot_be_are_refused(draft, name):
    """An alarm is known by the name, and so is a camera."""
    with pytest.raises(ValueError, match=r"name|called"):
        draft.rename(name)

    assert draft.area.name == "square"


def test_another_name_and_another_way_keep_the_rules(draft):
    """Only what was changed is changed."""
    draft.rename("market")
    draft.set_combine(Combine.SUM)

    (settings,) = draft.settings()
    assert (settings.name, settings.combine) == ("market", Combine.SUM)
    assert settings.rule == SQUARE_AREA.rule


def test_every_step_is_taken_back(draft):
    """In their order."""
    draft.rename("market")
    draft.set_member(Member("B"), is_in=False)
    draft.add()
    draft.delete()
    while draft.can_undo:
        draft.undo()

    assert draft.settings() == (SQUARE_AREA,)
