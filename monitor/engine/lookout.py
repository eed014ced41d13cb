"""Looks now and then whether a camera has moved, on a thread of its own.

A look takes some hundredths of a second; on the thread that counts, every camera would wait for it.
"""

from threading import Event

from monitor.core.worker import Worker
from monitor.scene.view import ViewGuard
from monitor.video.frame import Frame


class Lookout:
    """Shows pictures of one camera to its guard; `consider` is for one thread, the rest for any."""

    def __init__(self, camera: str, guard: ViewGuard) -> None:
        """Begin without a look.

        Args:
            camera: Its name, for the log.
            guard: What compares pictures; used by one look at a time.
        """
        self._name = f"looking-{camera}"
        self._guard = guard
        self._look: Worker | None = None

    @property
    def has_moved(self) -> bool:
        """Whether the camera stands otherwise than it did, as the last look has found."""
        return self._guard.has_moved

    @property
    def is_looking(self) -> bool:
        """Whether a look goes on."""
        return self._look is not None and self._look.is_alive

    def consider(self, frame: Frame, now_s: float) -> None:
        """Have a picture looked at, where that is due and no look goes on; returns at once.

        Args:
            frame: The picture; a damaged one says nothing.
            now_s: Monotonic clock, seconds.
        """
        if frame.is_damaged or self.is_looking or not self._guard.is_due(now_s):
            return
        self._look = Worker(self._name, lambda stop: self._check(frame, now_s, stop))
        self._look.start()

    def _check(self, frame: Frame, now_s: float, stop: Event) -> None:
        stop.set()
        self._guard.check(frame.picture.to_rgb(), now_s)
