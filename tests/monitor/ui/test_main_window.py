"""The window on the real engine: what an operator sees and can do."""

from threading import Event

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage

from monitor.core.alarm import AlarmState
from monitor.core.clock import SystemClock
from monitor.core.errors import UnreachableError
from monitor.core.reading import Quality
from monitor.core.rule import Rule
from monitor.engine.engine import Engine
from monitor.engine.sources import open_camera
from monitor.outputs.history.history import History
from monitor.outputs.outbox import Pace
from monitor.plaza import read_frame_number
from monitor.settings import CameraSettings, LimitSettings
from monitor.settings.outputs import parse_address
from monitor.ui.alarm_strip import StripKind
from monitor.ui.bell import Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.outside import Outside
from tests.rigs.clock import ManualClock
from tests.rigs.counters import FixedCounter
from tests.rigs.snapshots import reading_of
from tests.rigs.sources import GrayCamera, ScriptedSource, gray_frame

PLAZA = "synthetic:plaza?people=40&seed=3"
NOTE = "Counts always the same; for tests."
SOON = Pace(flush_s=0.01, retry_s=0.01)
LIMIT_MS = 20_000


class SilentSounder:
    """A sounder that only remembers."""

    is_audible = True
    description = "Sound on"

    def __init__(self):
        self.is_sounding = False

    def start(self):
        """Begin."""
        self.is_sounding = True

    def stop(self):
        """End."""
        self.is_sounding = False


class Room:
    """Engine, window and sounder of one test."""

    def __init__(self, engine, window, sounder):
        self.engine = engine
        self.window = window
        self.sounder = sounder

    def camera(self, name):
        """The engine's own word on a camera."""
        return next(one for one in self.engine.snapshots() if one.name == name)

    def journal(self):
        """What and who, newest first."""
        model = self.window.journal.entries
        return [
            tuple(model.data(model.index(row, column)) for column in (1, 2))
            for row in range(model.rowCount())
        ]


@pytest.fixture
def open_room(qtbot, dark):
    """Open windows that are closed with the test, engine and all."""
    opened = []

    def open_one(cameras, *, people=100.0, clock=None, open_source=GrayCamera, store=None):
        clock = clock or SystemClock()
        counter = FixedCounter(people, variance=25.0)
        engine = Engine(cameras, counter, clock=clock, open_source=open_source)
        sounder = SilentSounder()
        settings = WindowSettings("Test site", NOTE, "Ada", dark)
        window = MonitorWindow(engine, settings, bell=Bell(sounder), clock=clock, store=store)
        qtbot.addWidget(window)
        opened.append((engine, window))
        engine.start()
        window.begin()
        window.resize(1280, 800)
        with qtbot.waitActive(window, timeout=LIMIT_MS):  # keys go to the active window alone
            window.show()
            window.activateWindow()
        return Room(engine, window, sounder)

    yield open_one
    for engine, window in opened:
        window.close()
        assert engine.stop()


def plaza(name="Plaza", **changes):
    return CameraSettings(**({"name": name, "source": PLAZA, "count_hz": 20.0} | changes))


def ringing_plaza(**changes):
    limit = LimitSettings(high=50.0, on_delay_s=0.0, off_delay_s=0.0)
    return plaza(**({"limit": limit} | changes))


