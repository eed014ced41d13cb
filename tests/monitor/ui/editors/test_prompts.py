"""Typing what a camera counts, in a running window."""

import pytest
from PyQt6.QtCore import QSettings, Qt

from monitor.core.clock import SystemClock
from monitor.core.rule import Rule
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings import CameraSettings
from monitor.settings.site_file import read_site
from monitor.ui.bell import Beeper, Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.memory import WindowMemory
from tests.rigs.counters import FixedCounter, NamedCounter
from tests.rigs.site import set_rules
from tests.rigs.sources import GrayCamera

LIMIT_MS = 20_000
SITE = """
version = 1

[[camera]]
name = "Gate"
source = "rtsp://gray"
count_hz = 10.0

# the officer's limit
[[camera.rule]]
name = "full"
limit = 400

[[camera]]
name = "Square"
source = "rtsp://gray"
count_hz = 10.0
"""


class Room:
    """A window on two cameras, and its box."""

    def __init__(self, qtbot, theme, counter, memory):
        clock = SystemClock()
        self.qtbot = qtbot
        cameras = [
            CameraSettings(name=name, source="rtsp://gray", count_hz=10.0)
            for name in ("Gate", "Square")
        ]
        self.engine = Engine(cameras, counter, clock=clock, open_source=GrayCamera)
        settings = WindowSettings("Test site", "For tests.", "Ada", theme)
        self.window = MonitorWindow(
            self.engine, settings, bell=Bell(Beeper("test")), clock=clock, memory=memory
        )
        qtbot.addWidget(self.window)
        self.engine.start()
        self.window.begin()
        self.window.open_camera("Gate")
        self.box = self.window.prompt_desk.box

    @property
    def names(self):
        """All series."""
        return [one.name for one in self.engine.snapshots()]

    def type(self, words):
        """Type over what stands in the box, and press Enter."""
        self.box.line.selectAll()
        self.qtbot.keyClicks(self.box.line, words)
        self.qtbot.keyClick(self.box.line, Qt.Key.Key_Return)

    def wait_for_count(self, name, count):
        """Wait until a series is looked at and its count is shown."""
        window = self.window
        self.qtbot.waitUntil(
            lambda: (window.chosen, window.readout.count_label.text()) == (name, str(count)),
            timeout=LIMIT_MS,
        )

    def activate(self):
        """Show the window, ready for keys."""
        with self.qtbot.waitActive(self.window, timeout=LIMIT_MS):
            self.window.show()
            self.window.activateWindow()

    def close(self):
        """End it all."""
        self.window.close()
        assert self.engine.stop()


