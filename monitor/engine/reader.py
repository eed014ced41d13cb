"""Reading one camera: open it, hand on its frames, look for it when it is lost.

A lost camera is looked for with growing pauses. Cameras are opened one after the other: thirty that
are opened at once stall the program for a second and a switch for longer, and thirty that were lost
together would all be looked for together.
"""

import logging
import random
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from threading import Event, Lock

from monitor.core.clock import Clock
from monitor.core.errors import SourceError, UnauthorizedError, UnreachableError
from monitor.engine.camera import Camera
from monitor.engine.health import StreamState
from monitor.video.frame import Frame, FrameSource

FIRST_WAIT_S = 0.5
"""Before the first new attempt: short, because most losses are a switch that blinked."""
LONGEST_WAIT_S = 30.0
"""Never longer: a camera that is back should be seen within half a minute."""
REFUSED_WAIT_S = 60.0
"""After a wrong password or path: cameras lock an account after some attempts in a few minutes."""
GOOD_AFTER_S = 10.0
"""Seconds of whole frames that make a connection count as good; a mere connect does not."""
JITTER_SHARE = 0.2
"""Waits differ by up to this share, so that cameras behind one switch do not return in step."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The failed attempts in a row, and the wait that follows from them."""

    failures: int = 0
    """Attempts that failed since the last good connection."""

    def after(self, *, good_s: float) -> "Backoff":
        """Give the state after one more lost connection.

        Args:
            good_s: Seconds that the lost connection had been giving whole frames without a break.

        Returns:
            One failure after a good connection, one more than before otherwise.
        """
        return Backoff(1 if good_s >= GOOD_AFTER_S else self.failures + 1)

    def wait_s(self, *, jitter: float, is_slow: bool = False) -> float:
        """Give the wait before the next attempt.

        Args:
            jitter: A random number from 0 to 1.
            is_slow: Whether trying sooner cannot help (a wrong password, no video there): one
                long wait then, so that the camera does not lock the account.

        Returns:
            Seconds: 0.5, 1, 2, 4, 8, 16, 30, 30, … or 60, give or take 20 %.
        """
        doublings = min(max(0, self.failures - 1), 16)  # 2¹⁶ is far beyond the longest wait
        base_s = REFUSED_WAIT_S if is_slow else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**doublings)
        return base_s * (1 - JITTER_SHARE + 2 * JITTER_SHARE * jitter)


SPACING_S = 0.1
"""Seconds between two openings: thirty cameras are all tried within three seconds."""


class OpeningRateLimiter:
    """Hands out moments for opening; used by all reader threads."""

    def __init__(self, spacing_s: float = SPACING_S) -> None:
        """Begin.

        Args:
            spacing_s: Seconds between two openings.
        """
        self._spacing_s = spacing_s
        self._lock = Lock()
        self._free_s: float | None = None

    def reserve(self, now_s: float) -> float:
        """Take the next free moment.

        Args:
            now_s: Monotonic clock.

        Returns:
            Seconds to wait until then; 0 where nobody else opens just now.
        """
        with self._lock:
            moment_s = now_s if self._free_s is None else max(now_s, self._free_s)
            self._free_s = moment_s + self._spacing_s
        return moment_s - now_s


logger = logging.getLogger(__name__)

SourceOpener = Callable[[], FrameSource]


def state_of(error: SourceError) -> StreamState:
    """Say which state of a stream an error means."""
    if isinstance(error, UnauthorizedError):
        return StreamState.UNAUTHORIZED
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
        rate_limiter: OpeningRateLimiter | None = None,
    ) -> None:
        self._camera = camera
        self._open_source = open_source
        self._clock = clock
        self._random_share = random_share
        self._rate_limiter = OpeningRateLimiter() if rate_limiter is None else rate_limiter
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
        wait_s = self._rate_limiter.reserve(self._clock.monotonic_s())
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
        return state is StreamState.UNAUTHORIZED or (
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
