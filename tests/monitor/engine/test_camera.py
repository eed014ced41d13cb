"""One camera: pictures, counts, health, rates and alarms."""

import threading
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Rule
from monitor.engine.camera import Camera, RateMeter
from monitor.engine.health import StreamState
from monitor.engine.journal import Journal
from monitor.plaza.draw import Plaza
from monitor.scene.view import CHECK_EVERY_S
from monitor.settings import (
    CameraSettings,
    GroundSettings,
    LimitSettings,
    RuleSettings,
    ZoneSettings,
)
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture
from tests.rigs.clock import ManualClock
from tests.rigs.sources import gray_frame
from tests.rigs.waiting import wait_until


class Watched:
    """A camera that is fed and counted by hand."""

    def __init__(self, limit: LimitSettings | None = None, **settings: object) -> None:
        self.clock = ManualClock()
        self.readings: list[Reading] = []
        self.events: list[AlarmEvent] = []
        self.camera = Camera(
            CameraSettings.model_validate(
                {"name": "Gate", "source": "x", "limit": limit} | settings
            ),
            label="rtsp://cam/live",
            clock=self.clock,
            bell=Event(),
            journal=Journal(self.readings.append, self.events.append),
        )

    def count(
        self,
        people: float,
        *,
        is_damaged: bool = False,
        variance: float | None = None,
        truth: float | None = None,
        waited_s: float = 0.0,
        is_novel: bool = False,
    ) -> None:
        """Receive a frame now and count it at once."""
        now_s = self.clock.monotonic_s()
        frame = gray_frame(1, captured_s=now_s, is_damaged=is_damaged, truth=truth)
        self.camera.receive(frame)
        self.camera.mailbox.take()
        density = np.full((1, 1), people, dtype=np.float32)
        prediction = Prediction(density, 24, (16, 24), variance, inference_s=0.1, is_novel=is_novel)
        self.camera.record(frame, prediction, waited_s=waited_s)


def test_before_the_first_picture_there_is_no_count() -> None:
    """Not 0 people: nothing."""
    shown = Watched().camera.snapshot()

    assert (shown.frame, shown.prediction, shown.reading, shown.picture_age_s) == (None,) * 4
    assert shown.quality is Quality.LOST
    assert shown.health.state is StreamState.CONNECTING
    assert (shown.name, shown.source_label) == ("Gate", "rtsp://cam/live")


def test_a_reading_has_its_interval_its_time_and_its_truth() -> None:
    """The time is that of the picture, not of the count."""
    watched = Watched()
    captured_utc, captured_s = watched.clock.utc(), watched.clock.monotonic_s()
    frame = gray_frame(1, captured_s=captured_s, truth=7)
    watched.camera.receive(frame)
    watched.clock.advance(0.4)
    density = np.full((2, 2), 2.0, dtype=np.float32)

    prediction = Prediction(density, 8, (16, 24), 4.0, 0.4)
    (reading,) = watched.camera.record(frame, prediction, waited_s=0.0)

    assert (reading.camera, reading.count, reading.smoothed) == ("Gate", 8.0, 8.0)
    assert (reading.at_utc, reading.captured_s) == (captured_utc, captured_s)
    assert (reading.truth, reading.variance, reading.quality) == (7, 4.0, Quality.GOOD)
    half = 1.6449 * 2  # 90 % of a normal distribution lie within 1.6449 deviations
    assert (reading.low, reading.high) == pytest.approx((8 - half, 8 + half), abs=1e-3)
    assert watched.readings == [reading]
    assert watched.camera.snapshot().reading_age_s == pytest.approx(0.4)


def test_a_model_without_variance_gives_no_interval() -> None:
    """Unknown is not zero."""
    watched = Watched()

    watched.count(5)

    assert (watched.readings[0].low, watched.readings[0].high) == (None, None)


def test_counts_are_smoothed() -> None:
    """One wrong count in ten does not move the running count by half."""
    watched = Watched()

    for people in (10, 10, 10, 10, 90, 10, 10):
        watched.count(people)
        watched.clock.advance(0.5)

    assert [reading.smoothed for reading in watched.readings] == pytest.approx([10] * 7)


