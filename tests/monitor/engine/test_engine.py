"""The engine as a window or a service uses it: started, watched, told, stopped."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.clock import Clock
from monitor.core.errors import UnreachableError
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Rule
from monitor.engine.camera import Camera
from monitor.engine.counting import Counter
from monitor.engine.engine import THREAD_PREFIX, Engine
from monitor.engine.health import StreamState
from monitor.engine.reader import Reader
from monitor.engine.snapshot import CameraSnapshot
from monitor.settings import AreaSettings, CameraSettings, LimitSettings
from monitor.video.frame import FrameSource
from tests.conftest import OWN_THREAD_PREFIX
from tests.rigs.counters import FixedCounter, HeldCounter
from tests.rigs.load import scaled_s
from tests.rigs.site import set_rules
from tests.rigs.sources import ScriptedSource, gray_frame
from tests.rigs.waiting import wait_until


def camera(
    name: str, *, source: str = "synthetic:plaza?people=3", **settings: object
) -> CameraSettings:
    """Make the settings of a camera."""
    return CameraSettings.model_validate({"name": name, "source": source} | settings)


@contextmanager
def running(engine: Engine) -> Iterator[Engine]:
    """Run an engine; it must end in time whatever happened."""
    engine.start()
    try:
        yield engine
    finally:
        assert engine.stop(10)


def own_threads() -> list[str]:
    """Name the engine's threads that are alive."""
    return [one.name for one in threading.enumerate() if one.name.startswith(THREAD_PREFIX)]


def only(engine: Engine) -> CameraSnapshot:
    """Show the only camera."""
    (shown,) = engine.snapshots()
    return shown


def scripted(*steps: object, is_live: bool = True) -> ScriptedSource:
    """Make a source that follows a script."""
    return ScriptedSource(steps, is_live=is_live)  # type: ignore[arg-type]


def engine_of(source: FrameSource, counter: Counter, **settings: object) -> Engine:
    """Make an engine with one camera that has a given source."""

    def open_it(_settings: CameraSettings, _clock: Clock) -> FrameSource:
        return source

    return Engine([camera("Gate", **settings)], counter, open_source=open_it)


def test_the_fixture_knows_the_engines_threads() -> None:
    """The guard against leaked threads looks for the name that the engine gives."""
    assert THREAD_PREFIX == OWN_THREAD_PREFIX


def test_cameras_are_read_and_counted() -> None:
    """Two plazas with known numbers: both live, both counted, each with its own truth."""
    cameras = [camera("A"), camera("B", source="synthetic:plaza?people=0&seed=2")]
    engine = Engine(cameras, FixedCounter(12))

    with running(engine):
        wait_until(lambda: all(one.reading for one in engine.snapshots()), "both are counted")
        shown = engine.snapshots()
    after = engine.snapshots()

    assert [one.name for one in shown] == ["A", "B"]
    assert {one.health.state for one in shown} == {StreamState.LIVE}
    assert {one.quality for one in shown} == {Quality.GOOD}
    for one in shown:
        assert one.reading is not None
        assert one.reading.count == 12
        assert one.counted_frame is not None
        assert one.reading.truth == one.counted_frame.truth_count
        assert one.reading.captured_s == one.counted_frame.captured_s
    assert shown[1].reading is not None
    assert shown[1].reading.truth == 0
    assert {one.health.state for one in after} == {StreamState.STOPPED}


def test_nothing_runs_before_the_start_and_after_the_stop() -> None:
    """No thread is left, and what was counted can still be read."""
    engine = Engine([camera("A")], FixedCounter(12))
    before = own_threads()

    with running(engine):
        wait_until(lambda: only(engine).reading is not None, "a count")
        while_running = own_threads()

    assert before == []
    assert sorted(while_running) == ["crowd-counting", "crowd-reader-A", "crowd-supervision"]
    assert own_threads() == []
    assert only(engine).reading is not None
    assert not engine.status().is_running


def test_an_engine_is_started_once() -> None:
    """A second start, also after a stop, is a mistake of the caller; a second stop is none."""
    engine = Engine([camera("A")], FixedCounter(12))
    with running(engine), pytest.raises(RuntimeError, match="once"):
        engine.start()

    assert engine.stop()
    with pytest.raises(RuntimeError, match="once"):
        engine.start()


