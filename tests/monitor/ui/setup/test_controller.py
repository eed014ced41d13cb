"""The window and its site file: what is changed here, there, and taken back."""

import os

import pytest
from PyQt6.QtCore import Qt

from monitor.core.clock import SystemClock
from monitor.core.rule import Rule
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings import ModelSettings
from monitor.settings.editing import with_camera
from monitor.settings.site_file import read_site
from monitor.ui.bell import Beeper, Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.outside import Outside
from monitor.ui.setup.camera_form import Kind
from monitor.ui.setup.tools import SetUpTools
from tests.rigs.counters import FixedCounter
from tests.rigs.sources import EndlessSource

LIMIT_MS = 30_000
TEXT = """# Stadium
[[camera]]
name = "Gate"  # by the river
source = "synthetic:plaza?people=1"
[camera.limit]
high = 50  # people

[[camera]]
name = "Yard"
source = "synthetic:plaza?people=2"
"""


class Room:
    """A window on a running site with its file."""

    def __init__(self, qtbot, file, theme, *, has_file=True):
        self.file = file
        file.write_text(TEXT)
        site = read_site(file)
        self.engine = Engine(
            site.camera, FixedCounter(12), open_source=lambda _, clock: EndlessSource(clock)
        )
        self.used = []
        self.keeper = SiteSession(
            self.engine, site, file=file if has_file else None, open_model=lambda _: FixedCounter(7)
        )
        settings = WindowSettings("Test site", "For tests.", "Ada", theme)
        clock = SystemClock()
        self.window = MonitorWindow(self.engine, settings, bell=Bell(Beeper("test")), clock=clock)
        qtbot.addWidget(self.window)
        tools = SetUpTools(file.parent, use_model=self.used.append)
        self.window.connect_outside(Outside(keeper=self.keeper, tools=tools))
        self.engine.start()
        self.window.begin()
        with qtbot.waitActive(self.window, timeout=LIMIT_MS):
            self.window.show()
            self.window.activateWindow()

    @property
    def desk(self):
        """What is tested."""
        return self.window.site_desk

    def rules(self, name):
        """What a camera is really watched by."""
        return next(one for one in self.engine.snapshots() if one.name == name).rules

    def in_file(self):
        """The settings that the file holds."""
        return read_site(self.file)

    def close(self):
        """Leave."""
        self.window.close()
        assert self.engine.stop()


@pytest.fixture
def room(qtbot, dark, tmp_path):
    """A window on a site of two cameras."""
    one = Room(qtbot, tmp_path / "site.toml", dark)
    yield one
    one.close()


def test_a_limit_is_kept_in_the_file_and_taken_back(room, qtbot):
    """Its comments stay; Ctrl+Z takes the change out of engine and file."""
    room.desk.change_rules("Gate", [Rule(60)])
    qtbot.waitUntil(lambda: room.in_file().camera[0].rules == (Rule(60),), timeout=LIMIT_MS)
    kept = room.file.read_text()
    qtbot.keyClick(room.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: room.file.read_text() == TEXT, timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: room.window.state_text.startswith("Undone"), timeout=LIMIT_MS)

    assert kept == TEXT.replace("50", "60")
    assert room.rules("Gate") == (Rule(50),)


def test_another_hand_is_noticed_and_told(room, qtbot):
    """Without a restart; a mistake stands in the bottom line until it is mended."""
    room.file.write_text(TEXT.replace("50", "70"))
    qtbot.waitUntil(lambda: room.rules("Gate") == (Rule(70),), timeout=LIMIT_MS)
    room.file.write_text(TEXT.replace("high", "hihg"))
    qtbot.waitUntil(lambda: "limit.high: is missing" in room.window.state_text, timeout=LIMIT_MS)
    while_bad = room.rules("Gate")
    room.file.write_text(TEXT)
    qtbot.waitUntil(lambda: room.rules("Gate") == (Rule(50),), timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: "is missing" not in room.window.state_text, timeout=LIMIT_MS)

    assert while_bad == (Rule(70),)


