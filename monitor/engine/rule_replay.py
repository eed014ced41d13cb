"""Rules replayed on the history: what if, how long until a limit, how many alarms to answer.

The history keeps means over short stretches where alarms go by running values; at 10 s both say
the same to within an on-delay. Times of more than a day are asked by the minute.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alarms.load import AlarmLoad, alarm_load
from monitor.alarms.replay import FORECAST_FROM_S, PastValue, WhatIf, replay, time_to_limit
from monitor.core.alarm import AlarmEvent
from monitor.core.reading import Quality
from monitor.core.rule import Measure, Rule
from monitor.core.trend import RATE_WINDOW_S, Forecast
from monitor.outputs.history.queries import HistoryPoint

_FINE_S, _COARSE_S = 10.0, 60.0
_FINE_UP_TO = timedelta(days=1)
_GAPS = 3.0  # of the spacing: a longer break is a time without pictures


class Past(Protocol):
    """A history that can be asked, such as `monitor.outputs.history.history.History`."""

    def series(
        self, camera: str, zone: str | None, start: datetime, end: datetime, max_points: int
    ) -> tuple[HistoryPoint, ...]:
        """Give the counts of a camera or a zone over a time."""
        ...

    def events_between(
        self, start: datetime, stop: datetime, *, camera: str | None = None
    ) -> tuple[AlarmEvent, ...]:
        """Give the alarm journal of a time."""
        ...


def would_have_rung(past: Past, camera: str, rule: Rule, start: datetime, stop: datetime) -> WhatIf:
    """Say when a rule would have been active; waits for the disk, so call it on no window's thread.

    Args:
        past: The history.
        camera: Name of the camera or area.
        rule: What would have been watched for; not a rule on the stream.
        start: From this moment on.
        stop: Up to but without this moment.

    Returns:
        Every time that it would have been active.

    Raises:
        StoreError: If the history cannot be read.
        ValueError: If the time is empty, or the rule is one on the stream.
    """
    step_s = _FINE_S if stop - start <= _FINE_UP_TO else _COARSE_S
    return replay(
        _values(past, camera, rule, (start, stop), step_s), rule, blind_after_s=_GAPS * step_s
    )


def how_long_until(past: Past, camera: str, rule: Rule, now: datetime) -> Forecast | None:
    """Say when a rule's limit may be reached if the last ten minutes go on; waits for the disk.

    Args:
        past: The history.
        camera: Name of the camera or area.
        rule: What is watched for; not a rule on the stream.
        now: Time of day.

    Returns:
        The answer; None where too little is known.

    Raises:
        StoreError: If the history cannot be read.
        ValueError: If the rule is one on the stream.
    """
    start = now - timedelta(seconds=FORECAST_FROM_S + RATE_WINDOW_S)
    return time_to_limit(_values(past, camera, rule, (start, now), _FINE_S), rule)


def load_between(past: Past, start: datetime, stop: datetime) -> AlarmLoad:
    """Sum up what the alarms of a time asked of people; waits for the disk.

    Args:
        past: The history.
        start: From this moment on.
        stop: Up to but without this moment; after the start.

    Returns:
        The load; `alarm_load_csv` writes it as a file.

    Raises:
        StoreError: If the history cannot be read.
        ValueError: If the time is empty.
    """
    return alarm_load(past.events_between(start, stop), start, stop)


def _values(
    past: Past, camera: str, rule: Rule, span: tuple[datetime, datetime], step_s: float
) -> list[PastValue]:
    if rule.measure is Measure.STREAM:
        raise ValueError("the history does not tell how long a stream was away")
    points_max = max(1, round((span[1] - span[0]).total_seconds() / step_s))
    points = past.series(camera, rule.zone, *span, points_max)
    values = (
        _changes(points) if rule.measure is Measure.RATE else [_value(one, rule) for one in points]
    )
    return [
        PastValue(point.at_utc, value, None, _quality(point))
        for point, value in zip(points, values, strict=True)
    ]


def _value(point: HistoryPoint, rule: Rule) -> float | None:
    if rule.measure is Measure.DENSITY:
        return point.density_mean_m2
    if rule.measure is Measure.PEAK_DENSITY:
        return point.density_peak_m2
    return point.count


def _quality(point: HistoryPoint) -> Quality:
    return Quality.GOOD if point.good_share >= 1 / 2 else Quality.DEGRADED


def _changes(points: Sequence[HistoryPoint]) -> list[float | None]:
    """Give how many more there were than a minute before; None after the start and after breaks."""
    if not points:
        return []
    at_s = [(one.at_utc - points[0].at_utc).total_seconds() for one in points]
    changes: list[float | None] = []
    for moment_s, point in zip(at_s, points, strict=True):
        then_s = moment_s - RATE_WINDOW_S
        after = bisect_right(at_s, then_s)
        if after == 0 or at_s[after] - at_s[after - 1] > _GAPS * _COARSE_S:
            changes.append(None)
            continue
        part = (then_s - at_s[after - 1]) / (at_s[after] - at_s[after - 1])
        before = points[after - 1].count
        changes.append(point.count - (before + part * (points[after].count - before)))
    return changes
