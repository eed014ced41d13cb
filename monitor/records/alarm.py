"""What an alarm is set to, where it stands, and what happened to it: the records of alarms.

The words are those of ISA-18.2 / EN 62682, which control rooms know. The machine that moves an
alarm between its states is `monitor.analysis.alarm`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Limit:
    """A count that must not be reached, and how patiently it is watched."""

    high: float
    """People; the alarm's condition holds while the smoothed count is at this or above."""
    dead_band: float | None = None
    """People below `high` that the count must fall before the condition ends; None: 10 % of it."""
    on_delay_s: float = 10.0
    """Seconds that the condition must hold without a break before the alarm rings."""
    off_delay_s: float = 15.0
    """Seconds that the condition must be gone without a break before the alarm returns."""
    confidence: float | None = None
    """Probability that the limit is reached which the reading must show, 0 to 1; None: no such
    demand, the smoothed count decides."""

    def __post_init__(self) -> None:
        if not self.high > 0:
            raise ValueError(f"a limit must be more than 0 people, not {self.high}")
        if self.dead_band is not None and not 0 <= self.dead_band < self.high:
            raise ValueError(f"dead band {self.dead_band} must lie between 0 and the limit")
        if min(self.on_delay_s, self.off_delay_s) < 0:
            raise ValueError("delays cannot be negative")
        if self.confidence is not None and not 0 < self.confidence < 1:
            raise ValueError(f"confidence {self.confidence} must lie between 0 and 1")

    @property
    def returns_below(self) -> float:
        """Count under which the condition ends, people."""
        default_share = 0.1  # ISA-18.2 practice is 1-5 % for flow and level; a crowd is noisier
        band = self.high * default_share if self.dead_band is None else self.dead_band
        return self.high - band


class AlarmState(StrEnum):
    """Where an alarm stands, in the words of ISA-18.2."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    """The limit is reached and nobody has said that they know: it rings."""
    ACKNOWLEDGED = "acknowledged"
    """The limit is reached and somebody knows."""
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"
    """The limit is no longer reached, but nobody has said that they knew."""
    SUPPRESSED = "suppressed"
    """The stream is not live, so the limit cannot be judged; the stream's own alarm stands."""


@dataclass(frozen=True, slots=True)
class AlarmStatus:
    """Where one alarm stands now."""

    state: AlarmState
    since_utc: datetime
    """When this state was entered."""
    limit: Limit
    value: float | None = None
    """Smoothed count that was judged last; None before the first reading."""

    @property
    def is_ringing(self) -> bool:
        """Whether the alarm calls for a person now."""
        return self.state is AlarmState.UNACKNOWLEDGED


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """One transition of one alarm, as the journal keeps it."""

    camera: str
    at_utc: datetime
    before: AlarmState
    after: AlarmState
    value: float | None
    """Smoothed count at the transition; None where there was no reading."""
    high: float
    """The limit then, people."""
    who: str = ""
    """Who caused it, for an acknowledgement; empty where the count did."""
    note: str = ""
    """What they wrote, or why the program did it."""
