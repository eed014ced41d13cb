"""From the alarm panel to the engine and back, in the whole window."""

import pytest
from PyQt6.QtCore import Qt

from monitor.core.alarm import AlarmState
from monitor.core.clock import SystemClock
from monitor.engine.engine import Engine
from monitor.settings import CameraSettings, LimitSettings
from monitor.ui.bell import Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from tests.rigs.counters import FixedCounter
from tests.rigs.site import set_rules
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

    assert "no longer there" in room.window.state_text
