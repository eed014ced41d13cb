"""What the outputs are told of a camera now and then, whether or not there is a new reading.

A reading that does not come is news too: a stream that is lost must not leave yesterday's count
standing in somebody's dashboard.
"""

from dataclasses import dataclass

from monitor.core.alarm import AlarmStatus
from monitor.core.reading import Quality, Reading


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera now, as the outputs show it."""

    name: str
    stream: str
    """What the stream is doing: connecting, live, stale, …"""
    quality: Quality
    """How far the newest count can be trusted now; LOST: there is no count."""
    reading: Reading | None
    """Newest reading; None before the first."""
    age_s: float | None
    """Seconds since the counted picture was captured; None before the first."""
    picture_age_s: float | None
    """Seconds since the newest frame arrived; None before the first."""
    counts_hz: float
    """Counts a second over the last seconds."""
    frames_received: int
    frames_dropped: int
    """Frames that were never counted because a newer one came; this is as it should be."""
    frames_damaged: int
    packets_corrupt: int
    """Packets that were missing, came corrupt, or could not be decoded."""
    losses: tuple[tuple[str, int], ...]
    """How often the stream was lost, for each reason that there was."""
    alarms: tuple[AlarmStatus, ...]

    @property
    def current(self) -> Reading | None:
        """The newest reading while it says something about now; None once the count is lost."""
        return None if self.quality is Quality.LOST else self.reading
