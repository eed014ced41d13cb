"""When a limit may be reached, said only where the trend is a trend.

A straight line can be laid through anything. It is shown to a person only where the slope differs
from none by more than the counts' own unrest explains, and with the time that it may well take:
a crowd that comes and goes must not be told as one that grows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.alarms.condition import Sight, measured, sight_of
from monitor.core.reading import Reading
from monitor.core.rule import Level, Measure, Rule
from monitor.core.trend import FORECAST_S

LOOKS_BACK_S = 600.0
"""How much of the past the trend goes by."""
_STEP_S = 15.0
"""Readings are averaged over this: three time constants of the running count, so that what is
left of its own smoothing does not look like a trend."""
_STEPS_LEAST = 12  # three minutes: less is a group that walks by
_SIGNIFICANT_Z = 2.576  # 99 %: looked at all day long on every camera
_INTERVAL_Z = 1.645  # 90 %, as all intervals of the program
_MEDIAN_ERROR = 1.2533  # standard error of a median, in that of a mean
_MAD_TO_SIGMA = 1.4826
_TIED_MOST = 0.95  # of neighboring steps; more would leave nothing to judge by

_Floats: TypeAlias = NDArray[np.float64]
_JUDGED = frozenset({Measure.COUNT, Measure.DENSITY, Measure.PEAK_DENSITY})


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a limit may be reached if things go on as they do."""

    in_s: float
    """Seconds from now, more than 0."""
    soonest_s: float
    """Bounds that should hold it in nine of ten cases, as far as a straight line is true."""
    latest_s: float | None
    """None: later than is looked ahead."""


@dataclass(frozen=True, slots=True)
class RuleOutlook:
    """The limit that may be reached first."""

    rule: Rule
    outlook: Outlook


def limit_outlook(readings: Sequence[Reading], rules: Sequence[Rule]) -> RuleOutlook | None:
    """Find the limit of a camera that may be reached first.

    Args:
        readings: Of the last ten minutes, in order of time.
        rules: What is watched for.

    Returns:
        The limit; None where none is being approached as far as one can tell, or where the newest
        count cannot be relied on.
    """
    found = []
    for rule in rules:
        if rule.measure in _JUDGED and readings:
            newest = readings[-1]
            if sight_of(rule, newest.quality) is Sight.CLEAR:
                outlook = outlook_of(_values(readings, rule), rule)
                if outlook is not None:
                    found.append(RuleOutlook(rule, outlook))
    return min(found, key=lambda one: one.outlook.in_s, default=None)


def outlook_of(
    values: Sequence[tuple[float, float]], rule: Rule, *, horizon_s: float = FORECAST_S
) -> Outlook | None:
    """Say when a limit may be reached, from the trend of the last ten minutes.

    Args:
        values: Pairs of seconds and value, in order of time; the last is of now.
        rule: Whose limit, and from which side.
        horizon_s: How far ahead to look, seconds.

    Returns:
        The answer; None where it is reached already, too little is known, the values do not
        clearly go towards it, or it lies further ahead.

    Source:
        Slope: Theil-Sen, the median of the slopes of all pairs. Its bounds: Sen 1968, from the
        variance of Kendall's S, n(n-1)(2n+5)/18, enlarged for values that hang together by
        (1+r)/(1-r) with the lag-1 correlation r of what the line leaves over (effective sample
        size; Yue, Wang 2004). The line is laid through the median in the middle of the time.
    """
    sign = -1.0 if rule.level is Level.LOW else 1.0
    at_s, value = _steps([(at, sign * one) for at, one in values])
    if len(at_s) < _STEPS_LEAST:
        return None
    first, second = np.triu_indices(len(at_s), k=1)
    slopes = np.sort((value[second] - value[first]) / (at_s[second] - at_s[first]))
    slope = float(np.median(slopes))
    middle_s = float(np.median(at_s))
    level = float(np.median(value - slope * (at_s - middle_s)))
    missing = sign * rule.limit - level
    if missing + slope * middle_s <= 0:  # the line is at the limit now
        return None
    left_over = value - level - slope * (at_s - middle_s)
    enlarged = _tied(left_over)
    if _bounds(slopes, len(at_s), enlarged * _SIGNIFICANT_Z**2)[0] <= 0:
        return None
    slowest, fastest = _bounds(slopes, len(at_s), enlarged * _INTERVAL_Z**2)
    unsure = _INTERVAL_Z * _MEDIAN_ERROR * _sigma(left_over) * math.sqrt(enlarged / len(at_s))
    in_s = missing / slope + middle_s
    if not 0 < in_s <= horizon_s:
        return None
    soonest_s = (missing - unsure) / fastest + middle_s
    latest_s = (missing + unsure) / slowest + middle_s
    return Outlook(
        in_s, min(in_s, max(0.0, soonest_s)), latest_s if in_s <= latest_s <= horizon_s else None
    )


def _values(readings: Sequence[Reading], rule: Rule) -> list[tuple[float, float]]:
    """Take out of readings what a rule is about, with seconds before the newest."""
    now_s = readings[-1].captured_s
    values = []
    for one in readings:
        at_s = one.captured_s - now_s
        found = measured(one, rule) if -LOOKS_BACK_S <= at_s <= 0 else None
        if found is not None and sight_of(rule, one.quality) is Sight.CLEAR:
            values.append((at_s, found.value))
    return values


def _steps(values: Sequence[tuple[float, float]]) -> tuple[_Floats, _Floats]:
    """Average over equal steps back from the last value; seconds before it, and means."""
    if not values:
        return np.empty(0), np.empty(0)
    points = np.asarray(values, dtype=np.float64)
    at_s = points[:, 0] - points[-1, 0]
    place = np.floor(-at_s / _STEP_S).astype(np.int64)
    number = np.bincount(place)
    is_there = number > 0
    means_s = np.bincount(place, at_s)[is_there] / number[is_there]
    means = np.bincount(place, points[:, 1])[is_there] / number[is_there]
    return means_s[::-1], means[::-1]


def _bounds(slopes: _Floats, steps: int, z_squared: float) -> tuple[float, float]:
    """Give Sen's bounds of a slope; beyond all slopes where too few were seen."""
    pairs = len(slopes)
    away = math.sqrt(z_squared * steps * (steps - 1) * (2 * steps + 5) / 18)
    low, high = math.floor((pairs - away) / 2), math.ceil((pairs + away) / 2)
    if low < 0 or high >= pairs:
        return -math.inf, math.inf
    return float(slopes[low]), float(slopes[high])


def _tied(left_over: _Floats) -> float:
    """Say by how much neighboring values that hang together enlarge a variance, 1 or more."""
    spread = float(np.square(left_over).sum())
    if spread <= 0:
        return 1.0
    together = float((left_over[1:] * left_over[:-1]).sum()) / spread
    tied = min(max(0.0, together), _TIED_MOST)
    return (1 + tied) / (1 - tied)


def _sigma(left_over: _Floats) -> float:
    return _MAD_TO_SIGMA * float(np.median(np.abs(left_over)))