@pytest.mark.skipif(os.name != "posix", reason="folders of POSIX can be closed to writing")
def test_what_cannot_be_saved_holds_and_is_said(room, qtbot, monkeypatch):
    """It is written with Ctrl+S as soon as it can be; here the disk refuses, root or not."""
    import tempfile

    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    room.desk.change_rules("Yard", [Rule(9)])
    qtbot.waitUntil(lambda: "In effect, but not saved" in room.desk.trouble, timeout=LIMIT_MS)
    while_full = (room.rules("Yard"), room.file.read_text(), room.desk.trouble)
    monkeypatch.undo()
    qtbot.keyClick(room.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: room.in_file().camera[1].rules == (Rule(9),), timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: room.desk.trouble == "", timeout=LIMIT_MS)

    assert while_full[:2] == ((Rule(9),), TEXT)
    assert "No space left" in while_full[2]


def test_a_camera_is_added_changed_and_taken_away(room, qtbot):
    """It runs at once and stands in the file; the others go on."""
    cameras = room.desk.cameras
    cameras.confirm = lambda _: True
    cameras.add()
    cameras.dialog.form.choose_kind(Kind.PLAZA)
    cameras.dialog.form.name.setText("Roof")
    cameras.dialog.save_button.click()
    qtbot.waitUntil(lambda: "Roof" in room.window.names, timeout=LIMIT_MS)
    cameras.edit("Roof")
    cameras.dialog.form.name.setText("Tower")
    cameras.dialog.save_button.click()
    qtbot.waitUntil(lambda: "Tower" in room.window.names, timeout=LIMIT_MS)
    three = ["Gate", "Yard", "Tower"]
    qtbot.waitUntil(lambda: [one.name for one in room.in_file().camera] == three, timeout=LIMIT_MS)
    cameras.remove("Yard")
    qtbot.waitUntil(lambda: room.window.names == ("Gate", "Tower"), timeout=LIMIT_MS)

    qtbot.waitUntil(
        lambda: [one.name for one in room.in_file().camera] == ["Gate", "Tower"], timeout=LIMIT_MS
    )


def test_a_place_stands_at_the_name(room, qtbot):
    """For whoever has to go there; of a camera that counts several things as well."""
    camera = room.keeper.site.camera[0].model_copy(update={"place": "mast 3"})
    room.desk.change(with_camera(room.keeper.site, camera), "place")
    room.window.refresh()

    assert room.window.readout._name.toolTip().startswith("mast 3\n")
    assert room.desk.place_of("Gate · bicycles") == "mast 3"
    assert room.desk.place_of("nobody") == ""


def test_the_last_camera_stays(room):
    """A site watches something; the sentence says what to do."""
    cameras = room.desk.cameras
    cameras.confirm = lambda _: True
    cameras.remove("Yard")
    cameras.remove("Gate")

    assert [one.name for one in room.keeper.site.camera] == ["Gate"]
    assert "add another one" in room.window.state_text


def test_another_model_counts_and_is_taken_back(room, qtbot):
    """For the whole site, off the GUI thread, and in the file."""
    site = room.keeper.site
    model = ModelSettings(path="/m/other.onnx")
    room.desk.cameras.count_with(model)
    room.desk.change(site.model_copy(update={"model": model}), "model")
    qtbot.waitUntil(lambda: room.used == [model], timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: room.in_file().model == model, timeout=LIMIT_MS)
    room.desk.undo()

    qtbot.waitUntil(lambda: room.used == [model, ModelSettings()], timeout=LIMIT_MS)
    qtbot.waitUntil(lambda: room.in_file().model == ModelSettings(), timeout=LIMIT_MS)


def test_without_a_file_a_site_is_saved_as_one(qtbot, dark, tmp_path):
    """As after --source: what is changed lasts until the end unless it is saved."""
    room = Room(qtbot, tmp_path / "unused.toml", dark, has_file=False)
    try:
        room.desk.change_rules("Gate", [Rule(60)])
        told = room.window.state_text
        room.desk.choose_file = lambda _: str(tmp_path / "mine")
        room.desk.save()
        file = tmp_path / "mine.toml"
        qtbot.waitUntil(file.exists, timeout=LIMIT_MS)
        room.desk.change_rules("Gate", [Rule(65)])
        qtbot.waitUntil(lambda: read_site(file).camera[0].rules == (Rule(65),), timeout=LIMIT_MS)

        assert "Ctrl+S" in told
    finally:
        room.close()
