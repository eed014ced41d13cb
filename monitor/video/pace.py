"""Time inside a recording: played at its own pace, and never running backwards."""

from threading import Event

from monitor.core.clock import Clock

_LATE_S = 1.0  # more than this behind, the reader gives up catching up: no burst after a pause
_LONGEST_GAP_S = 10.0  # a longer hole in a recording is skipped rather than sat through


class Pace:
    """Holds frames back until they are due. Used by one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._zero_s: float | None = None

    def wait_until(self, time_s: float, stop: Event) -> bool:
        """Wait until a frame is due.

        Args:
            time_s: Place of the frame in the recording, seconds; the first one is due at once.
            stop: Ends the wait.

        Returns:
            False if `stop` was set, so that the frame is not wanted any more.
        """
        now_s = self._clock.monotonic_s()
        if self._zero_s is None or not -_LATE_S <= self._zero_s + time_s - now_s <= _LONGEST_GAP_S:
            self._zero_s = now_s - time_s
        while (left_s := self._zero_s + time_s - self._clock.monotonic_s()) > 0:
            if stop.wait(left_s):
                return False
        return not stop.is_set()


class Timeline:
    """Makes the time stamps of a recording run forward. Used by one thread."""

    def __init__(self, period_s: float) -> None:
        """Begin at 0.

        Args:
            period_s: Seconds between two frames, where the stamps do not tell.
        """
        self._period_s = period_s
        self._first_s: float | None = None
        self._last_s: float | None = None

    def place(self, stamp_s: float | None) -> float:
        """Give the place of the next frame.

        Args:
            stamp_s: What the recording says, seconds from any zero; None: nothing.

        Returns:
            Seconds from the first frame; always more than the place before. A stamp that is
            missing or runs backwards, as where a loop begins again, is replaced by one period
            after the place before.
        """
        next_s = 0.0 if self._last_s is None else self._last_s + self._period_s
        if stamp_s is None:
            self._last_s = next_s
            return next_s
        if self._first_s is None:
            self._first_s = stamp_s - next_s
        place_s = stamp_s - self._first_s
        if self._last_s is not None and place_s <= self._last_s:
            self._first_s = stamp_s - next_s
            place_s = next_s
        self._last_s = place_s
        return place_s