def shown_frame(window):
    """Number of the frame in the large picture, read from its pixels; None: none can be read."""
    image = window.stage.picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits().asstring(image.sizeInBytes()), dtype=np.uint8)
    pixels = rows.reshape(image.height(), -1)[:, : 3 * image.width()]
    pixels = pixels.reshape(image.height(), image.width(), 3)
    inside = np.flatnonzero(pixels[len(pixels) // 2].any(axis=1))  # without the black bars
    return read_frame_number(pixels[:, inside[0] : inside[-1] + 1]) if len(inside) else None


def test_the_drawn_square_is_counted_and_shown(open_room, qtbot):
    """Count with interval, truth, error, plot, picture: from the engine to the screen."""
    room = open_room([plaza()], open_source=open_camera)
    readout = room.window.readout

    qtbot.waitUntil(
        lambda: room.window.refresh_loop.sessions["Plaza"].errors.counts >= 5, timeout=LIMIT_MS
    )
    room.window.refresh()

    reading = room.camera("Plaza").reading
    assert readout.count_label.text() == "100"
    # 90 % of a normal with variance 25 lie within 1.645 times 5 of the count.
    assert readout.interval_text == "90 % prediction interval: 91 to 109"
    assert readout.truth_text == f"{reading.truth:.0f}"
    assert readout.value("Mean error").endswith("counts")
    assert readout.badge.quality is Quality.GOOD
    assert readout.note.toPlainText() == NOTE
    assert room.window.strip.view.kind is StripKind.NO_LIMIT


def test_the_picture_is_of_now(open_room, qtbot):
    """After a second in which the window could not look, it shows the newest, not the next."""
    room = open_room([plaza(count_hz=1.0)], open_source=open_camera)
    room.window.stage.opacity_slider.setValue(0)
    qtbot.waitUntil(lambda: room.camera("Plaza").frame is not None, timeout=LIMIT_MS)
    began = room.camera("Plaza").frame.index
    pause = Event()
    while room.camera("Plaza").frame.index < began + 10:
        pause.wait(0.01)  # the GUI thread does nothing else meanwhile

    # The first look collects what was drawn before the pause; no later one may be of the pause.
    qtbot.waitUntil(lambda: (shown_frame(room.window) or 0) > began + 1, timeout=LIMIT_MS)

    assert room.camera("Plaza").frame.index - shown_frame(room.window) <= 3


@pytest.mark.parametrize("key", [Qt.Key.Key_A, Qt.Key.Key_Space])
def test_an_alarm_rings_until_a_key_is_pressed(open_room, qtbot, key):
    """Sound, red strip, journal; then quiet, with the name of who knew."""
    room = open_room([ringing_plaza()], open_source=open_camera)
    qtbot.waitUntil(lambda: room.sounder.is_sounding, timeout=LIMIT_MS)
    assert room.window.strip.view.kind is StripKind.RINGING

    qtbot.keyClick(room.window, key)

    assert not room.sounder.is_sounding
    assert room.camera("Plaza").alarm.state is AlarmState.ACKNOWLEDGED
    assert room.window.strip.view.kind is StripKind.ACKNOWLEDGED
    qtbot.waitUntil(lambda: len(room.journal()) == 2, timeout=LIMIT_MS)
    assert room.journal() == [
        ("Plaza: Acknowledged", "Ada"),
        ("Plaza: Alarm at 100 people: at 50 or more for 0 s", ""),
    ]


def test_an_alarm_whose_rule_has_just_gone_is_told(open_room, qtbot):
    """The strip may still show it when a person acknowledges."""
    room = open_room([plaza()])

    room.window.strip.acknowledged.emit("Plaza/gone", "")

    assert "no longer exists" in room.window.state_text


def test_a_fault_of_the_window_is_shown_and_the_refresh_goes_on(open_room, qtbot):
    """It stands in the bottom line like everything else that does not work."""
    room = open_room([plaza()])
    qtbot.waitUntil(lambda: "Decision support" in room.window.state_text, timeout=LIMIT_MS)

    room.window.report_fault("A part of the window failed.")

    assert room.window.state_text == "A part of the window failed."
    before = room.window.refresh_loop.sessions["Plaza"].errors
    qtbot.waitUntil(lambda: room.camera("Plaza").reading is not None, timeout=LIMIT_MS)
    assert before is room.window.refresh_loop.sessions["Plaza"].errors
    assert room.window.refresh_loop.is_going


def test_one_camera_is_given_by_name(open_room):
    """Without building those of all others; none where there is none of that name."""
    room = open_room([plaza("North"), plaza("South")])

    assert room.window.snapshot_of("South").name == "South"
    assert room.window.snapshot_of("East") is None


def test_typing_a_note_does_not_acknowledge(open_room, qtbot):
    """An A in a word is a letter; the note goes into the journal with Enter."""
    room = open_room([ringing_plaza()])
    qtbot.waitUntil(lambda: room.sounder.is_sounding, timeout=LIMIT_MS)
    note = room.window.strip.note
    note.setFocus()

    qtbot.keyClicks(note, "a band plays")
    during = room.camera("Plaza").alarm.state
    qtbot.keyClick(note, Qt.Key.Key_Return)

    assert during is AlarmState.UNACKNOWLEDGED
    qtbot.waitUntil(lambda: len(room.journal()) == 2, timeout=LIMIT_MS)
    assert room.journal()[0] == ("Plaza: Acknowledged: a band plays", "Ada")


def test_a_lost_stream_is_told_step_by_step_and_never_as_0(open_room, qtbot):
    """Live, then stale with the old count struck out, then a dash; the alarm rings on."""
    clock = ManualClock()
    frame = gray_frame(captured_s=clock.monotonic_s())
    camera = ringing_plaza(stale_after_s=2.0, lost_after_s=8.0)
    is_first = [True]

    def open_source(_settings, _clock):
        if is_first.pop() if is_first else False:
            return ScriptedSource([frame, hold, UnreachableError("The camera went away.")])
        raise UnreachableError("The camera does not answer.")

    hold = Event()
    room = open_room([camera], clock=clock, open_source=open_source)
    # This clock stands still, and the window looks again only when time has passed.
    qtbot.waitUntil(
        lambda: bool(room.window.refresh()) or room.sounder.is_sounding, timeout=LIMIT_MS
    )
    count = room.window.readout.count_label
    live = (count.text(), count.font().strikeOut(), room.window.stage.picture.signal)
    hold.set()
    clock.advance(5.0)
    qtbot.waitUntil(lambda: room.window.stage.picture.signal is not None, timeout=LIMIT_MS)
    room.window.refresh()
    stale = (count.text(), count.font().strikeOut())
    clock.advance(60.0)
    room.window.refresh()
    lost = (count.text(), count.font().strikeOut())

    assert live == ("100", False, None)
    assert stale == ("100", True)
    assert lost == ("–", False)
    assert room.window.stage.picture.signal[0].startswith("NO SIGNAL since ")
    assert room.window.readout.badge.quality is Quality.LOST
    assert room.sounder.is_sounding
    assert room.window.strip.view.kind is StripKind.RINGING


def test_several_cameras_begin_as_a_wall_and_each_can_be_looked_at(open_room, qtbot):
    """All at once; click one to read of it, double-click to see it large, G to go back."""
    room = open_room([plaza("North"), plaza("South", source=PLAZA.replace("seed=3", "seed=4"))])
    window = room.window
    at_first = (window.stage.shows_wall, window.chosen)

    window.stage.wall.tile("South").chosen.emit("South")
    chosen = (window.stage.shows_wall, window.chosen)
    window.stage.wall.tile("South").opened.emit("South")
    opened = window.stage.shows_wall
    qtbot.keyClick(window, Qt.Key.Key_G)

    assert at_first == (True, "North")
    assert chosen == (True, "South")
    assert (opened, window.stage.shows_wall) == (False, True)
    qtbot.waitUntil(lambda: window.readout._name.text() == "South", timeout=LIMIT_MS)


def test_one_camera_has_no_wall(open_room, qtbot):
    """G does nothing, and the button is away."""
    room = open_room([plaza()])

    qtbot.keyClick(room.window, Qt.Key.Key_G)

    assert not room.window.stage.shows_wall
    assert not room.window.header.wall_button.isVisible()


def test_a_limit_is_edited_kept_and_journalled(open_room, qtbot):
    """From the box to the engine, with the name of who did it; the rest of it stays."""
    room = open_room([plaza(limit=LimitSettings(high=500.0, off_delay_s=33.0, on_delay_s=4.0))])
    qtbot.waitUntil(lambda: room.window.limit_editor.high_box.value() == 500, timeout=LIMIT_MS)

    room.window.limit_editor.high_box.setValue(450)
    qtbot.waitUntil(lambda: room.camera("Plaza").alarm.limit == 450.0, timeout=LIMIT_MS)

    assert room.camera("Plaza").alarm.rule == Rule(450.0, off_delay_s=33.0, on_delay_s=4.0)
    qtbot.waitUntil(
        lambda: ("Plaza: limit changed from 500 to 450", "Ada") in room.journal(),
        timeout=LIMIT_MS,
    )


def test_a_dragged_limit_reaches_engine_and_box(open_room, qtbot):
    """The line and the box are one limit."""
    room = open_room([plaza(limit=LimitSettings(high=500.0, on_delay_s=4.0))])

    room.window.plot.limit_dragged.emit(300.0)

    assert room.camera("Plaza").alarm.rule == Rule(300.0, on_delay_s=4.0)
    assert room.window.limit_editor.high_box.value() == 300


def test_a_first_limit_can_be_set(open_room, qtbot):
    """A camera without one gets one from the box, and rings by it."""
    room = open_room([plaza()])
    room.window.limit_editor.on_delay_box.setValue(0)

    room.window.limit_editor.high_box.setValue(60)

    qtbot.waitUntil(lambda: room.sounder.is_sounding, timeout=LIMIT_MS)
    assert room.camera("Plaza").alarm.limit == 60.0


def test_a_history_that_cannot_be_written_is_told(open_room, qtbot, tmp_path):
    """The count goes on; the bottom line says what is wrong."""
    (tmp_path / "history.sqlite").mkdir()
    store = History(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}), pace=SOON)
    store.start()
    try:
        room = open_room([plaza()], store=store)
        room.engine.subscribe("history", on_reading=store.on_reading, on_event=store.on_event)

        qtbot.waitUntil(lambda: "History not saved" in room.window.state_text, timeout=LIMIT_MS)

        assert "cannot be opened" in room.window.state_text
        assert room.window.readout.count_label.text() == "100"
    finally:
        assert store.stop()


