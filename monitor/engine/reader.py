"""The thread that reads one camera: opens it, hands on its frames, looks for it when it is lost."""

import logging
import random
import traceback
from collections.abc import Callable
from contextlib import closing
from threading import Event

from monitor.clock import Clock
from monitor.engine.backoff import Backoff
from monitor.engine.camera import Camera
from monitor.engine.health import StreamState
from monitor.errors import SourceError, UnauthorisedError, UnreachableError
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
    ) -> None:
        self._camera = camera
        self._open_source = open_source
        self._clock = clock
        self._random_share = random_share
        self._backoff = Backoff()

    def run(self, stop: Event) -> None:
        """Read until the source has ended or `stop` is set."""
        while not stop.is_set():
            wait_s = self._read_once(stop)
            if wait_s is None:
                break
            stop.wait(wait_s)
        if stop.is_set():
            self._camera.halt()

    def _read_once(self, stop: Event) -> float | None:
        """Open the source and read it to its end; give the wait before the next attempt, if any."""
        self._camera.connecting()
        stretch = GoodStretch()
        is_live, has_frames = True, False
        try:
            source = self._open_source()
            is_live = source.is_live
            # Closing the generator closes the stream, on this thread, whatever happened.
            with closing(source.frames(stop)) as frames:  # type: ignore[type-var]  # is a generator
                for frame in frames:
                    has_frames = True
                    stretch.add(frame)
                    self._camera.receive(frame)
                    if stop.is_set():
                        return None
            if stop.is_set():
                return None
            if not is_live:
                self._camera.end()
                return None
            error: SourceError = UnreachableError("The stream was lost.")
        except SourceError as caught:
            error = caught
        except Exception as caught:  # noqa: BLE001 - one broken source must not end its camera
            # The text may hold an address with a password, so only the kind and place are kept.
            kind = type(caught).__name__
            places = "".join(traceback.format_tb(caught.__traceback__))
            logger.error("Reading %s failed with %s\n%s", self._camera.name, kind, places)  # noqa: TRY400
            error = SourceError(f"Reading the stream failed unexpectedly ({kind}).")
        return self._after_failure(
            error, stretch, is_lost=has_frames, can_retry=is_live or not has_frames
        )

    def _after_failure(
        self, error: SourceError, stretch: GoodStretch, *, is_lost: bool, can_retry: bool
    ) -> float | None:
        state = state_of(error)
        self._backoff = self._backoff.after(good_s=stretch.seconds)
        self._camera.fail(state, str(error), is_lost=is_lost)
        logger.warning("%s: %s", self._camera.name, error)
        if not can_retry:
            return None
        is_slow = state is not StreamState.UNREACHABLE
        return self._backoff.wait_s(jitter=self._random_share(), is_slow=is_slow)
