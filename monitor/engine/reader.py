"""The thread that reads one camera: opens it, hands on its frames, looks for it when it is lost."""

import logging
import random
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from threading import Event

from monitor.core.clock import Clock
from monitor.core.errors import SourceError, UnauthorisedError, UnreachableError
from monitor.engine.backoff import Backoff
from monitor.engine.camera import Camera
from monitor.engine.health import StreamState
from monitor.engine.stagger import Stagger
from monitor.video.frame import Frame, FrameSource

logger = logging.getLogger(__name__)

SourceOpener = Callable[[], FrameSource]


def state_of(error: SourceError) -> StreamState:
    """Say which state of a stream an error means."""
    if isinstance(error, UnauthorisedError):
        return StreamState.UNAUTHORISED
    if isinstance(error, UnreachableError):
        return StreamState.UNREACHABLE
    return StreamState.FAILED


class GoodStretch:
    """How long whole frames have come without a break. Used by one thread."""

    def __init__(self) -> None:
        self._first_s: float | None = None
        self._last_s = 0.0

    @property
    def seconds(self) -> float:
        """Seconds between the first and the newest frame of the stretch."""
        return 0.0 if self._first_s is None else self._last_s - self._first_s

    def add(self, frame: Frame) -> None:
        """Take in a frame; a damaged one ends the stretch."""
        if frame.is_damaged:
            self._first_s = None
            return
        self._last_s = frame.captured_s
        if self._first_s is None:
            self._first_s = frame.captured_s


class Reader:
    """Keeps one camera's frames coming; `run` is a thread's body.

    A live source is looked for again for ever, with growing waits. A file or folder that cannot be
    opened is tried again at the longest wait, as its disk may come back; one that broke half-way
    is not played again.
    """

    def __init__(
        self,
        camera: Camera,
        open_source: SourceOpener,
        *,
        clock: Clock,
        random_share: Callable[[], float] = random.random,
        stagger: Stagger | None = None,
    ) -> None:
        self._camera = camera
        self._open_source = open_source
        self._clock = clock
        self._random_share = random_share
        self._stagger = Stagger() if stagger is None else stagger
        self._was_live = False
        self._backoff = Backoff()
        self._reported = ""

    def run(self, stop: Event) -> None:
        """Read until the source has ended or `stop` is set; again after it ended by mistake."""
        while not stop.is_set():
            self._await_turn(stop)
            wait_s = self._read_once(stop)
            if wait_s is None:
                break
            stop.wait(wait_s)
        if stop.is_set():
            self._camera.halt()

    def _await_turn(self, stop: Event) -> None:
        wait_s = self._stagger.reserve(self._clock.monotonic_s())
        if wait_s > 0:
            stop.wait(wait_s)

    def _read_once(self, stop: Event) -> float | None:
        """Open the source and read it to its end; give the wait before the next attempt, if any."""
        attempt = _Attempt()
        failure: SourceError | None = None
        try:
            self._play(attempt, stop)
            if not attempt.has_ended:
                failure = UnreachableError("The stream was lost.")
        except SourceError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - a broken source must not end its camera
            failure = self._unexpected(error)
        if stop.is_set():
            return None
        if failure is None:
            self._camera.end()
            return None
        return self._after_failure(failure, attempt)

    def _play(self, attempt: "_Attempt", stop: Event) -> None:
        """Hand on the frames of one connection."""
        source = self._open_source()
        frames = source.frames(stop)
        try:
            for frame in frames:
                attempt.has_frames = True
                attempt.stretch.add(frame)
                self._camera.receive(frame)
                if stop.is_set():
                    return
            attempt.has_ended = not source.is_live
        finally:
            attempt.is_live = source.is_live
            if isinstance(frames, Generator):
                frames.close()  # closes the stream, on the thread that read it

    def _unexpected(self, error: Exception) -> SourceError:
        # Its text may hold an address with a password, so only the kind and the place are kept.
        kind = type(error).__name__
        places = "".join(traceback.format_tb(error.__traceback__))
        logger.error("Reading %s failed with %s\n%s", self._camera.name, kind, places)
        return SourceError(f"Reading the stream failed unexpectedly ({kind}).")

    def _after_failure(self, failure: SourceError, attempt: "_Attempt") -> float | None:
        state = state_of(failure)
        message = str(failure)
        self._backoff = self._backoff.after(good_s=attempt.stretch.seconds)
        self._camera.fail(state, message, lost=failure.reason if attempt.has_frames else "")
        is_news = attempt.has_frames or message != self._reported
        logger.log(
            logging.WARNING if is_news else logging.DEBUG, "%s: %s", self._camera.name, message
        )
        self._reported = message
        if not attempt.is_live and attempt.has_frames:
            return None
        self._was_live = self._was_live or attempt.has_frames
        is_slow = self._is_refusal(state)
        return self._backoff.wait_s(jitter=self._random_share(), is_slow=is_slow)

    def _is_refusal(self, state: StreamState) -> bool:
        # A camera that starts up answers "no such stream" before it has one, so only one that was
        # never there is tried slowly for that. A wrong password is never right a moment later.
        return state is StreamState.UNAUTHORISED or (
            state is StreamState.FAILED and not self._was_live
        )


@dataclass(slots=True)
class _Attempt:
    """What is known of one connection."""

    stretch: GoodStretch = field(default_factory=GoodStretch)
    is_live: bool = True
    has_frames: bool = False
    has_ended: bool = False
    """Whether a recording was played to its end."""
