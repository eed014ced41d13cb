"""How a count changes, and when it may reach a limit: the same at every frame rate."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RATE_WINDOW_S = 60.0
"""Over how long a change is measured: a minute, so that people per minute is just a difference."""
_GAP_S = 15.0  # after a longer break nobody knows what happened in between
FORECAST_S = 30 * 60.0
"""How far ahead a limit is looked for; further ahead a straight line says nothing of a crowd."""


class MinuteChange:
    """How many more there are than a minute ago. Lives on the thread that counts."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque()

    def update(self, value: float, at_s: float) -> float | None:
        """Take in a running count and give its change over the last minute.

        Args:
            value: Running count, people.
            at_s: When, seconds on a monotonic clock; a break of more than 15 s, or a step back,
                begins anew.

        Returns:
            People more than a minute ago, by a straight line between the two samples around that
            moment; None until there is one.
        """
        if self._samples and not 0 <= at_s - self._samples[-1][0] <= _GAP_S:
            self._samples.clear()
        self._samples.append((at_s, value))
        then_s = at_s - RATE_WINDOW_S
        while len(self._samples) > 2 and self._samples[1][0] <= then_s:
            self._samples.popleft()
        (before_s, before), (after_s, after) = (
            self._samples[0],
            self._samples[min(1, len(self._samples) - 1)],
        )
        if before_s > then_s:
            return None
        part = (then_s - before_s) / (after_s - before_s) if after_s > before_s else 0.0
        return value - (before + part * (after - before))


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a limit may be reached if things go on as they do."""

    per_minute: float
    """Robust slope of the values, in their unit per minute."""
    in_s: float | None
    """Seconds from the last value until the limit; 0: it is reached now; None: not within the
    time looked ahead."""


def forecast(
    values: Sequence[tuple[float, float]],
    limit: float,
    *,
    is_low: bool = False,
    horizon_s: float = FORECAST_S,
) -> Forecast | None:
    """Say when a limit may be reached, from the trend of the last minutes.

    Args:
        values: Pairs of seconds and value, in order of time; the last minutes, some hundreds.
        limit: The limit, in the unit of the values.
        is_low: Whether it is reached from above.
        horizon_s: How far ahead to look, seconds.

    Returns:
        The answer; None where there are fewer than three moments to draw a line through.

    Source:
        Theil-Sen: the median of the slopes between all pairs. It stands up to 29 % of wrong
        values. The line is laid through the median of what it leaves over.
    """
    points = np.asarray(values, dtype=np.float64).reshape(-1, 2)
    points = points[:: max(1, math.ceil(len(points) / _POINTS_MAX))]
    at_s, value = points.T
    first, second = np.triu_indices(len(points), k=1)
    apart_s = at_s[second] - at_s[first]
    if len(np.unique(at_s)) < 3:
        return None
    slopes = (value[second] - value[first])[apart_s > 0] / apart_s[apart_s > 0]
    slope = float(np.median(slopes))
    now_s = float(values[-1][0])
    now = float(np.median(value - slope * (at_s - now_s)))
    sign = -1.0 if is_low else 1.0
    missing, speed = sign * (limit - now), sign * slope
    if missing <= 0:
        return Forecast(60 * slope, 0.0)
    in_s = missing / speed if speed > 0 else math.inf
    return Forecast(60 * slope, in_s if in_s <= horizon_s else None)


_POINTS_MAX = 300  # pairs grow with the square: 45 thousand slopes take 2 ms