@pytest.fixture
def memory(tmp_path):
    return WindowMemory(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def room(qtbot, dark, memory):
    opened = Room(qtbot, dark, NamedCounter(people=12, bicycles=3), memory)
    yield opened
    opened.close()


def test_what_is_typed_is_counted_and_named_everywhere(room, qtbot):
    """Readout, plot, limit and list say bicycles; no point of people is in their curve."""
    set_rules(room.engine, "Gate", [Rule(10)], "Ada")
    room.wait_for_count("Gate", 12)

    room.type("Bicycles")

    room.wait_for_count("Gate · bicycles", 3)
    window = room.window
    assert room.names == ["Gate · bicycles", "Square"]
    assert window.readout.interval_text.startswith("bicycles; ")
    assert window.plot.heading_text == "BICYCLES OVER TIME"
    assert window.limit_editor.high_box.suffix() == " bicycles"
    assert window.rules_of("Gate · bicycles") == ()
    assert room.box.sentence == (
        "A new curve was started for bicycles; no limit is set on bicycles; "
        "people: no longer counted; its alarms have ended and its limits are inactive"
    )
    session = window.refresh_loop.sessions["Gate · bicycles"]
    assert {one.count for one in session.recent} == {3}


def test_several_things_each_have_a_count(room, qtbot):
    """People go on; a click away are the bicycles; the other camera still counts people."""
    room.type("people, bicycles")
    qtbot.waitUntil(lambda: "Gate · bicycles" in room.window.names, timeout=LIMIT_MS)

    assert room.names == ["Gate", "Gate · bicycles", "Square"]
    room.wait_for_count("Gate", 12)
    room.window.open_camera("Gate · bicycles")
    room.wait_for_count("Gate · bicycles", 3)
    assert room.box.line.text() == "people, bicycles"
    room.window.open_camera("Square")
    assert room.box.line.text() == "people"


def test_nothing_typed_goes_back_to_what_the_model_counts(room, qtbot):
    """And a limit that was put aside holds again."""
    set_rules(room.engine, "Gate", [Rule(400)], "Ada")
    room.type("bicycles")
    room.wait_for_count("Gate · bicycles", 3)

    room.type(" ")

    room.wait_for_count("Gate", 12)
    assert room.window.rules_of("Gate") == (Rule(400),)
    assert room.box.line.text() == "people"


def test_what_cannot_be_counted_is_told_and_all_goes_on(room, qtbot):
    """The words stay, so that a slip can be mended; Escape brings back what holds."""
    room.type("dragons")

    qtbot.waitUntil(lambda: "cannot be asked for dragons" in room.box.sentence, timeout=LIMIT_MS)
    assert room.box.line.text() == "dragons"
    room.wait_for_count("Gate", 12)
    room.type("a,b,c,d,e,f,g,h,i")
    assert "9 things are too many" in room.box.sentence
    qtbot.keyClick(room.box.line, Qt.Key.Key_Escape)
    assert (room.box.line.text(), room.box.sentence) == ("people", "")


def test_a_key_leads_to_the_box(room, qtbot):
    """Seen and ready to be typed over, also where the panels do not fit into the window."""
    room.window.resize(1280, 640)
    room.activate()

    qtbot.keyClick(room.window, Qt.Key.Key_C)

    qtbot.waitUntil(room.box.line.hasFocus, timeout=LIMIT_MS)
    assert room.box.line.selectedText() == "people"
    assert room.box.visibleRegion().boundingRect().contains(room.box.line.geometry())


def test_words_typed_since_are_not_taken_away(room, qtbot):
    """The answer comes late; whoever types on keeps the words."""
    room.activate()
    room.box.begin()
    room.type("bicycles")
    qtbot.keyClicks(room.box.line, ", peo")

    qtbot.waitUntil(lambda: "A new curve" in room.box.sentence, timeout=LIMIT_MS)

    assert room.box.line.text() == "bicycles, peo"


def test_what_is_asked_for_stands_in_the_site_file(room, qtbot, tmp_path):
    """With the limit on people, which sleeps, and holds again when people are asked for."""
    file = tmp_path / "site.toml"
    file.write_text(SITE, encoding="utf-8")
    keeper = SiteSession(room.engine, read_site(file), file=file)
    room.engine.apply(keeper.site.camera)
    room.window.site_desk.keep(keeper)

    room.type("bicycles")
    qtbot.waitUntil(lambda: read_site(file).camera[0].count == ("bicycles",), timeout=LIMIT_MS)
    room.wait_for_count("Gate · bicycles", 3)
    asleep = read_site(file).camera[0].rule
    room.type("people")
    room.wait_for_count("Gate", 12)

    assert [(one.count, one.limit) for one in asleep] == [("people", 400)]
    assert [one.limit for one in room.window.rules_of("Gate")] == [400]
    assert "# the officer's limit" in file.read_text(encoding="utf-8")


def test_what_was_asked_for_is_offered_again(room, qtbot, memory):
    """The last of several names is completed; refused names are not offered."""
    room.type("people, bicycles")
    qtbot.waitUntil(lambda: len(room.names) == 3, timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: bool(memory.get("things", "")), timeout=LIMIT_MS)

    completer = room.box.line.completer()
    room.box.line.setText("people, bi")
    completer.setCompletionPrefix("people, bi")

    assert completer.currentCompletion() == "people, bicycles"
    assert memory.get("things", "") == "people\nbicycles"


def test_a_model_for_people_says_so(qtbot, dark):
    """One clear sentence; nothing changes."""
    room = Room(qtbot, dark, FixedCounter(12), None)

    room.type("bicycles")

    qtbot.waitUntil(lambda: "counts people only, not bicycles" in room.box.sentence)
    assert room.names == ["Gate", "Square"]
    room.close()
