"""Reading one camera: opened in turn, looked for when it is lost, with growing pauses."""

import itertools
import logging
from collections.abc import Iterator, Sequence
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import (
    AddressError,
    NotAStreamError,
    SourceError,
    StreamEndedError,
    StreamSilentError,
    UnauthorizedError,
    UnreachableError,
)
from monitor.engine.camera import Camera
from monitor.engine.health import Health, StreamState
from monitor.engine.journal import Journal
from monitor.engine.reader import Backoff, GoodStretch, OpeningRateLimiter, Reader, state_of
from monitor.settings import CameraSettings
from monitor.video.frame import Frame, FrameSource
from tests.rigs.clock import ManualClock, WaitingMovesTime
from tests.rigs.sources import ScriptedSource, gray_frame


def waits_s(losses: int, *, good_s: float = 0.0, jitter: float = 0.5) -> list[float]:
    """Lose a camera again and again; give the waits."""
    backoff, waits = Backoff(), []
    for _ in range(losses):
        backoff = backoff.after(good_s=good_s)
        waits.append(backoff.wait_s(jitter=jitter))
    return waits


def test_waits_double_up_to_half_a_minute() -> None:
    """As written in the design: from 0.5 s to 30 s."""
    assert waits_s(9) == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_camera_that_is_lost_for_weeks_does_no_harm() -> None:
    """A hundred thousand failed attempts overflow nothing."""
    assert Backoff(100_000).wait_s(jitter=0.5) == 30


@pytest.mark.parametrize(("good_s", "last_s"), [(9.9, 16), (10.0, 0.5), (3600.0, 0.5)])
def test_only_a_good_connection_starts_anew(good_s: float, last_s: float) -> None:
    """A camera that connects and breaks at once keeps its long waits."""
    backoff = Backoff(5).after(good_s=good_s)

    assert backoff.wait_s(jitter=0.5) == last_s


@given(st.integers(0, 50), st.floats(0, 1), st.booleans())
def test_waits_scatter_by_a_fifth(failures: int, jitter: float, is_slow: bool) -> None:
    """Cameras behind one switch do not come back in step; no wait is near zero."""
    backoff = Backoff(failures)
    middle_s = backoff.wait_s(jitter=0.5, is_slow=is_slow)

    wait_s = backoff.wait_s(jitter=jitter, is_slow=is_slow)

    assert wait_s == pytest.approx(middle_s, rel=0.2 + 1e-9)
    assert 0.4 - 1e-9 <= wait_s <= (72 if is_slow else 36) + 1e-9  # products of floats round


def test_a_wrong_password_is_tried_slowly_from_the_start() -> None:
    """A few quick attempts lock the account at many cameras."""
    assert Backoff(1).wait_s(jitter=0.5, is_slow=True) == 60


class StopsAfter(WaitingMovesTime):
    """Set by itself after some waits."""

    def __init__(self, clock: ManualClock, waits: int) -> None:
        super().__init__(clock)
        self._left = waits

    def wait(self, timeout: float | None = None) -> bool:
        """Jump over the wait, then count it."""
        super().wait(timeout)
        self._left -= 1
        if self._left <= 0:
            self.set()
        return self.is_set()


