"""Counting: the newest pictures, in turn, at the rate that was asked for, whatever fails."""

import logging
from collections import Counter as Tally
from collections.abc import Sequence
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alarm import AlarmEvent
from monitor.core.arrays import RgbImage
from monitor.core.errors import ModelError
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality, Reading
from monitor.core.worker import Worker
from monitor.engine.camera import Camera
from monitor.engine.counting import Counting, Turn, in_turn, next_due_s, wait_until_turn_s
from monitor.engine.journal import Journal
from monitor.settings import CameraSettings
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture
from tests.rigs.clock import ManualClock
from tests.rigs.counters import FailingCounter, FixedCounter
from tests.rigs.load import scaled_s
from tests.rigs.sources import gray_frame


class Site:
    """Some cameras that are fed and counted by hand."""

    def __init__(self, counter: FixedCounter, **rates_hz: float) -> None:
        self.clock = ManualClock()
        self.bell = Event()
        self.readings: list[Reading] = []
        self.events: list[AlarmEvent] = []
        journal = Journal(self.readings.append, self.events.append)
        self.cameras = [
            Camera(
                CameraSettings(name=name, source="x", count_hz=rate_hz),
                label="x",
                clock=self.clock,
                bell=self.bell,
                journal=journal,
            )
            for name, rate_hz in rates_hz.items()
        ]
        self.counting = Counting(self.cameras, counter, clock=self.clock, bell=self.bell)

    def feed(self, index: int) -> None:
        """Give every camera a frame."""
        for camera in self.cameras:
            camera.receive(gray_frame(index, captured_s=self.clock.monotonic_s()))

    def count_all(self) -> None:
        """Count until no camera is ready."""
        while self.counting.count_one():
            pass

    def tally(self) -> Tally[str]:
        """Say how often each camera was counted."""
        return Tally(reading.camera for reading in self.readings)


@pytest.mark.parametrize(
    ("turns", "order"),
    [
        ([], []),
        ([Turn(0, None)], []),
        ([Turn(11, 5)], []),
        ([Turn(10, 5)], [0]),
        ([Turn(9, 9.5), Turn(8, 9), Turn(7, 9.9)], [1, 0, 2]),
        ([Turn(9.9, 1), Turn(9.8, 2)], [1, 0]),
    ],
    ids=["nobody", "no-frame", "not-due", "due", "by-frame", "by-due"],
)
def test_who_waits_longest_is_next(turns: list[Turn], order: list[int]) -> None:
    """Ready is who is due and has a frame, from the later of the two."""
    assert in_turn(turns, now_s=10) == order


@pytest.mark.parametrize(
    ("turns", "wait_s"),
    [([], 0.5), ([Turn(10.2, 5)], 0.2), ([Turn(99, 5), Turn(10.3, None)], 0.5), ([Turn(1, 2)], 0)],
    ids=["nobody", "soon", "later", "now"],
)
def test_the_thread_sleeps_until_somebody_is_due(turns: list[Turn], wait_s: float) -> None:
    """A camera without a frame is woken for by the bell, not by the time."""
    assert wait_until_turn_s(turns, now_s=10) == pytest.approx(wait_s)


@given(st.floats(0.1, 60), st.lists(st.floats(0, 0.9), min_size=1, max_size=50))
def test_counts_keep_in_step(rate_hz: float, delays: list[float]) -> None:
    """Small delays do not add up: after n counts, n periods have passed."""
    period_s = 1 / rate_hz
    due_s = 100.0

    for delay in delays:
        due_s = next_due_s(due_s, now_s=due_s + delay * period_s, period_s=period_s)

    assert due_s == pytest.approx(100.0 + len(delays) * period_s)


def test_missed_counts_are_not_caught_up() -> None:
    """After a minute without a turn there is one count, not a hundred and twenty."""
    assert next_due_s(100.0, now_s=160.0, period_s=0.5) == 160.5


def test_each_camera_is_counted_at_its_rate() -> None:
    """Frames at 20 Hz, counts at 2 and 5 Hz: ten seconds give 20 and 50 counts, within one."""
    site = Site(FixedCounter(8), slow=2, fast=5)

    for index in range(200):
        site.feed(index)
        site.count_all()
        site.clock.advance(0.05)

    assert site.tally()["slow"] == pytest.approx(20, abs=1)
    assert site.tally()["fast"] == pytest.approx(50, abs=1)


def test_no_picture_is_counted_twice() -> None:
    """Without a new frame there is no new count, however much time passes."""
    site = Site(FixedCounter(8), only=2)
    site.feed(0)
    site.count_all()

    site.clock.advance(60)
    site.count_all()

    assert site.tally() == {"only": 1}


