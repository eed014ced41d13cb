"""Questions of plots to the history, on a connection that somebody else opened."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Label,
    Select,
    Table,
    cast,
    func,
    null,
    select,
)

from monitor.core.reading import Quality
from monitor.outputs.history.schema import (
    HOUR_S,
    MINUTE_S,
    WHOLE_PICTURE,
    from_us,
    readings,
    rollups,
    zone_readings,
)

_SECOND_US = 1_000_000
_POINTS_SHARE_MIN = 1 / 3
"""Share of the points wanted that a roll-up must give; with fewer the plot would look coarse."""
_GAP_SHARE_MAX = 0.01
"""Share of a plot's time that may be missing at its begin before coarser records are drawn."""


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """The readings of one stretch of time, as a plot shows them."""

    at_utc: datetime
    """Middle between the first and the last of them."""
    count: float
    """Their mean count, people."""
    low: float | None
    """Lowest bound of any interval; None where the model gives none."""
    high: float | None
    """Highest bound of any interval; None where the model gives none."""
    truth: float | None
    """Mean number of people known to be there; None for every real camera."""
    count_min: float | None = None
    """Least count of any reading, people."""
    count_max: float | None = None
    """Greatest count of any reading, people."""
    readings: int = 1
    """How many readings there are."""
    good_share: float = 1.0
    """Share of them whose quality was good, 0 to 1."""
    density_mean_m2: float | None = None
    """Mean of the people per m²; None without a ground plane."""
    density_peak_m2: float | None = None
    """Most people per m² in any of them; None without a ground plane."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot: a whole picture or a zone, over a stretch of time."""

    camera: str
    """As stored."""
    zone: str
    """As stored; `WHOLE_PICTURE` for the whole picture."""
    start_us: int
    """From this moment on."""
    stop_us: int
    """Up to but without this moment; after `start_us`."""


def periods_for(span_s: float, points_max: int) -> tuple[int | None, ...]:
    """Say which records a plot should be drawn from, the best first.

    Args:
        span_s: Length of the plot, seconds.
        points_max: Points that it has room for.

    Returns:
        Lengths of roll-ups in seconds, None for the readings themselves: first the longest that
        still gives a third of the points, then the longer ones, which reach further back.
    """
    finest_first = (None, MINUTE_S, HOUR_S)
    enough = points_max * _POINTS_SHARE_MIN
    best = 0
    for place, period_s in enumerate(finest_first):
        if period_s is not None and span_s / period_s >= enough:
            best = place
    return finest_first[best:]


def select_points(
    connection: Connection, line: Line, *, points_max: int
) -> tuple[HistoryPoint, ...]:
    """Give the counts of a line, few enough to be drawn.

    Readings are kept for weeks and roll-ups for years, so what is drawn depends on how far back
    the line goes: the best records that reach as far back as any.

    Args:
        connection: To a history of this version.
        line: What is wanted.
        points_max: Stretches that the time is cut into; one without readings gives no point.

    Returns:
        Points in order of time.
    """
    span_s = (line.stop_us - line.start_us) / _SECOND_US
    periods = periods_for(span_s, points_max)
    oldest = {period_s: _oldest_us(connection, line, period_s) for period_s in periods}
    reach = min((moment for moment in oldest.values() if moment is not None), default=None)
    if reach is None:
        return ()
    goal_us = max(reach, line.start_us) + round(_GAP_SHARE_MAX * span_s * _SECOND_US)
    period_s = next(one for one in periods if _reaches(oldest[one], goal_us))
    query = _reading_query if period_s is None else _rollup_query(period_s)
    return tuple(_point(*row) for row in connection.execute(query(line, points_max)))