def test_an_engine_that_was_never_started_stops_at_once() -> None:
    """A window that is closed before it began."""
    assert Engine([camera("A")], FixedCounter(12)).stop()


def test_stopping_does_not_wait_for_back_off() -> None:
    """A camera that waits half a minute for its next attempt ends at once."""
    engine = engine_of(scripted(UnreachableError("lost")), FixedCounter(1))

    with running(engine):
        wait_until(
            lambda: only(engine).health.state is StreamState.UNREACHABLE, "it is unreachable"
        )
        before_s = time.monotonic()
    assert time.monotonic() - before_s < scaled_s(1)


def test_a_thread_that_is_late_is_reported_and_ends_by_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A model that hangs: stop gives up in time and says so; the thread ends when it is let go."""
    counter = HeldCounter(5)
    engine = engine_of(scripted(gray_frame(0), Event(), is_live=False), counter)
    engine.start()
    assert counter.has_begun.wait(scaled_s(10))
    before_s = time.monotonic()

    has_ended = engine.stop(0.2)

    assert not has_ended
    assert time.monotonic() - before_s < scaled_s(2)
    assert "crowd-counting" in caplog.text
    counter.gate.set()


def test_a_receiver_that_never_returns_is_reported_too(caplog: pytest.LogCaptureFixture) -> None:
    """The stop gives up in time, and says who did not take what was sent."""
    gate = Event()
    engine = engine_of(scripted(gray_frame(0), Event(), is_live=False), FixedCounter(5))
    engine.subscribe("broker", on_reading=lambda _: gate.wait(scaled_s(30)) and None)
    engine.start()
    wait_until(lambda: only(engine).reading is not None, "a count")

    has_ended = engine.stop(0.5)

    assert not has_ended
    assert "crowd-to-broker" in caplog.text
    gate.set()


def test_snapshots_do_not_wait_for_a_model_that_hangs() -> None:
    """The window goes on drawing newest pictures, with the age of the last count."""
    counter = HeldCounter(5)
    hold = Event()
    engine = engine_of(scripted(gray_frame(0), gray_frame(1), hold, is_live=False), counter)

    with running(engine):
        assert counter.has_begun.wait(scaled_s(10))
        before_s = time.monotonic()
        for _ in range(100):
            shown = only(engine)
        took_s = time.monotonic() - before_s
        hold.set()
        counter.gate.set()

    assert took_s < scaled_s(1)
    assert shown.frame is not None
    assert shown.reading is None
    assert shown.quality is Quality.LOST


def test_receivers_get_every_reading_in_order() -> None:
    """Each on a thread of its own, and all that was counted before the stop is delivered."""
    engine = Engine([camera("A", count_hz=20)], FixedCounter(12))
    got: list[Reading] = []
    on_threads: set[str] = set()

    def receive(reading: Reading) -> None:
        got.append(reading)
        on_threads.add(threading.current_thread().name)

    engine.subscribe("store", on_reading=receive)
    with running(engine):
        wait_until(lambda: len(got) >= 5, "five readings")
    (status,) = engine.status().deliveries

    assert on_threads == {"crowd-to-store"}
    assert [one.captured_s for one in got] == sorted(one.captured_s for one in got)
    assert got[-1] == only(engine).reading
    assert (status.name, status.delivered, status.waiting) == ("store", len(got), 0)


def test_a_receiver_that_hangs_slows_nobody() -> None:
    """Counting goes on, and another receiver gets its readings."""
    engine = Engine([camera("A", count_hz=20)], FixedCounter(12))
    gate = Event()
    got: list[Reading] = []
    engine.subscribe("slow", on_reading=lambda _: gate.wait(scaled_s(30)) and None)
    engine.subscribe("test", on_reading=got.append)

    with running(engine):
        wait_until(lambda: len(got) >= 5, "five readings of the other")
        hanging, other = engine.status().deliveries
        gate.set()

    assert hanging.delivered == 0
    assert hanging.waiting >= 3
    assert other.delivered >= 4
    assert [one.waiting for one in engine.status().deliveries] == [0, 0]


def test_nobody_can_subscribe_to_a_stopped_engine() -> None:
    """It would wait for ever."""
    engine = Engine([camera("A")], FixedCounter(12))
    engine.stop()

    with pytest.raises(RuntimeError, match="stopped"):
        engine.subscribe("late", on_event=lambda _: None)


def test_alarms_ring_and_are_acknowledged_while_it_runs() -> None:
    """The way of an event: count, alarm, receiver; and back: name, acknowledge, journal."""
    limit = LimitSettings(high=10, on_delay_s=0, off_delay_s=0)
    engine = Engine([camera("A", count_hz=20, limit=limit)], FixedCounter(12))
    events: list[AlarmEvent] = []
    engine.subscribe("test", on_event=events.append)

    with running(engine):
        wait_until(lambda: any(e.after is AlarmState.UNACKNOWLEDGED for e in events), "it rings")
        was_ringing = engine.acknowledge("A/limit", "Ann", "on my way")
        set_rules(engine, "A", [Rule(1000, on_delay_s=0, off_delay_s=0)], "Ann")
        wait_until(
            lambda: (
                (status := only(engine).alarm) is not None and status.state is AlarmState.NORMAL
            ),
            "it is calm under the new limit",
        )

    assert was_ringing
    assert [(e.after, e.who) for e in events[-3:]] == [
        (AlarmState.ACKNOWLEDGED, "Ann"),
        (AlarmState.ACKNOWLEDGED, "Ann"),
        (AlarmState.NORMAL, ""),
    ]


def test_the_alarm_notices_that_nothing_comes() -> None:
    """No reading comes any more, so somebody else must tell the alarm: it is suppressed."""
    hold = Event()
    engine = engine_of(
        scripted(gray_frame(0, captured_s=time.monotonic()), hold, is_live=False),
        FixedCounter(5),
        stale_after_s=0.2,
        lost_after_s=0.4,
        count_hz=10,
        limit=LimitSettings(high=10),
    )
    events: list[AlarmEvent] = []
    engine.subscribe("test", on_event=events.append)

    with running(engine):
        wait_until(lambda: len(events) == 2, "normal, then suppressed")
        hold.set()

    assert [event.after for event in events] == [AlarmState.NORMAL, AlarmState.SUPPRESSED]


def test_a_camera_that_does_not_exist_is_a_mistake() -> None:
    """And so is an acknowledgement without a name."""
    engine = Engine([camera("A", limit=LimitSettings(high=1))], FixedCounter(12))

    with pytest.raises(KeyError, match="'B/limit'"):
        engine.acknowledge("B/limit", "Ann")
    with pytest.raises(ValueError, match="name"):
        engine.acknowledge("A/limit", "")


def test_a_bad_address_fails_one_camera_only() -> None:
    """Its reason is shown, without the password; the others go on."""
    cameras = [camera("A"), camera("B", source="rstp://op:S3CRET@cam/live")]
    engine = Engine(cameras, FixedCounter(12))

    with running(engine):
        wait_until(
            lambda: (
                engine.snapshots()[1].health.state is StreamState.FAILED
                and engine.snapshots()[0].reading is not None
            ),
            "A is counted, B has failed",
        )
        shown = engine.snapshots()[1]

    assert "did you mean rtsp://" in shown.health.message
    assert "S3CRET" not in repr(shown)


def test_applying_other_cameras_disturbs_no_camera_that_stays() -> None:
    """A keeps its reader and its count; B goes, C comes, D begins anew in its new form."""
    opened: list[str] = []

    def open_it(settings: CameraSettings, _clock: Clock) -> FrameSource:
        opened.append(settings.name)
        return scripted(gray_frame(0), Event())

    engine = Engine([camera("A"), camera("B"), camera("D")], FixedCounter(12), open_source=open_it)

    with running(engine):
        wait_until(lambda: all(one.reading for one in engine.snapshots()), "all are counted")
        before = engine.snapshots()[0]
        changes = engine.apply([camera("C"), camera("A"), camera("D", count_hz=5)])
        at_once = engine.snapshots()
        wait_until(lambda: all(one.reading for one in engine.snapshots()), "the new ones too")
        after = engine.snapshots()
        wait_until(lambda: "crowd-reader-B" not in own_threads(), "B's reader has ended")

    assert (changes.kept, changes.added) == (("A",), ("C",))
    assert (changes.replaced, changes.removed) == (("D",), ("B",))
    assert [one.name for one in at_once] == [one.name for one in after] == ["C", "A", "D"]
    assert after[1].reading == before.reading
    assert sorted(opened) == ["A", "B", "C", "D", "D"]


def test_an_alarm_survives_a_reload() -> None:
    """Who has acknowledged an alarm is not asked again because another camera was added."""
    limit = LimitSettings(high=10, on_delay_s=0, off_delay_s=0)
    watched = camera("A", count_hz=20, limit=limit)
    engine = Engine([watched], FixedCounter(12))

    with running(engine):
        wait_until(lambda: engine.acknowledge("A/limit", "Ann"), "it rings and is acknowledged")
        engine.apply([watched, camera("B")])
        status = engine.snapshots()[0].alarm

    assert status is not None
    assert status.state is AlarmState.ACKNOWLEDGED


def test_a_source_is_let_go_before_it_is_opened_again() -> None:
    """A webcam can be opened once: the new reader waits for the old one to close."""
    sources = [scripted(gray_frame(0), Event()), scripted(gray_frame(1), Event())]
    was_closed: list[bool] = []

    def open_it(settings: CameraSettings, _clock: Clock) -> FrameSource:
        is_second = settings.count_hz == 5
        if is_second:
            was_closed.append(sources[0].is_closed)
        return sources[is_second]

    engine = Engine([camera("A")], FixedCounter(12), open_source=open_it)
    with running(engine):
        wait_until(lambda: only(engine).reading is not None, "a count")
        engine.apply([camera("A", count_hz=5)])
        wait_until(lambda: only(engine).reading is not None, "a count of the new one")

    assert was_closed == [True]


def test_an_engine_without_cameras_takes_some_later() -> None:
    """A service that began in safe mode, or whose last camera was taken away."""
    engine = Engine([], FixedCounter(12))

    with running(engine):
        nothing = engine.snapshots()
        engine.apply([camera("A")])
        wait_until(lambda: only(engine).reading is not None, "a count")

    assert nothing == ()


def test_only_a_running_engine_takes_other_cameras() -> None:
    """Before the start and after the stop it is a mistake of the caller."""
    engine = Engine([camera("A")], FixedCounter(12))
    with pytest.raises(RuntimeError, match="runs"):
        engine.apply([])
    engine.stop()
    with pytest.raises(RuntimeError, match="runs"):
        engine.apply([])


def test_another_model_counts_from_the_next_picture_on() -> None:
    """The cameras notice nothing but the new numbers."""
    engine = Engine([camera("A", count_hz=20)], FixedCounter(12))

    with running(engine):
        wait_until(lambda: only(engine).reading is not None, "a count")
        engine.use_counter(FixedCounter(7))
        wait_until(lambda: (r := only(engine).reading) is not None and r.count == 7, "the new one")
        status = engine.status()

    assert (status.restarts, status.busy_s) == (0, 0.0)


def test_a_reader_that_dies_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever kills a thread, its camera is read again, and the status counts it."""
    deaths: list[str] = []
    run = Reader.run

    def die_once(self: Reader, stop: Event) -> None:
        if not deaths:
            deaths.append("one")
            raise ZeroDivisionError
        run(self, stop)

    monkeypatch.setattr(Reader, "run", die_once)
    engine = Engine([camera("A")], FixedCounter(12))

    with running(engine):
        wait_until(lambda: only(engine).reading is not None, "a count all the same")
        restarts = engine.status().restarts

    assert (deaths, restarts) == (["one"], 1)