class HeldFrames(ScriptedSource):
    """Keeps the frames it gives, so that nothing is closed by being forgotten."""

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Follow the script."""
        self._frames = super().frames(stop)
        return self._frames


class Bench:
    """A reader whose sources follow scripts, one for each connection; the last one again."""

    def __init__(self, sources: Sequence[FrameSource | Exception]) -> None:
        self.clock = ManualClock()
        self.opened = 0
        self.shown: list[Health] = []
        self._sources = sources
        self.camera = Camera(
            CameraSettings(name="Gate", source="x"),
            label="x",
            clock=self.clock,
            bell=Event(),
            journal=Journal(lambda _: None, lambda _: None),
        )
        self._reader = Reader(self.camera, self._open, clock=self.clock, random_share=lambda: 0.5)

    def run(self, *, waits: int) -> list[float]:
        """Read until so many waits are over; give the waits."""
        stop = StopsAfter(self.clock, waits)
        self._reader.run(stop)
        return stop.waits_s

    def _open(self) -> FrameSource:
        self.shown.append(self.camera.snapshot().health)
        source = self._sources[min(self.opened, len(self._sources) - 1)]
        self.opened += 1
        if isinstance(source, Exception):
            raise source
        return source


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (UnauthorizedError("x"), StreamState.UNAUTHORIZED),
        (UnreachableError("x"), StreamState.UNREACHABLE),
        (NotAStreamError("x"), StreamState.FAILED),
        (AddressError("x"), StreamState.FAILED),
        (SourceError("x"), StreamState.FAILED),
    ],
)
def test_every_error_has_its_state(error: SourceError, state: StreamState) -> None:
    """What the operator can do differs, so the states differ."""
    assert state_of(error) is state


def test_a_lost_camera_is_looked_for_with_growing_waits() -> None:
    """0.5 s at first, 30 s at last, for ever; the reason stays on the screen meanwhile."""
    bench = Bench([UnreachableError("cam: nothing listens there")])

    waits_s = bench.run(waits=9)

    assert waits_s == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert bench.shown[0].state is StreamState.CONNECTING
    assert {health.state for health in bench.shown[1:]} == {StreamState.UNREACHABLE}
    assert bench.camera.snapshot().health.reconnects == 0, "it was never there to be lost"


@pytest.mark.parametrize(
    "error", [UnauthorizedError("no"), NotAStreamError("no"), AddressError("no")]
)
def test_what_trying_again_cannot_mend_is_tried_slowly(error: SourceError) -> None:
    """A wrong password is not sent more often than every minute."""
    bench = Bench([error])

    assert bench.run(waits=3) == [60, 60, 60]


def test_a_camera_that_starts_up_is_looked_for_soon() -> None:
    """It was there, and for a moment it answers without a stream: that is no wrong path."""
    bench = Bench([ScriptedSource([gray_frame(0)]), NotAStreamError("no such stream")])

    assert bench.run(waits=3) == [0.5, 1, 2]


def test_a_password_that_is_wrong_all_of_a_sudden_is_tried_slowly() -> None:
    """It was changed at the camera; trying the old one more often locks the account."""
    bench = Bench([ScriptedSource([gray_frame(0)]), UnauthorizedError("refused")])

    assert bench.run(waits=3) == [0.5, 60, 60]


def test_the_end_of_a_live_stream_is_a_loss() -> None:
    """Without any error: the camera is looked for again, and its frames come again."""
    bench = Bench([ScriptedSource([gray_frame(0)]), ScriptedSource([gray_frame(1), gray_frame(2)])])

    bench.run(waits=2)

    health = bench.camera.snapshot().health
    assert health.frames_received == 3
    assert health.reconnects == 2


def test_losses_are_counted_by_their_reason() -> None:
    """Silent twice, ended once; a camera that is not there was not lost again."""
    bench = Bench(
        [
            ScriptedSource([gray_frame(0), StreamSilentError("no picture")]),
            UnreachableError("not there"),
            ScriptedSource([gray_frame(1), StreamEndedError("ended")]),
            ScriptedSource([gray_frame(2), StreamSilentError("no picture")]),
            UnreachableError("not there"),
        ]
    )

    bench.run(waits=5)

    health = bench.camera.snapshot().health
    assert dict(health.losses) == {"no pictures": 2, "ended by the camera": 1}
    assert health.reconnects == 3


def test_waits_begin_anew_after_ten_good_seconds() -> None:
    """A connection that gives frames for 10 s was good; one that gives one frame was not."""

    def giving(*moments_s: float, is_damaged: bool = False) -> ScriptedSource:
        frames = [gray_frame(captured_s=at, is_damaged=is_damaged) for at in moments_s]
        return ScriptedSource([*frames, UnreachableError("lost")])

    bench = Bench(
        [
            giving(0.0),
            giving(1.0, 2.0),
            giving(10.0, 15.0, 20.0),
            giving(30.0),
            giving(40.0, 60.0, is_damaged=True),
        ]
    )

    assert bench.run(waits=5) == [0.5, 1, 0.5, 1, 2]


def test_a_good_stretch_is_broken_by_damage() -> None:
    """Ten seconds with a smeared frame in the middle are twice five."""
    stretch = GoodStretch()
    for at_s in range(11):
        stretch.add(gray_frame(captured_s=float(at_s), is_damaged=at_s == 5))

    assert stretch.seconds == 4.0


def test_a_file_ends() -> None:
    """Played to its end it is not opened again, and that is no failure."""
    bench = Bench([ScriptedSource([gray_frame(0), gray_frame(1)], is_live=False)])

    waits_s = bench.run(waits=1)

    health = bench.camera.snapshot().health
    assert (waits_s, bench.opened) == ([], 1)
    assert (health.state, health.message, health.frames_received) == (StreamState.ENDED, "", 2)


def test_a_file_that_breaks_half_way_is_not_played_again() -> None:
    """It would be counted twice; its reason is shown."""
    broken = ScriptedSource([gray_frame(0), NotAStreamError("film.mp4: broken")], is_live=False)
    bench = Bench([broken])

    waits_s = bench.run(waits=1)

    health = bench.camera.snapshot().health
    assert (waits_s, bench.opened) == ([], 1)
    assert (health.state, health.message) == (StreamState.FAILED, "film.mp4: broken")


def test_a_folder_that_is_not_there_yet_is_looked_for() -> None:
    """A disk that is mounted late: slowly, until it is there."""
    folder = ScriptedSource([gray_frame(0)], is_live=False)
    bench = Bench([AddressError("pictures: there is no such folder"), folder])

    waits_s = bench.run(waits=5)

    assert waits_s == [60]
    assert bench.camera.snapshot().health.state is StreamState.ENDED


def test_a_file_that_cannot_be_opened_yet_is_looked_for() -> None:
    """The source exists, but its first read fails: nothing was counted, so nothing is doubled."""
    late = ScriptedSource([AddressError("film.mp4: cannot be read")], is_live=False)
    bench = Bench([late, ScriptedSource([gray_frame(0)], is_live=False)])

    waits_s = bench.run(waits=5)

    assert waits_s == [60]
    assert bench.camera.snapshot().health.state is StreamState.ENDED


def test_a_bug_in_a_source_is_survived_and_its_text_not_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A foreign error may hold the address with the password: only its kind and place are told."""
    caplog.set_level(logging.DEBUG)
    bug = KeyError("rtsp://op:S3CRET@cam/live")
    bench = Bench([ScriptedSource([gray_frame(0), bug]), ScriptedSource([gray_frame(1)])])

    bench.run(waits=2)

    health = bench.shown[1]
    assert (health.state, health.frames_received) == (StreamState.FAILED, 1)
    assert "KeyError" in health.message
    assert "KeyError" in caplog.text
    assert "sources.py" in caplog.text
    assert "S3CRET" not in caplog.text + health.message


