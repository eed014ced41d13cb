"""Questions to the history, on a connection that somebody else opened."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from monitor.records.alarm import AlarmEvent
from monitor.store.rows import event_from_row, storable
from monitor.store.schema import alarm_journal, from_us, readings


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


def select_points(
    connection: Connection, camera: str, *, span_us: tuple[int, int], points_max: int
) -> tuple[HistoryPoint, ...]:
    """Give the counts of a camera, averaged over stretches of equal length.

    Args:
        connection: To a history of this version.
        camera: Name of the camera.
        span_us: From, and up to but without, microseconds since 1970.
        points_max: Stretches that the span is cut into; one without readings gives no point.

    Returns:
        Points in order of time.
    """
    start_us, stop_us = span_us
    stretch_us = math.ceil((stop_us - start_us) / points_max)
    column = readings.c
    stretch = ((column.at_us - start_us) // stretch_us).label("stretch")
    query = (
        select(
            func.min(column.at_us).label("first_us"),
            func.max(column.at_us).label("last_us"),
            func.avg(column["count"]).label("mean"),
            func.min(column.low).label("low"),
            func.max(column.high).label("high"),
            func.avg(column.truth).label("truth"),
        )
        .where(column.camera == storable(camera))
        .where(column.at_us >= start_us, column.at_us < stop_us)
        .group_by(stretch)
        .order_by(stretch)
    )
    return tuple(
        HistoryPoint(
            at_utc=from_us((row.first_us + row.last_us) // 2),
            count=row.mean,
            low=row.low,
            high=row.high,
            truth=row.truth,
        )
        for row in connection.execute(query)
    )


def select_events(
    connection: Connection, camera: str | None, *, span_us: tuple[int, int]
) -> tuple[AlarmEvent, ...]:
    """Give the alarm journal of a time, of one camera or of all, in the order of writing."""
    column = alarm_journal.c
    query = select(alarm_journal).where(column.at_us >= span_us[0], column.at_us < span_us[1])
    if camera is not None:
        query = query.where(column.camera == storable(camera))
    return tuple(event_from_row(row) for row in connection.execute(query.order_by(column.id)))


def delete_old_readings(connection: Connection, before_us: int, *, rows_max: int) -> int:
    """Delete the oldest readings.

    Args:
        connection: To a history of this version.
        before_us: Readings of this moment and later stay, microseconds since 1970.
        rows_max: Most rows to delete.

    Returns:
        Rows deleted.
    """
    column = readings.c
    oldest = select(column.id).where(column.at_us < before_us).order_by(column.id).limit(rows_max)
    return connection.execute(delete(readings).where(column.id.in_(oldest))).rowcount