def test_alarms_of_one_camera_that_fail_cost_the_others_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Time passes for the rest, and the health of the program says what fails."""
    ticks: list[str] = []
    tick = Camera.tick

    def fail_one(self: Camera) -> None:
        if self.name == "A":
            raise ZeroDivisionError
        ticks.append(self.name)
        tick(self)

    monkeypatch.setattr(Camera, "tick", fail_one)
    engine = Engine([camera("A"), camera("B")], FixedCounter(12))

    with running(engine):
        wait_until(lambda: len(ticks) >= 2, "time passes for B")
        wait_until(lambda: any(one.is_failing for one in engine.status().workers), "it is told")
        failing = [one for one in engine.status().workers if one.is_failing]

    assert [(one.name, one.is_alive, one.last_error) for one in failing] == [
        ("crowd-supervision", True, "a mistake of the program (ZeroDivisionError)")
    ]


def test_a_model_that_hangs_is_seen_in_the_status() -> None:
    """Who looks after the process learns how long the model has been busy with one picture."""
    counter = HeldCounter(5)
    engine = engine_of(scripted(gray_frame(0), Event(), is_live=False), counter)

    with running(engine):
        assert counter.has_begun.wait(scaled_s(10))
        wait_until(lambda: engine.status().busy_s > 0.05, "it is busy")
        counter.gate.set()
        wait_until(lambda: engine.status().busy_s == 0.0, "it is free")


def test_an_area_is_counted_from_its_cameras() -> None:
    """Two cameras with twelve people each are 24, and its rule rings by the area's name."""
    area = AreaSettings.model_validate({
        "name": "All",
        "member": [{"camera": "A"}, {"camera": "B"}],
        "rule": [{"name": "full", "limit": 20, "on_delay_s": 0}],
    })  # fmt: skip
    hold = Event()

    def open_it(_settings: CameraSettings, _clock: Clock) -> FrameSource:
        return scripted(gray_frame(0, captured_s=time.monotonic()), hold, is_live=False)

    cameras = [camera("A", lost_after_s=60), camera("B", lost_after_s=60)]
    engine = Engine(cameras, FixedCounter(12), areas=[area], open_source=open_it)

    with running(engine):
        wait_until(lambda: engine.areas()[0].alarms[0].is_ringing, "the area rings")
        hold.set()
        known = engine.acknowledge("All/full", "Ann")
        engine.shelve("All/full", "Ann", duration_s=60, reason="drill")
        shelved = engine.areas()[0].alarms[0].state
        engine.unshelve("All/full", "Ann")

    assert known
    assert shelved is AlarmState.SHELVED
    assert engine.areas()[0].reading.count == 24