def test_what_was_counted_before_is_in_the_plot(open_room, qtbot, tmp_path):
    """A window that is opened again goes on where it was."""
    clock = SystemClock()
    store = History(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}), pace=SOON)
    store.start()
    try:
        for second in range(60):
            store.on_reading(
                reading_of(7.0, camera="Plaza", at_utc=clock.utc(), at_s=float(second))
            )
        qtbot.waitUntil(lambda: store.health.written == 60, timeout=LIMIT_MS)
        room = open_room([plaza()], store=store)

        def has_past():
            _, counts = room.window.plot.count_curve.getData()
            return counts is not None and 7.0 in counts

        qtbot.waitUntil(has_past, timeout=LIMIT_MS)
        qtbot.waitUntil(lambda: "saved" in room.window.state_text, timeout=LIMIT_MS)
    finally:
        assert store.stop()


def test_colours_can_be_changed_while_it_runs(open_room, qtbot):
    """Dark to light and back."""
    room = open_room([plaza(), plaza("Other")])

    backs = []
    for _ in range(2):
        room.window.switch_theme()
        backs.append(room.window.palette().color(room.window.backgroundRole()).lightness() > 128)

    assert backs == [True, False]


def test_a_closed_window_is_quiet_and_leaves_no_thread(open_room, qtbot):
    """What rings stops with the window; what draws, too."""
    room = open_room([ringing_plaza()])
    qtbot.waitUntil(lambda: room.sounder.is_sounding, timeout=LIMIT_MS)

    room.window.close()

    assert not room.sounder.is_sounding
    assert not room.window.is_drawing
    assert not room.window.refresh_loop.is_going


def test_the_side_grows_with_the_window(open_room, qtbot):
    """On a large screen there is more room for words, on a small one enough."""
    room = open_room([plaza()])

    widths = []
    for width in (1280, 1920, 3840):
        room.window.resize(width, 1080)
        widths.append(room.window.side.width())

    assert widths == [384, 461, 520]


def test_the_note_is_that_of_the_model_that_counts_now(open_room, qtbot):
    """It stands at the count and in About, however the model was exchanged."""
    room = open_room([plaza()])
    notes = [""]
    room.window.connect_outside(Outside(model_note=lambda: notes[-1]))
    assert room.window.readout.note.toPlainText() == NOTE

    notes.append("Another model.")

    qtbot.waitUntil(
        lambda: room.window.readout.note.toPlainText() == "Another model.", timeout=LIMIT_MS
    )
    assert room.window.settings.model_note == "Another model."
