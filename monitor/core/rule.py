"""What an alarm watches for: the rules that a safety officer sets.

The words are those of ISA-18.2 / EN 62682, which control rooms know. Whether a rule's condition
holds is decided in `monitor.alarms.condition`, what follows in `monitor.alarms.machine`.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

STREAM_RULE_NAME = "stream"
"""Name of the alarm that every camera has without being asked: it can no longer be counted."""


class Measure(StrEnum):
    """What is compared with the limit."""

    COUNT = "count"
    """People, smoothed."""
    DENSITY = "density"
    """People per m², averaged over the zone; needs a ground plane."""
    PEAK_DENSITY = "peak density"
    """People per m² where it is fullest, in a window of 4 m²; needs a ground plane."""
    RATE = "rate of change"
    """People more than a minute ago; fewer are negative."""
    STREAM = "stream"
    """Seconds for which the camera has given no count that can be relied on."""

    @property
    def unit(self) -> str:
        """Unit of values and limits, as it is written."""
        return _UNITS[self]


class Level(StrEnum):
    """On which side of the limit the danger lies."""

    LOW = "low"
    """At the limit or below."""
    HIGH = "high"
    """At the limit or above."""
    HIGH_HIGH = "high-high"
    """At the limit or above: the second and more urgent of two."""


class Priority(StrEnum):
    """How soon somebody must act."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


_UNITS = {
    Measure.COUNT: "people",
    Measure.DENSITY: "people/m²",
    Measure.PEAK_DENSITY: "people/m²",
    Measure.RATE: "people/min",
    Measure.STREAM: "s",
}
_DEAD_BAND_SHARE = 0.1  # ISA-18.2 practice is 1-5 % for flow and level; a crowd is noisier


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit on one number of one camera, and how patiently it is watched."""

    limit: float
    """In the unit of the measure; at it the condition begins."""
    name: str = "limit"
    """How people call it; unique in a camera, without a slash."""
    measure: Measure = Measure.COUNT
    level: Level = Level.HIGH
    zone: str | None = None
    """Name of the zone that is watched; None: the whole picture."""
    priority: Priority = Priority.MEDIUM
    dead_band: float | None = None
    """How far back over the limit the value must go before the condition ends; None: 10 % of it."""
    on_delay_s: float = 10.0
    """Seconds that the condition must hold without a break before the alarm rings."""
    off_delay_s: float = 15.0
    """Seconds that the condition must be gone without a break before the alarm returns."""
    is_latching: bool = False
    """Whether it rings on, even when the condition is gone, until somebody acknowledges it."""
    realarm_after_s: float = 600.0
    """Seconds after an acknowledgement at which it rings again if it still stands; 0: never."""
    confidence: float | None = None
    """Probability that the limit is reached which the reading must show, 0 to 1; None: no such
    demand, the smoothed value decides."""

    def __post_init__(self) -> None:
        if not self.name.strip() or "/" in self.name:
            raise ValueError(f"a rule needs a name without a slash, not {self.name!r}")
        self._check_limit()
        if self.dead_band is not None and not 0 <= self.dead_band < math.inf:
            raise ValueError(f"dead band {self.dead_band} must be 0 or more")
        if not min(self.on_delay_s, self.off_delay_s, self.realarm_after_s) >= 0:
            raise ValueError("delays cannot be negative")
        if self.confidence is not None and not 0 < self.confidence < 1:
            raise ValueError(f"confidence {self.confidence} must lie between 0 and 1")

    def _check_limit(self) -> None:
        if not math.isfinite(self.limit):
            raise ValueError(f"a limit must be a number, not {self.limit}")
        if self.measure is Measure.RATE:
            return
        if not self.limit > 0:
            raise ValueError(f"a limit must be more than 0 {self.unit}, not {self.limit}")
        is_upper = self.level is not Level.LOW
        if is_upper and self.dead_band is not None and not self.dead_band < self.limit:
            raise ValueError(f"dead band {self.dead_band} must lie between 0 and the limit")

    @property
    def unit(self) -> str:
        """Unit of the limit, as it is written."""
        return self.measure.unit

    @property
    def returns_at(self) -> float:
        """Value beyond which the condition ends: below it, or above it for a low limit."""
        share = _DEAD_BAND_SHARE * abs(self.limit)
        band = share if self.dead_band is None else self.dead_band
        return self.limit + band if self.level is Level.LOW else self.limit - band


def stream_rule(*, after_s: float = 5.0, priority: Priority = Priority.MEDIUM) -> Rule:
    """Give the rule of a camera's own alarm, which rings when it can no longer be counted.

    Args:
        after_s: Seconds without a count that can be relied on before it rings, more than 0.
        priority: How soon somebody must act.

    Returns:
        A rule that returns after the count was there again for as long.
    """
    return Rule(
        limit=after_s,
        name=STREAM_RULE_NAME,
        measure=Measure.STREAM,
        priority=priority,
        on_delay_s=0.0,
        off_delay_s=after_s,
    )