def test_zones_and_rules_are_applied_without_reopening_a_camera() -> None:
    """Its frames go on counting; its new rule is there, under who made it."""
    engine = Engine([camera("A", limit=LimitSettings(high=1000))], FixedCounter(12))
    events: list[AlarmEvent] = []
    engine.subscribe("test", on_event=events.append)

    with running(engine):
        wait_until(lambda: only(engine).reading is not None, "a count")
        before = only(engine).health.frames_received
        changes = engine.apply([camera("A", limit=LimitSettings(high=2000))], "Ann")
        wait_until(lambda: any(one.who == "Ann" for one in events), "the change is journalled")
        shown = only(engine)

    assert changes.adjusted == ("A",)
    assert shown.alarm is not None
    assert shown.alarm.limit == 2000
    assert shown.health.frames_received >= before > 0


def test_what_stands_is_closed_when_its_camera_is_taken_away() -> None:
    """The journal does not leave an alarm ringing for ever."""
    hold = Event()
    source = scripted(gray_frame(0, captured_s=time.monotonic()), hold, is_live=False)
    engine = engine_of(
        source, FixedCounter(12), limit=LimitSettings(high=5, on_delay_s=0), lost_after_s=60
    )
    events: list[AlarmEvent] = []
    engine.subscribe("test", on_event=events.append)
    area = AreaSettings.model_validate({"name": "All", "member": [{"camera": "Gate"}]})

    with running(engine):
        wait_until(lambda: len(events) == 1, "it rings")
        engine.apply([camera("Gate", count_hz=9)], "Ann", areas=[area])
        hold.set()
        wait_until(lambda: len(events) >= 2, "it is closed")
        names = [one.name for one in engine.areas()]

    assert [(one.after, one.who, one.note) for one in events[:2]] == [
        (AlarmState.UNACKNOWLEDGED, "", "at 5 or more for 0 s"),
        (AlarmState.NORMAL, "Ann", "rule removed"),
    ]
    assert names == ["All"]
