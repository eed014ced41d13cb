"""What is done in the alarm panel reaches the engine, and evidence is found again."""

from datetime import UTC, datetime

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from monitor.core.alarm import AlarmState
from monitor.core.clock import SystemClock
from monitor.core.privacy import Privacy
from monitor.engine.engine import Engine
from monitor.outputs.evidence.notes import NOTE_BEGINS
from monitor.settings import CameraSettings, LimitSettings
from monitor.ui.alarms.controller import EvidenceController
from monitor.ui.alarms.entries import AlarmEntry, AlarmLists
from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.background import BackgroundTasks
from monitor.ui.bell import Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.render import RenderRequest
from monitor.ui.saving import Saving
from tests.rigs.counters import FixedCounter
from tests.rigs.history import ring_of
from tests.rigs.site import set_rules
from tests.rigs.snapshots import frame_of, prediction_of, snapshot_of, status_of
from tests.rigs.sources import GrayCamera

LIMIT_MS = 20_000
PATIENT_S = 60.0
"""A busy machine that draws late is no lost stream here."""


class SilentSounder:
    """A sounder that only remembers."""

    is_audible = True
    description = "Sound on"
    is_sounding = False

    def start(self):
        """Begin."""
        self.is_sounding = True

    def stop(self):
        """End."""
        self.is_sounding = False


class Room:
    """A window on an engine whose two cameras both ring."""

    def __init__(self, engine, window, sounder):
        self.engine, self.window, self.sounder = engine, window, sounder
        self.panel = window.side.alarm_panel

    def state(self, name):
        """Where the alarm of a camera stands."""
        return next(one.alarm.state for one in self.engine.snapshots() if one.name == name)


@pytest.fixture
def room(qtbot, dark):
    limit = LimitSettings(high=50.0, on_delay_s=0.0, off_delay_s=0.0)
    cameras = [
        CameraSettings(
            name=name,
            source="synthetic:plaza",
            limit=limit,
            stale_after_s=PATIENT_S,
            lost_after_s=PATIENT_S,
            stream_alarm_after_s=PATIENT_S,
        )
        for name in ("North", "South")
    ]
    clock, sounder = SystemClock(), SilentSounder()
    counter = FixedCounter(100.0, variance=25.0)
    engine = Engine(cameras, counter, clock=clock, open_source=GrayCamera)
    settings = WindowSettings("Test site", "For tests.", "Ada", dark)
    window = MonitorWindow(engine, settings, bell=Bell(sounder), clock=clock)
    qtbot.addWidget(window)
    engine.start()
    window.begin()
    window.resize(1280, 800)
    with qtbot.waitActive(window, timeout=LIMIT_MS):
        window.show()
        window.activateWindow()
    opened = Room(engine, window, sounder)
    qtbot.waitUntil(lambda: len(opened.panel.active.entries) == 2, timeout=LIMIT_MS)
    yield opened
    window.close()
    assert engine.stop()


def test_the_key_falls_on_the_marked_alarm_and_the_bell_stops_with_the_last(room, qtbot):
    """In the list A is about the mark, though the strip shows the other alarm."""
    other = next(
        one.place for one in room.panel.active.entries if one.place != room.window.strip.view.camera
    )
    qtbot.keyClick(room.window, Qt.Key.Key_L)
    room.panel.active.mark(f"{other}/limit")

    qtbot.keyClick(room.panel.active, Qt.Key.Key_A)
    rings_on = room.sounder.is_sounding
    after = (room.state(other), room.state(room.window.strip.view.camera))
    qtbot.keyClick(room.window.stage, Qt.Key.Key_A)

    assert after == (AlarmState.ACKNOWLEDGED, AlarmState.UNACKNOWLEDGED)
    assert rings_on
    assert not room.sounder.is_sounding


def test_shelving_asks_for_a_reason_and_can_be_undone(room, qtbot):
    """Off the list of alarms, onto that of shelved ones, and back."""
    room.panel.active.mark("North/limit")
    qtbot.keyClick(room.window, Qt.Key.Key_H)
    dialog = room.window.alarm_desk.dialog
    dialog.accept()
    without_reason = room.state("North")
    qtbot.keyClicks(dialog.reason, "a drill")

    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(room.panel.shelved.entries) == 1, timeout=LIMIT_MS)
    status = room.panel.shelved.entries[0].status
    left = [one.place for one in room.panel.active.entries]
    room.panel.tabs.setCurrentWidget(room.panel.shelved)
    room.panel.shelved.mark("North/limit")
    room.panel.unshelve()

    assert without_reason is AlarmState.UNACKNOWLEDGED
    assert (status.shelved_by, status.shelved_reason) == ("Ada", "a drill")
    assert left == ["South"]
    assert room.state("North") is AlarmState.UNACKNOWLEDGED
    assert room.panel.shelved.entries == ()


def test_an_alarm_whose_rule_was_removed_is_told(room, qtbot):
    """One sentence in place of a fault."""
    set_rules(room.engine, "North", [], "Bob")

    room.panel.acknowledged.emit("North/limit", "")

    assert "no longer exists" in room.window.state_text


PACK = "20300501T120000Z Gate-1-limit"
EVIDENCE_LIMIT_MS = 10_000