def test_a_lost_stream_is_never_nobody() -> None:
    """The count stays and its age grows: good, stale, lost; it never becomes 0."""
    watched = Watched(stale_after_s=3, lost_after_s=10, count_hz=2)
    watched.count(42)
    seen = []

    for _ in range(150):
        shown = watched.camera.snapshot()
        assert shown.reading is not None
        assert shown.reading.count == 42
        seen.append((shown.quality, shown.health.state))
        watched.clock.advance(0.1)

    qualities = [quality for quality, _ in seen]
    order = list(dict.fromkeys(qualities))
    assert order == [Quality.GOOD, Quality.DEGRADED, Quality.STALE, Quality.LOST]
    spacing_s = 0.5 + 0.1  # until the next count is to be expected: a period and the model's time
    assert qualities.index(Quality.STALE) == pytest.approx((3 + spacing_s) * 10, abs=1)
    assert qualities.index(Quality.LOST) == pytest.approx((10 + spacing_s) * 10, abs=1)
    assert [state for _, state in seen].index(StreamState.STALE) == pytest.approx(30, abs=1)


def test_rare_counts_are_not_stale() -> None:
    """A camera that is counted every twenty seconds, or waits that long, is in good order."""
    rare, waiting = Watched(count_hz=0.05), Watched(count_hz=2)
    rare.count(42)
    waiting.count(42, waited_s=20)

    for watched in (rare, waiting):
        for _ in range(20):
            watched.clock.advance(1.0)
            watched.camera.receive(gray_frame(2, captured_s=watched.clock.monotonic_s()))
        assert watched.camera.snapshot().quality is Quality.GOOD


def test_lost_comes_never_before_stale() -> None:
    """A site file with a short `lost_after_s` beside a long `stale_after_s` still works."""
    watched = Watched(stale_after_s=30, lost_after_s=1)
    watched.count(42)

    watched.clock.advance(20)
    assert watched.camera.snapshot().quality is not Quality.LOST
    watched.clock.advance(20)
    assert watched.camera.snapshot().quality is Quality.LOST


def test_damage_shows_in_health_and_quality() -> None:
    """A count from a smeared picture is marked, in the reading and in what is shown."""
    watched = Watched()

    watched.count(5, is_damaged=True)
    smeared = watched.camera.snapshot()
    watched.count(5)
    whole = watched.camera.snapshot()

    assert [reading.quality for reading in watched.readings] == [Quality.DEGRADED, Quality.GOOD]
    assert (smeared.quality, whole.quality) == (Quality.DEGRADED, Quality.GOOD)
    assert (whole.health.frames_damaged, whole.health.frames_received) == (1, 2)


def test_corrupt_packets_add_up() -> None:
    """Over all frames, and over losses of the stream."""
    watched = Watched()

    for number, corrupt in enumerate((0, 3, 1)):
        watched.camera.receive(replace(gray_frame(number), packets_corrupt=corrupt))
        watched.camera.fail(StreamState.UNREACHABLE, "lost", lost="no pictures")

    health = watched.camera.snapshot().health
    assert health.packets_corrupt == 4
    assert (health.reconnects, dict(health.losses)) == (3, {"no pictures": 3})


def test_a_frozen_picture_shows_in_health_and_quality() -> None:
    """It is counted like any other, but nobody is told that this is the crowd of now."""
    watched = Watched()
    frozen = replace(gray_frame(1, captured_s=watched.clock.monotonic_s()), is_frozen=True)
    prediction = Prediction(np.ones((1, 1), dtype=np.float32), 24, (16, 24), None, 0.1)

    watched.camera.receive(frozen)
    watched.camera.record(frozen, prediction, waited_s=0.0)
    shown = watched.camera.snapshot()
    watched.count(5)

    assert shown.health.state is StreamState.LIVE
    assert "does not change" in shown.health.message
    assert shown.quality is Quality.DEGRADED
    assert [reading.quality for reading in watched.readings] == [Quality.DEGRADED, Quality.GOOD]
    assert watched.camera.snapshot().health.message == ""


