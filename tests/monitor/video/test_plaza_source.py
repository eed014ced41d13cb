"""The drawn square as a camera."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event

import numpy as np
import pytest

from monitor.plaza import Plaza, read_frame_number
from monitor.video.plaza_source import PlazaSource


class HandClock:
    """A clock that moves when somebody waits on its event."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic_s(self) -> float:
        """Seconds, as set."""
        return self.now_s

    def utc(self) -> datetime:
        """The same as a date."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now_s)


class WaitingEvent(Event):
    """An event whose waiting moves the clock instead of taking time."""

    def __init__(self, clock: HandClock, ends_at_s: float = float("inf")) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._clock = clock
        self._ends_at_s = ends_at_s

    def wait(self, timeout: float | None = None) -> bool:
        """Move the clock on."""
        assert timeout is not None
        self.waits.append(timeout)
        self._clock.now_s += timeout
        if self._clock.now_s >= self._ends_at_s:
            self.set()
        return self.is_set()


SIZE = (640, 360)


def test_paced_frames_come_when_due() -> None:
    """At 5 frames a second a frame comes every 0.2 s."""
    clock = HandClock()
    source = PlazaSource(5, 1, 5.0, pace=True, clock=clock, size_wh=SIZE)

    frames = list(islice(source.frames(WaitingEvent(clock)), 5))

    assert source.is_live
    assert [frame.captured_s for frame in frames] == pytest.approx(
        [100, 100.2, 100.4, 100.6, 100.8]
    )
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


def test_late_frames_are_left_out() -> None:
    """A reader that was away for a second sees the present, not the past."""
    clock = HandClock()
    frames = PlazaSource(5, 1, 5.0, pace=True, clock=clock, size_wh=SIZE).frames(
        WaitingEvent(clock)
    )
    next(frames)
    clock.now_s += 1.03

    late = next(frames)

    assert late.index == 5
    assert late.time_s == pytest.approx(1.0)


def test_stop_ends_the_wait() -> None:
    """A stop during the wait for the next frame ends the source without it."""
    clock = HandClock()
    source = PlazaSource(5, 1, 5.0, pace=True, clock=clock, size_wh=SIZE)

    frames = list(source.frames(WaitingEvent(clock, ends_at_s=100.5)))

    assert [frame.index for frame in frames] == [0, 1, 2]


def test_a_set_stop_gives_nothing() -> None:
    """Stopped before it began, the source gives no frame."""
    stop = Event()
    stop.set()

    assert list(PlazaSource(5, 1, pace=False, clock=HandClock()).frames(stop)) == []


def test_unpaced_frames_never_wait() -> None:
    """Without a pace every moment comes, one after the other."""
    clock = HandClock()
    stop = WaitingEvent(clock)
    source = PlazaSource(3, 2, 10.0, pace=False, clock=clock, size_wh=SIZE)

    frames = list(islice(source.frames(stop), 4))

    assert not source.is_live
    assert stop.waits == []
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_frames_carry_their_number_and_truth() -> None:
    """The number is in the pixels; the truth is that of the square at that moment."""
    source = PlazaSource(40, 3, pace=False, clock=HandClock(), size_wh=SIZE)
    plaza = Plaza(40, 3, SIZE)

    for frame in islice(source.frames(Event()), 3):
        image = frame.picture.to_rgb()
        drawn = plaza.render(frame.time_s)
        assert read_frame_number(image) == frame.index
        assert frame.truth_count == drawn.truth
        assert np.array_equal(image[100:], drawn.image[100:])


def test_pictures_shrink_but_never_grow() -> None:
    """A picture is made to fit, keeping its shape."""
    source = PlazaSource(1, 3, pace=False, clock=HandClock(), size_wh=SIZE)
    picture = next(iter(source.frames(Event()))).picture

    assert picture.size_hw == (360, 640)
    assert picture.to_rgb(max_wh=(320, 1000)).shape == (180, 320, 3)
    assert picture.to_rgb(max_wh=(9999, 9999)).shape == (360, 640, 3)
    assert not picture.to_rgb().flags.writeable


def test_label_is_its_address() -> None:
    """What is shown is what was typed."""
    source = PlazaSource(120, 7, pace=True, clock=HandClock())

    assert source.label == "synthetic:plaza?people=120&seed=7"


def test_a_rate_of_nothing_is_refused() -> None:
    """A rate must be positive."""
    with pytest.raises(ValueError, match="rate"):
        PlazaSource(1, 1, 0.0, pace=True, clock=HandClock())
