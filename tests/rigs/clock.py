"""A clock that moves only when a test moves it, and an event that moves it by waiting."""

from datetime import UTC, datetime, timedelta
from threading import Event


class ManualClock:
    """Time stands still until `advance`."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self._now_s = now_s
        self._utc = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)  # a night that changes the clocks

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment."""
        return self._now_s

    def utc(self) -> datetime:
        """Time of day."""
        return self._utc

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_s += seconds
        self._utc += timedelta(seconds=seconds)


class WaitingMovesTime(Event):
    """A stop event: waiting for it makes the clock jump instead, and is written down."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock
        self.waits_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Jump over the wait."""
        assert timeout is not None, "nobody may wait for ever"
        self.waits_s.append(timeout)
        if not self.is_set():
            self._clock.advance(timeout)
        return self.is_set()
