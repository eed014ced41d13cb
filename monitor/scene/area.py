"""One reading of an area from those of its cameras.

A sum that lacks a part is no sum: with one camera lost, the whole is lost. Where cameras see the
same ground, the others still see it: the whole is then only doubtful.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.core.interval import count_interval
from monitor.core.reading import Quality, Reading
from monitor.core.zone import Area, Combine, Crowding

_WORSE = (
    Quality.GOOD,
    Quality.DEGRADED,
    Quality.UNCALIBRATED,
    Quality.OUT_OF_DISTRIBUTION,
    Quality.STALE,
    Quality.LOST,
)
_WITHOUT_COUNT = frozenset({Quality.STALE, Quality.LOST})


@dataclass(frozen=True, slots=True)
class Part:
    """What a member of an area says now."""

    reading: Reading | None
    """Of the camera, or of one of its zones; None: there is none."""
    quality: Quality
    """How far it can be trusted now."""


def part_of(reading: Reading | None, zone: str | None, quality: Quality) -> Part:
    """Take a member's part out of its camera's newest reading.

    Args:
        reading: Newest reading of the camera; None: there is none.
        zone: Name of the zone; None: the whole picture.
        quality: How far the camera's count can be trusted now.

    Returns:
        The part; lost where the camera has no such zone.
    """
    if reading is None or zone is None:
        return Part(reading, quality)
    found = reading.zone(zone)
    if found is None:
        return Part(None, Quality.LOST)
    of_zone = replace(
        reading,
        count=found.count,
        low=found.low,
        high=found.high,
        variance=found.variance,
        smoothed=found.smoothed,
        per_minute=found.per_minute,
        crowding=found.crowding,
        zones=(),
        truth=None,
    )
    return Part(of_zone, quality)


def area_quality(parts: Sequence[Part], how: Combine) -> Quality:
    """Say how far an area's count can be trusted.

    Args:
        parts: What each member says; one or more.
        how: Whether they add up or see the same.

    Returns:
        That of the worst member; where they see the same ground and one still sees it, no worse
        than the best of them, but doubtful.
    """
    qualities = sorted((one.quality for one in parts), key=_WORSE.index)
    best, worst = qualities[0], qualities[-1]
    if how is Combine.SUM or worst not in _WITHOUT_COUNT or best in _WITHOUT_COUNT:
        return worst
    return max(best, Quality.DEGRADED, key=_WORSE.index)


def combine(area: Area, parts: Sequence[Part]) -> Reading | None:
    """Make one reading of an area.

    Args:
        area: Which area.
        parts: What each member says now, in the area's order.

    Returns:
        The reading, as old as its oldest part; None where there is nothing to make it of.
    """
    usable = [one.reading for one in parts if one.reading is not None]
    if area.combine is Combine.MAX:
        fresh = [one.reading for one in parts if one.quality not in _WITHOUT_COUNT]
        usable = [one for one in fresh if one is not None] or usable
    elif len(usable) < len(parts):
        return None
    if not usable:
        return None
    oldest = min(usable, key=lambda one: one.captured_s)
    whole = _most(usable) if area.combine is Combine.MAX else _sum(usable)
    return replace(
        whole,
        camera=area.name,
        at_utc=oldest.at_utc,
        captured_s=oldest.captured_s,
        quality=area_quality(parts, area.combine),
        zones=(),
    )


def _most(readings: Sequence[Reading]) -> Reading:
    """Take the camera that sees most people, and the fullest spot that any of them sees."""
    most = max(readings, key=lambda one: one.smoothed)
    crowdings = [one.crowding for one in readings if one.crowding is not None]
    return replace(most, crowding=max(crowdings, key=_fullness, default=None))


def _sum(readings: Sequence[Reading]) -> Reading:
    count = sum(one.count for one in readings)
    variance = _total([one.variance for one in readings])
    bounds = None if variance is None else count_interval(count, variance)
    return replace(
        readings[0],
        count=count,
        low=None if bounds is None else bounds[0],
        high=None if bounds is None else bounds[1],
        variance=variance,
        smoothed=sum(one.smoothed for one in readings),
        per_minute=_total([one.per_minute for one in readings]),
        truth=_total([one.truth for one in readings]),
        crowding=_joined([one.crowding for one in readings]),
    )


def _total(values: Sequence[float | None]) -> float | None:
    """Add up; unknown where one is unknown. Variances of different cameras add up too."""
    known = [one for one in values if one is not None]
    return sum(known) if len(known) == len(values) else None


def _joined(crowdings: Sequence[Crowding | None]) -> Crowding | None:
    """Join different pieces of ground: the mean by area, the peak and the level of the fullest."""
    known = [one for one in crowdings if one is not None]
    area_m2 = sum(one.area_m2 for one in known)
    if not known or len(known) < len(crowdings) or not area_m2 > 0:
        return None
    people = [one.mean_m2 * one.area_m2 for one in known]
    total = sum(people)
    peaks = [one.peak_m2 for one in known if one.peak_m2 is not None]
    unsure = sum(one.unsure_share * number for one, number in zip(known, people, strict=True))
    return Crowding(
        area_m2=area_m2,
        mean_m2=total / area_m2,
        peak_m2=max(peaks, default=None),
        level=max(known, key=_fullness).level,
        unsure_share=unsure / total if total > 0 else 0.0,
    )


def _fullness(crowding: Crowding) -> float:
    return max(crowding.mean_m2, crowding.peak_m2 or 0.0)