def test_what_decodes_is_known_from_the_newest_frame() -> None:
    """A decoder that falls back to the processor does so without a word."""
    watched = Watched()
    seen = []
    for decoder in ("NVDEC", "CPU"):
        watched.camera.receive(replace(gray_frame(1), decoder=decoder))
        seen.append(watched.camera.snapshot().health.decoder)

    assert seen == ["NVDEC", "CPU"]


def test_what_is_wrong_is_shown_until_pictures_come() -> None:
    """While a camera is looked for again, the reason stays."""
    camera = Watched().camera

    camera.fail(StreamState.UNREACHABLE, "cam: nothing listens there", lost="no pictures")
    looking = camera.snapshot().health
    camera.receive(gray_frame(1))
    found = camera.snapshot().health

    assert (looking.state, looking.message) == (
        StreamState.UNREACHABLE,
        "cam: nothing listens there",
    )
    assert (found.state, found.message) == (StreamState.LIVE, "")
    assert found.reconnects == 1


def test_an_end_and_a_stop_are_no_failures() -> None:
    """Each has its state and no message."""
    camera = Watched().camera

    camera.end()
    ended = camera.snapshot().health
    camera.halt()
    stopped = camera.snapshot().health

    assert (ended.state, ended.message) == (StreamState.ENDED, "")
    assert (stopped.state, stopped.message) == (StreamState.STOPPED, "")


def test_rates_are_those_of_the_last_seconds() -> None:
    """Frames at 10 Hz, every fifth counted."""
    watched = Watched()

    for index in range(61):
        if index % 5 == 0:
            watched.count(5)
        else:
            watched.camera.receive(gray_frame(index))
        watched.clock.advance(0.1)
    shown = watched.camera.snapshot()

    assert shown.health.rate_hz == pytest.approx(10, rel=0.05)
    assert shown.counts_hz == pytest.approx(2, rel=0.15)


LIMIT = LimitSettings(high=10, on_delay_s=1, off_delay_s=1)


def test_the_alarm_rings_is_acknowledged_and_returns() -> None:
    """Every step is an event for the journal, with the name of who acknowledged."""
    watched = Watched(LIMIT)

    def watch(people: float) -> None:
        for _ in range(40):
            watched.count(people)
            watched.clock.advance(0.5)

    watch(20)
    ringing = watched.camera.snapshot().alarm
    known = watched.camera.alarms_by_name["Gate"].acknowledge("Gate/limit", "Ann", "sent Bob")
    again = watched.camera.alarms_by_name["Gate"].acknowledge("Gate/limit", "Ann", "")
    watch(2)

    assert ringing is not None
    assert ringing.is_ringing
    assert (known, again) == (True, False)
    assert [event.after for event in watched.events] == [
        AlarmState.NORMAL,
        AlarmState.UNACKNOWLEDGED,
        AlarmState.ACKNOWLEDGED,
        AlarmState.NORMAL,
    ]
    assert [event.who for event in watched.events] == ["", "", "Ann", ""]
    assert {event.camera for event in watched.events} == {"Gate"}


def test_an_alarm_that_rings_goes_on_when_the_camera_is_lost() -> None:
    """Nobody is told that all is well because a cable was pulled; a calm alarm is suppressed."""
    ringing, calm = Watched(LIMIT), Watched(LIMIT)
    for watched, people in ((ringing, 20), (calm, 2)):
        for _ in range(20):
            watched.count(people)
            watched.clock.advance(0.5)
        for _ in range(60):
            watched.camera.tick()
            watched.clock.advance(0.5)

    states = [watched.camera.snapshot().alarm for watched in (ringing, calm)]

    assert [status.state for status in states if status] == [
        AlarmState.UNACKNOWLEDGED,
        AlarmState.SUPPRESSED,
    ]


def test_without_a_limit_there_is_no_alarm() -> None:
    """Nothing to step, nothing to acknowledge."""
    watched = Watched()
    watched.count(1e6)
    watched.camera.tick()

    assert watched.camera.snapshot().alarm is None
    with pytest.raises(KeyError, match="'Gate/limit'"):
        watched.camera.alarms_by_name["Gate"].acknowledge("Gate/limit", "Ann", "")


