"""How often something happens, over the last seconds."""

from collections import deque


class RateMeter:
    """Counts events in a sliding window. Not locked: its owner calls it under one lock."""

    def __init__(self, *, window_s: float = 5.0) -> None:
        self._window_s = window_s
        self._moments_s: deque[float] = deque()

    def mark(self, now_s: float, *, times: int = 1) -> None:
        """Note that it happened now.

        Args:
            now_s: Monotonic clock.
            times: How often since the last mark; more than once counts as evenly spread.
        """
        before_s = self._moments_s[-1] if self._moments_s else now_s
        step_s = (now_s - before_s) / times
        self._moments_s.extend(now_s - step_s * left for left in reversed(range(times)))
        self._forget(now_s)

    def rate_hz(self, now_s: float) -> float:
        """Give the events a second in the window.

        Args:
            now_s: Monotonic clock.

        Returns:
            0 with fewer than two events in the window.

        Source:
            n events span n − 1 periods; the time since the last one counts as soon as it is
            longer than a period, so the rate of something that stopped falls at once.
        """
        self._forget(now_s)
        if len(self._moments_s) < 2:
            return 0.0
        periods = len(self._moments_s) - 1
        span_s = self._moments_s[-1] - self._moments_s[0]
        if span_s <= 0:
            return 0.0
        since_last_s = now_s - self._moments_s[-1]
        return periods / (span_s + max(0.0, since_last_s - span_s / periods))

    def _forget(self, now_s: float) -> None:
        while self._moments_s and now_s - self._moments_s[0] > self._window_s:
            self._moments_s.popleft()
