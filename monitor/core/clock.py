"""Where time comes from, so that tests can move it and a jump of the wall clock harms nobody."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two clocks: one that only runs forward, one that people read."""

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment; never jumps, use it for every duration and age."""
        ...

    def utc(self) -> datetime:
        """The time of day, with its time zone UTC; may jump, use it only to show and store."""
        ...


class SystemClock:
    """The clocks of this machine; safe to use from any thread."""

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment; never jumps."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time of day, with its time zone UTC."""
        return datetime.now(UTC)