def test_a_limit_may_be_set_and_changed_while_running() -> None:
    """The first one begins an alarm, the next one is written down with who changed it."""
    watched = Watched()

    watched.camera.alarms_by_name["Gate"].change_rules([Rule(10)], "Ann")
    watched.camera.alarms_by_name["Gate"].change_rules([Rule(20)], "Bob")
    status = watched.camera.snapshot().alarm

    assert status is not None
    assert status.rule == Rule(20)
    assert [(event.who, event.limit) for event in watched.events] == [("Ann", 10), ("Bob", 20)]


LEFT = ZoneSettings(name="left", polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1)))


def test_zones_are_in_the_reading_and_ring() -> None:
    """Half of the picture lies on the left, and so do half of its people."""
    rule = RuleSettings(name="side", zone="left", limit=5, on_delay_s=0)
    watched = Watched(zone=(LEFT,), rule=(rule,))

    watched.count(10)

    (zone,) = watched.readings[0].zones
    assert (zone.name, zone.count) == ("left", pytest.approx(5.0))
    assert watched.readings[0].count == 10
    shown = watched.camera.snapshot()
    assert shown.zones == (LEFT.to_zone(),)
    assert [(one.alarm_id, one.state.value) for one in shown.alarms] == [
        ("Gate/side", "unacknowledged"),
        ("Gate/stream", "normal"),
    ]


def test_a_strange_scene_is_told_in_the_reading() -> None:
    """The count may be far off, and everybody who sees it sees that."""
    watched = Watched()

    watched.count(5, is_novel=True)

    assert watched.readings[0].quality is Quality.OUT_OF_DISTRIBUTION
    assert watched.camera.snapshot().quality is Quality.OUT_OF_DISTRIBUTION


def are_looks_over() -> bool:
    """Whether nobody looks whether a camera has moved."""
    return not any("looking-" in one.name for one in threading.enumerate())


def test_a_moved_camera_is_told_where_zones_are_marked() -> None:
    """A square, and the same turned by a tenth of the picture, for three looks; then it is told."""
    marked, plain = Watched(zone=(LEFT,)), Watched()
    square = Plaza(9, 1, (640, 360)).render(0.0).image.copy()
    density = np.ones((45, 80), dtype=np.float32)

    for watched in (marked, plain):
        for image in [square] + [np.roll(square, 64, axis=1)] * 3:
            frame = Frame(ArrayPicture(image), 0, 0.0, watched.clock.monotonic_s())
            watched.camera.record(frame, Prediction(density, 8, (360, 640), None, 0.1), waited_s=0)
            wait_until(are_looks_over, "the picture is compared")
            watched.clock.advance(CHECK_EVERY_S)
        watched.camera.record(frame, Prediction(density, 8, (360, 640), None, 0.1), waited_s=0)
        wait_until(are_looks_over, "the picture is compared")

    assert marked.readings[-2].quality is Quality.GOOD
    assert marked.readings[-1].quality is Quality.UNCALIBRATED
    assert plain.readings[-1].quality is Quality.GOOD


def test_a_lost_camera_rings_by_itself() -> None:
    """Without any rule, at the priority that the site file says."""
    watched = Watched(stream_alarm_after_s=7, stream_alarm_priority="high")
    watched.count(5)

    for _ in range(40):
        watched.clock.advance(0.5)
        watched.camera.tick()

    (event,) = watched.events
    stale_s = 3 + 0.5 + 0.1  # the count is stale after the time set, a period and the model's time
    assert (event.alarm_id, event.priority.value) == ("Gate/stream", "high")
    assert (event.at_utc - watched.readings[0].at_utc).total_seconds() == pytest.approx(
        stale_s + 7, abs=1.0
    )


def test_an_alarm_is_shelved_and_comes_back() -> None:
    """By its id, with who and why in the journal."""
    watched = Watched(LimitSettings(high=10, on_delay_s=0, off_delay_s=0))
    watched.count(20)

    watched.camera.alarms_by_name["Gate"].shelve("Gate/limit", "Ann", duration_s=60, reason="drill")
    watched.count(20)
    shelved = watched.camera.snapshot().alarm
    back = watched.camera.alarms_by_name["Gate"].unshelve("Gate/limit", "Bob")

    assert shelved is not None
    assert (shelved.state, shelved.shelved_reason) == (AlarmState.SHELVED, "drill")
    assert back
    assert [(event.after, event.who) for event in watched.events] == [
        (AlarmState.UNACKNOWLEDGED, ""),
        (AlarmState.SHELVED, "Ann"),
        (AlarmState.UNACKNOWLEDGED, "Bob"),
    ]


