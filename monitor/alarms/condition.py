"""Whether the condition of a rule holds: the number it is about, and how well it can be seen.

Good pictures are judged fully. Doubtful ones (damaged, too seldom, a camera that has moved, a scene
that the model does not know) may begin an alarm but never end one. Without a count of now nothing
is judged: what stands goes on standing.
"""

from dataclasses import dataclass
from enum import Enum, auto

from monitor.core.interval import probability_at_least
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Level, Measure, Rule
from monitor.core.zone import Crowding


class Sight(Enum):
    """How well a rule can be judged."""

    CLEAR = auto()
    """Fully."""
    DOUBTFUL = auto()
    """It may begin an alarm, but never end one."""
    BLIND = auto()
    """Not at all."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The number that a rule is about."""

    value: float
    """In the unit of the rule's measure."""
    variance: float | None = None
    """In the same unit, squared; None: not known."""


_SIGHT = {
    Quality.GOOD: Sight.CLEAR,
    Quality.DEGRADED: Sight.DOUBTFUL,
    Quality.UNCALIBRATED: Sight.DOUBTFUL,
    Quality.OUT_OF_DISTRIBUTION: Sight.DOUBTFUL,
    Quality.STALE: Sight.BLIND,
    Quality.LOST: Sight.BLIND,
}


def sight_of(rule: Rule, quality: Quality) -> Sight:
    """Say how well a rule can be judged by counts of a quality.

    Args:
        rule: What is watched for.
        quality: How far the newest count can be trusted.

    Returns:
        Clear for the stream's own rule, which is about just that; also for the whole count of a
        camera that has only been moved.
    """
    if rule.measure is Measure.STREAM:
        return Sight.CLEAR
    needs_place = rule.zone is not None or rule.measure in {Measure.DENSITY, Measure.PEAK_DENSITY}
    if quality is Quality.UNCALIBRATED and not needs_place:
        return Sight.CLEAR
    return _SIGHT[quality]


def measured(reading: Reading, rule: Rule) -> Measured | None:
    """Find the number that a rule is about in a reading.

    Args:
        reading: Newest reading.
        rule: What is watched for; not a rule on the stream, which no reading knows of.

    Returns:
        Its value; None where the reading does not have it: no such zone, no ground plane, no
        minute to look back on yet.
    """
    part = reading if rule.zone is None else reading.zone(rule.zone)
    if part is None:
        return None
    match rule.measure:
        case Measure.COUNT:
            return Measured(part.smoothed, part.variance)
        case Measure.RATE:
            return None if part.per_minute is None else Measured(part.per_minute)
        case Measure.DENSITY:
            return _density(part.crowding, part.variance)
        case Measure.PEAK_DENSITY:
            peak = None if part.crowding is None else part.crowding.peak_m2
            return None if peak is None else Measured(peak)
        case Measure.STREAM:
            return None


def _density(crowding: Crowding | None, variance: float | None) -> Measured | None:
    if crowding is None or not crowding.area_m2 > 0:
        return None
    spread = None if variance is None else variance / crowding.area_m2**2
    return Measured(crowding.mean_m2, spread)


def is_reached(found: Measured, rule: Rule, *, was_reached: bool) -> bool:
    """Say whether the condition of a rule holds.

    Args:
        found: The number that it is about.
        rule: What is watched for. Its confidence is ignored where no variance is known: an alarm
            that is too eager is better than none.
        was_reached: Whether the condition held before.

    Returns:
        True from the value that is at the limit (with the confidence asked for) until one that
        is beyond the dead band (and no longer has that confidence even in the dead band's edge).
    """
    sign = -1.0 if rule.level is Level.LOW else 1.0  # a low limit is a high one in the mirror
    edge = sign * (rule.returns_at if was_reached else rule.limit)
    value = sign * found.value
    by_value = value >= edge
    if rule.confidence is None or found.variance is None:
        return by_value
    probability = probability_at_least(edge, count=value, variance=found.variance)
    is_sure = probability >= rule.confidence
    return (by_value or is_sure) if was_reached else is_sure