def test_a_camera_that_stays_lost_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """One warning when it is lost, none for each attempt after."""
    caplog.set_level(logging.WARNING)
    bench = Bench([UnreachableError("cam: nothing listens there")])

    bench.run(waits=50)

    assert [record.getMessage() for record in caplog.records] == [
        "Gate: cam: nothing listens there"
    ]


def test_a_stop_closes_the_stream_on_its_own_thread() -> None:
    """The frame after the stop is not handed on, and the source is closed before `run` returns."""
    bench = Bench([])
    stop = WaitingMovesTime(bench.clock)
    source = HeldFrames([gray_frame(0), stop.set, gray_frame(1), gray_frame(2)])
    bench._sources = [source]

    bench._reader.run(stop)

    health = bench.camera.snapshot().health
    assert source.is_closed
    assert (health.state, health.message) == (StreamState.STOPPED, "")
    assert health.frames_received <= 2


def test_a_stop_while_it_fails_is_a_stop() -> None:
    """What breaks because of the stop is not reported as a failure."""
    bench = Bench([])
    stop = WaitingMovesTime(bench.clock)
    bench._sources = [ScriptedSource([stop.set, UnreachableError("stopped")])]

    bench._reader.run(stop)

    assert bench.camera.snapshot().health.state is StreamState.STOPPED
    assert stop.waits_s == []


def test_many_cameras_are_opened_one_after_the_other() -> None:
    """Readers that share a rate_limiter wait for their turn before they open anything."""
    rate_limiter = OpeningRateLimiter(0.1)
    benches = [Bench([ScriptedSource([gray_frame(0)], is_live=False)]) for _ in range(4)]
    waits_s = []
    for bench in benches:
        bench._reader = Reader(
            bench.camera, bench._open, clock=bench.clock, rate_limiter=rate_limiter
        )
        waits_s.append(sum(bench.run(waits=5)))

    assert waits_s == pytest.approx([0, 0.1, 0.2, 0.3])
    assert {bench.opened for bench in benches} == {1}


@given(
    st.lists(st.sampled_from(["whole", "damaged", "lost", "refused", "broken", "bug"]), max_size=12)
)
def test_whatever_happens_a_reader_goes_on_to_the_next_attempt(story: list[str]) -> None:
    """Whatever happens in whatever order, the reader ends where the last thing put it."""
    steps = {
        "whole": gray_frame(0),
        "damaged": gray_frame(1, is_damaged=True),
        "lost": UnreachableError("lost"),
        "refused": UnauthorizedError("no"),
        "broken": NotAStreamError("no"),
        "bug": KeyError("bug"),
    }
    sources: list[FrameSource | Exception] = [
        ScriptedSource([steps[word]])  # type: ignore[list-item]
        for word in story
    ]
    bench = Bench([*sources, ScriptedSource([gray_frame(0)], is_live=False)])

    bench.run(waits=1000)

    assert bench.camera.snapshot().health.state is StreamState.ENDED
    assert bench.opened == len(sources) + 1


def test_thirty_cameras_take_three_seconds() -> None:
    """All ask at once; each gets a moment of its own."""
    rate_limiter = OpeningRateLimiter(0.1)

    waits_s = [rate_limiter.reserve(100.0) for _ in range(30)]

    assert waits_s == pytest.approx([number / 10 for number in range(30)])


def test_who_comes_alone_does_not_wait() -> None:
    """The last opening was long ago."""
    rate_limiter = OpeningRateLimiter(0.1)
    rate_limiter.reserve(100.0)

    assert rate_limiter.reserve(100.5) == 0.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_openings_are_never_closer_than_the_spacing(gaps_s: list[float]) -> None:
    """Whenever they ask; and nobody waits longer than all before them need."""
    rate_limiter, now_s, moments_s = OpeningRateLimiter(0.25), 0.0, []
    for place, gap_s in enumerate(gaps_s):
        now_s += gap_s
        wait_s = rate_limiter.reserve(now_s)
        moments_s.append(now_s + wait_s)

        assert 0 <= wait_s <= 0.25 * place + 1e-9

    gaps = [later - earlier for earlier, later in itertools.pairwise(moments_s)]
    assert all(gap >= 0.25 - 1e-9 for gap in gaps)