def test_the_newest_picture_is_counted() -> None:
    """The four that came before it are dropped and counted as such."""
    counter = FixedCounter(8)
    site = Site(counter, only=2)

    for index in range(5):
        site.feed(index)
    site.count_all()

    assert [int(picture[0, 0, 0]) for picture in counter.pictures] == [4]
    assert site.cameras[0].snapshot().health.frames_dropped == 4


def test_a_slow_model_starves_nobody() -> None:
    """Each count takes 0.3 s, six cameras want 2 a second each: all get the same share."""
    site = Site(FixedCounter(8), a=2, b=2, c=2, d=2, e=2, f=2)

    for index in range(60):
        site.feed(index)
        site.counting.count_one()
        site.clock.advance(0.3)

    assert set(site.tally().values()) == {10}


def test_a_greedy_camera_takes_nothing_from_a_modest_one() -> None:
    """One camera wants 60 a second of a model that gives 4; the other still gets its 1."""
    site = Site(FixedCounter(8), greedy=60, modest=1)

    for index in range(80):
        site.feed(index)
        site.counting.count_one()
        site.clock.advance(0.25)

    assert site.tally()["modest"] == pytest.approx(20, abs=1)
    assert sum(site.tally().values()) == 80


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModelError("plaza.onnx: out of memory"), "plaza.onnx: out of memory"),
        (RuntimeError("shape [1,3]"), "The model failed (RuntimeError: shape [1,3])."),
    ],
    ids=["expected", "unexpected"],
)
def test_a_failing_model_is_survived(
    error: Exception, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The last count stays and is degraded, the reason is shown and logged once; then it heals."""
    counter = FailingCounter(8, error)
    counter.is_failing = False
    site = Site(counter, only=2)
    site.feed(0)
    site.count_all()
    counter.is_failing = True

    for index in range(1, 4):
        site.clock.advance(0.5)
        site.feed(index)
        site.count_all()
    failing = site.cameras[0].snapshot()
    counter.is_failing = False
    site.clock.advance(0.5)
    site.feed(9)
    site.count_all()
    healed = site.cameras[0].snapshot()

    assert failing.health.message == message
    assert failing.quality is Quality.DEGRADED
    assert failing.reading is not None
    assert failing.reading.count == 8
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1
    assert (healed.health.message, healed.quality) == ("", Quality.GOOD)
    assert site.tally() == {"only": 2}


def test_the_thread_counts_as_soon_as_a_picture_comes_and_ends_on_a_stop() -> None:
    """The bell wakes it; after the stop it is gone."""
    done = Event()
    site = Site(FixedCounter(8), only=2)
    site.cameras[0]._journal = Journal(lambda _: done.set(), lambda _: None)
    worker = Worker("counting", site.counting.step, wake=site.bell.set)
    worker.start()

    site.feed(0)
    was_counted = done.wait(scaled_s(10))
    has_ended = worker.stop(scaled_s(10))

    assert was_counted
    assert has_ended


class GatheringCounter(FixedCounter):
    """Counts up to some pictures in one run, and finds as many people as their gray."""

    def __init__(self, best_batch: int, *, at_most: int = 99) -> None:
        super().__init__(8)
        self.best_batch = best_batch
        self.runs: list[list[int]] = []
        self._at_most = at_most

    def predict_many(self, images: Sequence[RgbImage]) -> list[Prediction]:
        """Count."""
        assert len({image.shape for image in images}) == 1
        if len(images) > self._at_most:
            raise ModelError("out of memory")
        self.runs.append([int(image[0, 0, 0]) for image in images])
        return [self.predict(image) for image in images]


def frame_of_size(gray: int, size_hw: tuple[int, int]) -> Frame:
    """Make a frame of a size."""
    return Frame(ArrayPicture(np.full((*size_hw, 3), gray, dtype=np.uint8)), 0, 0.0, 1000.0)


def test_cameras_of_one_size_are_counted_in_one_run() -> None:
    """Up to what the counter wants; the others come next."""
    counter = GatheringCounter(3)
    site = Site(counter, a=2, b=2, c=2, d=2, e=2)
    for number, camera in enumerate(site.cameras):
        camera.receive(gray_frame(number, captured_s=site.clock.monotonic_s()))

    site.count_all()

    assert counter.runs == [[0, 1, 2], [3, 4]]
    assert site.tally() == dict.fromkeys("abcde", 1)


class WorkingPicture:
    """A picture that takes its time to be turned into RGB."""

    size_hw = (2, 2)

    def __init__(self, clock: ManualClock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Let time pass."""
        self._clock.advance(self._seconds)
        return np.zeros((2, 2, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("counter", "queued_s", "batch_size"),
    [
        # One after the other: the second waits for the first's 0.2 s, too.
        (FixedCounter(8), [3.0, 3.2], 1),
        (GatheringCounter(2), [3.0, 3.0], 2),
    ],
    ids=["alone", "together"],
)
def test_a_reading_tells_where_its_picture_spent_its_time(
    counter: FixedCounter, queued_s: list[float], batch_size: int
) -> None:
    """Three seconds in the row, 0.2 s into RGB, what decoder and model say of themselves."""
    site = Site(counter, a=2, b=2)
    for camera in site.cameras:
        picture = WorkingPicture(site.clock, 0.2)
        camera.receive(Frame(picture, 0, 0.0, site.clock.monotonic_s(), decode_s=0.05))
    site.clock.advance(3.0)

    site.count_all()

    stages = [reading.stages for reading in site.readings]
    assert [one.queue_s for one in stages] == pytest.approx(queued_s)
    assert [one.preprocess_s for one in stages] == pytest.approx([0.2, 0.2])
    assert [one.decode_s for one in stages] == [0.05, 0.05]
    assert [one.inference_s for one in stages] == [0.01, 0.01]
    assert [one.batch_size for one in stages] == [batch_size] * 2


def test_only_pictures_of_one_size_share_a_run() -> None:
    """The size of the camera whose turn it is decides; nobody is passed over for long."""
    counter = GatheringCounter(8)
    site = Site(counter, a=2, b=2, c=2, d=2)
    sizes = [(16, 24), (32, 48), (16, 24), (32, 48)]
    for number, (camera, size) in enumerate(zip(site.cameras, sizes, strict=True)):
        camera.receive(frame_of_size(number, size))

    site.count_all()

    assert counter.runs == [[0, 2], [1, 3]]


def test_a_run_that_is_too_large_is_halved(caplog: pytest.LogCaptureFixture) -> None:
    """No count is lost, and the card is not asked for as much again."""
    counter = GatheringCounter(8, at_most=2)
    site = Site(counter, a=2, b=2, c=2, d=2)

    for index in range(3):
        site.feed(index)
        site.count_all()
        site.clock.advance(0.5)

    assert site.tally() == dict.fromkeys("abcd", 3)
    assert [len(run) for run in counter.runs] == [2, 2, 2, 2]
    assert "too many" in caplog.text


def test_a_bad_camera_costs_the_others_of_its_run_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What one camera makes of its count may fail; the rest of the batch is counted, and told."""
    site = Site(GatheringCounter(8), A=2.0, B=2.0, C=2.0)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a zone of no size")

    monkeypatch.setattr(site.cameras[0], "record", fail)
    site.feed(0)
    site.count_all()

    assert dict(site.tally()) == {"B": 1, "C": 1}
    assert "Counting A failed" in caplog.text
    assert "ZeroDivisionError" in site.cameras[0].snapshot().health.message


def test_a_new_counter_begins_with_its_own_size() -> None:
    """That the old one could not take so many says nothing of it."""
    site = Site(GatheringCounter(8, at_most=2), a=2, b=2, c=2, d=2)
    site.feed(0)
    site.count_all()
    better = GatheringCounter(8)

    site.counting.use(better)
    site.clock.advance(0.5)
    site.feed(1)
    site.count_all()

    assert [len(run) for run in better.runs] == [4]


@given(
    rates_hz=st.lists(st.floats(0.5, 30), min_size=1, max_size=6),
    costs_s=st.lists(st.floats(0.01, 0.5), min_size=5, max_size=20),
    best_batch=st.integers(1, 8),
)
def test_no_camera_starves(rates_hz: list[float], costs_s: list[float], best_batch: int) -> None:
    """Whoever waits is passed over by no more runs than there are other cameras."""
    rates = {f"camera {number}": rate for number, rate in enumerate(rates_hz)}
    site = Site(GatheringCounter(best_batch), **rates)
    due = dict.fromkeys(rates, 0)

    for index in range(60):
        site.feed(index)
        before = site.tally()
        ready = {
            camera.name
            for camera, turn in zip(site.cameras, site.counting._turns(), strict=True)
            if turn.ready_s is not None and turn.ready_s <= site.clock.monotonic_s()
        }
        site.counting.count_one()
        after = site.tally()
        for name in rates:
            is_passed_over = name in ready and after[name] == before[name]
            due[name] = due[name] + 1 if is_passed_over else 0
            assert due[name] < len(rates)
        site.clock.advance(costs_s[index % len(costs_s)])