def _point(first_us: int, last_us: int, readings: int, good: int, *values: Any) -> HistoryPoint:
    """Give a point from a row of either question, whose columns are in this order.

    Args:
        first_us: When the first of its readings was made.
        last_us: When the last was made.
        readings: How many there are.
        good: How many of them are good.
        values: The other columns, each a number or nothing.

    Returns:
        The point.
    """
    count, count_min, count_max, low, high, truth, density_mean_m2, density_peak_m2 = values
    return HistoryPoint(
        from_us((first_us + last_us) // 2),
        count,
        low,
        high,
        truth,
        count_min,
        count_max,
        readings,
        good / readings,
        density_mean_m2,
        density_peak_m2,
    )


def _reaches(oldest_us: int | None, goal_us: int) -> bool:
    return oldest_us is not None and oldest_us <= goal_us


def _oldest_us(connection: Connection, line: Line, period_s: int | None) -> int | None:
    """Find the oldest record of a line by one look into an index."""
    if period_s is None:
        table = _table_of(line)
        query = select(table.c.at_us).where(*_is_line(table, line)).order_by(table.c.at_us)
    else:
        column = rollups.c
        query = (
            select(column.first_us)
            .where(*_is_line(rollups, line), column.period_s == period_s)
            .order_by(column.start_us)
        )
    return connection.execute(query.limit(1)).scalar()


def _table_of(line: Line) -> Table:
    return readings if line.zone == WHOLE_PICTURE else zone_readings


def _is_line(table: Table, line: Line) -> list[ColumnElement[bool]]:
    conditions = [table.c.camera == line.camera]
    if "zone" in table.c:
        conditions.append(table.c.zone == line.zone)
    return conditions


# A question's own type would name the types of all its columns; nobody could read it.
def _reading_query(line: Line, points_max: int) -> Select[Any]:
    """Ask for readings, averaged over stretches of equal length."""
    table = _table_of(line)
    column = table.c
    truth = func.avg(column.truth) if "truth" in column else null()
    stretch = _stretch(column.at_us, line.start_us, line, points_max)
    return (
        select(
            func.min(column.at_us).label("first_us"),
            func.max(column.at_us).label("last_us"),
            func.count().label("readings"),
            func.sum(cast(column.quality == Quality.GOOD.value, Integer)).label("good"),
            func.avg(column["count"]).label("mean"),
            func.min(column["count"]).label("count_min"),
            func.max(column["count"]).label("count_max"),
            func.min(column.low).label("low"),
            func.max(column.high).label("high"),
            truth.label("truth"),
            func.avg(column.density_mean_m2).label("density_mean_m2"),
            func.max(column.density_peak_m2).label("density_peak_m2"),
        )
        .where(*_is_line(table, line))
        .where(column.at_us >= line.start_us, column.at_us < line.stop_us)
        .group_by(stretch)
        .order_by(stretch)
    )


def _rollup_query(period_s: int) -> Callable[[Line, int], Select[Any]]:
    """Make the question for roll-ups of one length, joined over stretches of equal length."""

    def query(line: Line, points_max: int) -> Select[Any]:
        column = rollups.c
        period_us = period_s * _SECOND_US
        start_us = line.start_us // period_us * period_us  # the one that it begins in
        stretch = _stretch(column.start_us, start_us, line, points_max)
        number = func.sum(column.readings)
        known_truths = func.nullif(func.sum(column.truth_readings), 0)
        known_densities = func.nullif(func.sum(column.density_readings), 0)
        columns: tuple[ColumnElement[Any], ...] = (
            func.min(column.first_us).label("first_us"),
            func.max(column.last_us).label("last_us"),
            number.label("readings"),
            func.sum(column.good).label("good"),
            (func.sum(column.count_sum) / number).label("mean"),
            func.min(column.count_min).label("count_min"),
            func.max(column.count_max).label("count_max"),
            func.min(column.low).label("low"),
            func.max(column.high).label("high"),
            (func.sum(column.truth_sum) / known_truths).label("truth"),
            (func.sum(column.density_sum_m2) / known_densities).label("density_mean_m2"),
            func.max(column.density_peak_m2).label("density_peak_m2"),
        )
        return (
            select(*columns)
            .where(*_is_line(rollups, line), column.period_s == period_s)
            .where(column.start_us >= start_us, column.start_us < line.stop_us)
            .group_by(stretch)
            .order_by(stretch)
        )

    return query


def _stretch(
    moment_us: ColumnElement[int], start_us: int, line: Line, points_max: int
) -> Label[int]:
    stretch_us = math.ceil((line.stop_us - start_us) / points_max)
    return ((moment_us - start_us) // stretch_us).label("stretch")