class Rig:
    """A panel with one alarm that rings, and what was opened and told."""

    def __init__(self, qtbot, theme, folder):
        self.told, self.opened = [], []
        self.panel = AlarmPanel(QWidget(), theme)
        qtbot.addWidget(self.panel)
        self.desk = EvidenceController(self.panel, self.told.append, self.panel)
        self.desk.open_folder = lambda path: bool(self.opened.append(path)) or True
        entry = AlarmEntry("Gate 1", status_of(AlarmState.UNACKNOWLEDGED))
        self.panel.show_lists(AlarmLists(active=(entry,)))
        self.panel.focus_alarms()
        if folder is not None:
            self.folder = folder
            self.desk.keep_in(lambda: self.folder)
        self.panel.show()

    def note(self):
        """The keeper notes a pack in the journal."""
        note = f"{NOTE_BEGINS}{PACK}, manifest SHA-256 {'ab' * 32}"
        self.desk.take(ring_of(0, before=AlarmState.UNACKNOWLEDGED, note=note))

    def run(self, place):
        """Do what the first or second key does."""
        self.desk.commands()[place].run()


@pytest.fixture
def rig(qtbot, dark):
    return lambda folder: Rig(qtbot, dark, folder)


def test_a_pack_that_the_journal_names_is_opened(rig, qtbot, tmp_path):
    """By button and by key, in the folder that the site names."""
    (tmp_path / PACK).mkdir()
    one = rig(tmp_path)
    assert not one.panel.evidence_button.isEnabled()

    one.note()
    qtbot.mouseClick(one.panel.evidence_button, Qt.MouseButton.LeftButton)
    one.run(0)

    assert one.opened == [tmp_path / PACK] * 2
    assert PACK in one.panel.evidence_button.toolTip()


def test_packs_are_found_where_they_were_written(rig, tmp_path):
    """Another folder is named while the window is open: older packs stay where they are."""
    (tmp_path / PACK).mkdir()
    one = rig(tmp_path)
    one.note()
    one.folder = tmp_path / "elsewhere"
    one.folder.mkdir()

    one.run(0)
    one.run(1)

    assert one.opened == [tmp_path / PACK, tmp_path / "elsewhere"]


def test_a_pack_that_was_thrown_away_is_told(rig, tmp_path):
    """It was too old, or the disk too full."""
    one = rig(tmp_path)
    one.note()

    one.run(0)

    assert one.opened == []
    assert PACK in one.told[0]


def test_where_nobody_opens_folders_the_place_is_told(rig, tmp_path):
    """A kiosk has no program for files."""
    one = rig(tmp_path)
    one.desk.open_folder = lambda _path: False

    one.run(1)

    assert str(tmp_path) in one.told[0]


def test_a_site_without_evidence_offers_none(rig):
    """No button; the key says how to have it."""
    one = rig(None)
    one.note()

    one.run(1)

    assert not one.panel.evidence_button.isVisible()
    assert "[evidence]" in one.told[0]


@pytest.fixture
def saving(qtbot, tmp_path):
    errands, window, told = BackgroundTasks(), QWidget(), []
    qtbot.addWidget(window)
    errands.start()
    one = Saving(errands, window, told.append)
    one.choose_path = lambda _proposed, _kinds: str(tmp_path / "saved.png")

    def save(privacy):
        one.privacy = lambda: privacy
        image = np.zeros((160, 320, 3), dtype=np.uint8)
        image[:, ::2] = 255
        density = np.zeros((10, 20), dtype=np.float32)
        density[5, 10] = 3.0
        prediction = prediction_of(density)
        order = RenderRequest(frame_of(image).picture, (320, 160))
        snapshot = snapshot_of(prediction=prediction, counted_frame=frame_of(image))
        one.save_picture(snapshot, order)
        qtbot.waitUntil(lambda: bool(errands.collect() or told), timeout=EVIDENCE_LIMIT_MS)
        return tmp_path / "saved.png"

    yield save, told
    assert errands.stop(5)


@pytest.mark.parametrize("privacy", [Privacy.AS_THEY_ARE, Privacy.BLUR_PEOPLE, Privacy.BLUR_ALL])
def test_saved_pictures_hide_what_the_site_wishes(saving, privacy):
    """The fine pattern: where the person is, and where nobody is."""
    save, _told = saving

    image = QImage(str(save(privacy)))

    def is_clear(left, top):
        grays = {image.pixelColor(left + step, top).red() for step in range(6)}
        return max(grays) - min(grays) > 100

    assert is_clear(164, 88) is (privacy is Privacy.AS_THEY_ARE)
    assert is_clear(300, 8) is (privacy is not Privacy.BLUR_ALL)


def test_a_site_that_stores_no_pictures_saves_none(saving):
    """And says who decided that."""
    save, told = saving

    path = save(Privacy.NO_PICTURES)

    assert "[privacy]" in told[0]
    assert not path.exists()


def test_moments_of_packs_are_in_utc():
    """The name in the journal is the name on the disk wherever the window stands."""
    assert datetime(2030, 5, 1, 12, tzinfo=UTC).strftime("%Y%m%dT%H%M%SZ") == PACK.split()[0]
