"""A running count: calm enough to act on, and the same at every frame rate.

Two stages. The median of the last few counts throws out single wrong ones (a smeared frame, a
flash). A first-order low-pass then follows what is left with a time constant in seconds, so that
counting twice as often does not make the count twice as nervous.
"""

import math
from collections import deque
from statistics import median

TIME_CONSTANT_S = 5.0
"""How slowly a count follows a crowd: slower than a passing group, faster than an on-delay."""

_MEDIAN_SAMPLES = 5  # two wrong counts in a row are thrown out; costs two samples of delay
_MEMORY_TIME_CONSTANTS = 6.0  # exp(-6) = 0.25 %: what the low-pass still remembers of the past


def smooth_towards(
    previous: float, measured: float, *, elapsed_s: float, time_constant_s: float
) -> float:
    """Move a running count towards a new measurement.

    A step in the measurement is followed to 63 % after one time constant and to 95 % after three.

    Args:
        previous: Running count before this measurement, people.
        measured: Count in the newest frame, people.
        elapsed_s: Time since the previous measurement; 0 leaves the count as it was.
        time_constant_s: How slowly to follow; more than 0.

    Returns:
        Running count, people; between `previous` and `measured`.

    Raises:
        ValueError: If elapsed_s is negative or time_constant_s is not positive.

    Source:
        Exact solution of time_constant · dy/dt = x − y over one step with x held:
        y += (x − y) · (1 − exp(−elapsed / time_constant)).
    """
    if elapsed_s < 0:
        raise ValueError(f"elapsed time {elapsed_s} s is negative")
    if not time_constant_s > 0:
        raise ValueError(f"time constant {time_constant_s} s must be more than 0")
    share = -math.expm1(-elapsed_s / time_constant_s)
    moved = previous + (measured - previous) * share
    return min(max(moved, min(previous, measured)), max(previous, measured))


class CountSmoother:
    """The running count of one camera.

    Lives on the thread that counts; not safe to share.
    """

    def __init__(self, *, time_constant_s: float = TIME_CONSTANT_S) -> None:
        if not (math.isfinite(time_constant_s) and time_constant_s > 0):
            raise ValueError(f"time constant {time_constant_s} s must be more than 0")
        self._time_constant_s = time_constant_s
        self._samples: deque[tuple[float, float]] = deque(maxlen=_MEDIAN_SAMPLES)
        self._running: float | None = None

    def update(self, count: float, at_s: float) -> float:
        """Take in one count and give the running count.

        A count with the time stamp of the one before replaces it. A clock that went backwards
        starts the filter's time anew from there and leaves the running count where it was. After
        a break of more than six time constants nothing is left of the past.

        Args:
            count: People in the newest picture.
            at_s: When the picture was captured, seconds on a monotonic clock.

        Returns:
            Running count, people; the count itself the first time.

        Raises:
            ValueError: If the count or the time is not a finite number.
        """
        if not (math.isfinite(count) and math.isfinite(at_s)):
            raise ValueError(f"count {count} at {at_s} s is not a number")
        elapsed_s = self._take_in(count, at_s)
        middle = median(value for _, value in self._samples)
        if self._running is None:
            self._running = middle
        else:
            self._running = smooth_towards(
                self._running,
                middle,
                elapsed_s=elapsed_s,
                time_constant_s=self._time_constant_s,
            )
        return self._running

    def _take_in(self, count: float, at_s: float) -> float:
        """Add a sample to the window and give the seconds since the one before it."""
        previous_s = self._samples[-1][0] if self._samples else at_s
        if at_s < previous_s:
            # Old stamps would look like the future and never expire.
            self._samples = deque(
                ((at_s, value) for _, value in self._samples), maxlen=_MEDIAN_SAMPLES
            )
        elif at_s == previous_s and self._samples:
            self._samples.pop()
        self._samples.append((at_s, count))
        oldest_s = at_s - _MEMORY_TIME_CONSTANTS * self._time_constant_s
        while self._samples[0][0] < oldest_s:
            self._samples.popleft()
        return max(0.0, at_s - previous_s)