def test_zones_and_rules_change_while_pictures_come() -> None:
    """A ringing alarm goes on ringing, the new zone is counted with the next picture."""
    watched = Watched(LimitSettings(high=10, on_delay_s=0))
    watched.count(20)
    before = watched.camera.settings
    rule = RuleSettings(name="side", zone="left", limit=5, on_delay_s=0)

    after = before.model_copy(update={"zone": (LEFT,), "rule": (rule,)})
    watched.camera.adjust(after, "Ann")
    watched.clock.advance(0.5)
    watched.count(20)

    shown = watched.camera.snapshot()
    assert [one.state for one in shown.alarms[:2]] == [AlarmState.UNACKNOWLEDGED] * 2
    assert [zone.name for zone in watched.readings[-1].zones] == ["left"]
    assert watched.camera.settings == after


def test_another_ground_measures_the_next_picture() -> None:
    """It is told at once, laid out with the next picture, and taken away; rules stay."""
    watched = Watched(limit=LimitSettings(high=500))
    square = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    ground = GroundSettings(rectangle=square, sides_m=(3.0, 2.0), aspect=1.5)
    watched.count(12)

    before_ground = watched.camera.settings
    watched.camera.adjust(before_ground.model_copy(update={"ground": ground}), "Ann")
    before = watched.camera.snapshot()

    def is_laid_out() -> bool:
        watched.count(12)
        shown = watched.camera.snapshot().ground
        return shown is not None and shown.part is not None

    wait_until(is_laid_out, "the ground is laid out")
    after = watched.camera.snapshot()
    watched.camera.adjust(before_ground, "Ann")

    assert before.ground is not None
    assert (before.ground.part, before.sure_blocks) == (None, None)
    assert after.ground is not None
    assert after.ground.settings == ground
    assert after.ground.part is not None
    assert watched.camera.snapshot().ground is None
    assert [one.limit for one in watched.camera.snapshot().rules] == [500]


@pytest.mark.parametrize("rate_hz", [0.5, 2.0, 25.0])
def test_a_steady_rate_is_what_it_is(rate_hz: float) -> None:
    """Events at equal distances give their rate, right after the last as before the next."""
    meter = RateMeter(window_s=5.0)
    now_s = 100.0
    for _ in range(round(10 * rate_hz) + 1):
        meter.mark(now_s)
        now_s += 1 / rate_hz

    assert meter.rate_hz(now_s - 1 / rate_hz) == pytest.approx(rate_hz)
    assert meter.rate_hz(now_s) == pytest.approx(rate_hz)


def test_the_rate_of_what_has_stopped_falls_to_nothing() -> None:
    """Never up, and 0 once the window is empty."""
    meter = RateMeter(window_s=5.0)
    for number in range(51):
        meter.mark(number / 10)

    rates = [meter.rate_hz(5.0 + wait_s / 10) for wait_s in range(60)]

    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(10.0)
    assert rates[20] < 8.0
    assert rates[-1] == 0.0


def test_less_than_two_events_are_no_rate() -> None:
    """One event says nothing of a rate, and two at one moment neither."""
    meter = RateMeter()

    assert meter.rate_hz(0.0) == 0.0
    meter.mark(1.0)
    assert meter.rate_hz(1.0) == 0.0
    meter.mark(1.0)
    assert meter.rate_hz(1.0) == 0.0


def test_several_marks_at_once_are_a_rate_too() -> None:
    """Every second event is told, each for two: the rate is that of all."""
    one_by_one, in_pairs = RateMeter(), RateMeter()
    for number in range(101):
        one_by_one.mark(number / 25)
        if number % 2 == 0:
            in_pairs.mark(number / 25, times=2)

    assert in_pairs.rate_hz(4.0) == pytest.approx(one_by_one.rate_hz(4.0), rel=0.02)
