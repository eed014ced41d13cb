"""What is deleted when: by age, by the size of the history, and by the room left on its disk.

Readings go first, oldest first, then the roll-ups by the minute. Those by the hour are small and
stay. The alarm journal is never deleted here. Deleting is done a little at a time between writes,
so that no write waits long for it.
"""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, delete, func, select

from monitor.outputs.history.schema import MINUTE_S, readings, rollups, zone_readings
from monitor.settings.outputs import Retention

_ROWS_AT_ONCE = 5000  # the file is locked for writing meanwhile
_PAGES_AT_ONCE = 2000  # given back to the disk, 8 MB
_SLICE_US = 3600 * 1_000_000  # under pressure the oldest hour goes, then the next
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Room:
    """How much room a history takes and finds."""

    used_bytes: int
    """Size of what is kept, without room that was freed inside the file."""
    free_bytes: int | None
    """Room on the disk and freed inside the file; None where the database is a server."""
    rows: int
    """Readings of pictures and zones that are kept, give or take those of a deletion."""


def measure_room(connection: Connection, file: Path | None) -> Room:
    """Measure a history.

    Args:
        connection: To a history of this version.
        file: The SQLite file; None: the database is a server.

    Returns:
        The room; counted from the numbers of rows, so that it takes no time.
    """
    rows = sum(_rows_about(connection, table) for table in (readings, zone_readings))
    if file is None:
        size = connection.execute(select(func.pg_database_size(func.current_database()))).scalar()
        return Room(size or 0, None, rows)
    page_size = _pragma(connection, "page_size")
    unused = _pragma(connection, "freelist_count")
    used = _pragma(connection, "page_count") - unused
    free = shutil.disk_usage(file.parent).free + unused * page_size
    return Room(used * page_size, free, rows)


def prune(connection: Connection, retention: Retention, room: Room, *, now_us: int) -> bool:
    """Delete some of what need not be kept.

    Args:
        connection: Inside a transaction that writes.
        retention: What to keep.
        room: How much there is now.
        now_us: Time of day, microseconds since 1970.

    Returns:
        Whether there may be more to delete.
    """
    deleted = 0
    for table in (readings, zone_readings):
        before_us = now_us - _us(retention.readings_for)
        deleted += _delete_before(connection, table, before_us, _ROWS_AT_ONCE - deleted)
    before_us = now_us - _us(retention.minutes_for)
    deleted += _delete_minutes(connection, before_us, _ROWS_AT_ONCE - deleted)
    if not deleted and shortage(retention, room):
        deleted = _delete_for_room(connection, now_us - _us(retention.keeps_at_least))
    return deleted > 0


def give_back(engine: Engine, retention: Retention, room: Room) -> None:
    """Give freed pages of a SQLite file back to a disk that is short of room.

    Files made by version 1 of the tables cannot do so; the room in them is used again.

    Args:
        engine: Of a history of this version; outside any transaction.
        retention: What is to be kept.
        room: How much there is now.
    """
    if room.free_bytes is None or not shortage(retention, room):
        return
    connection = engine.raw_connection()
    try:
        # As a script: a statement alone gives back one page only.
        connection.cursor().executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
    finally:
        connection.close()


def shortage(retention: Retention, room: Room) -> str:
    """Say what a person should know of the room; empty while there is enough."""
    if room.free_bytes is not None and room.free_bytes < retention.free_bytes_min:
        return (
            f"its disk has {_gb(room.free_bytes)} left, less than the "
            f"{_gb(retention.free_bytes_min)} it should; free some space"
        )
    if room.free_bytes is not None and room.used_bytes > retention.bytes_max:
        return f"it takes {_gb(room.used_bytes)}, more than the {_gb(retention.bytes_max)} allowed"
    return ""


def _delete_for_room(connection: Connection, youngest_us: int) -> int:
    """Delete of the oldest hour of readings or, where there are none left, of minutes."""
    for table in (readings, zone_readings):
        oldest_us = _oldest_us(connection, table)
        if oldest_us is not None and oldest_us < youngest_us:
            before_us = min(oldest_us + _SLICE_US, youngest_us)
            return _delete_before(connection, table, before_us, _ROWS_AT_ONCE)
    return 0


def _oldest_us(connection: Connection, table: Table) -> int | None:
    moments = [
        connection.execute(select(func.min(table.c.at_us)).where(*is_line)).scalar_one()
        for is_line in _lines(connection, table)
    ]
    return min(moments, default=None)


def _delete_before(connection: Connection, table: Table, before_us: int, rows_max: int) -> int:
    """Delete the readings of a time, line by line: so each is found through the index."""
    column, deleted = table.c, 0
    for is_line in _lines(connection, table):
        old = select(column.id).where(*is_line, column.at_us < before_us).limit(rows_max - deleted)
        deleted += connection.execute(delete(table).where(column.id.in_(old))).rowcount
    return deleted


def _delete_minutes(connection: Connection, before_us: int, rows_max: int) -> int:
    """Delete the roll-ups by the minute of a time."""
    column, deleted = rollups.c, 0
    for is_line in _lines(connection, rollups):
        is_old = (*is_line, column.period_s == MINUTE_S, column.start_us < before_us)
        old = select(column.start_us).where(*is_old).limit(rows_max - deleted)
        gone = delete(rollups).where(*is_old, column.start_us.in_(old))
        deleted += connection.execute(gone).rowcount
    return deleted


def _lines(connection: Connection, table: Table) -> list[tuple[ColumnElement[bool], ...]]:
    """Give a condition for each camera or each zone, by one look into an index for each."""
    cameras = _values(connection, table.c.camera)
    if "zone" not in table.c:
        return [(table.c.camera == camera,) for camera in cameras]
    return [
        (table.c.camera == camera, table.c.zone == zone)
        for camera in cameras
        for zone in _values(connection, table.c.zone, table.c.camera == camera)
    ]


def _values(
    connection: Connection, column: Column[str], *conditions: ColumnElement[bool]
) -> list[str]:
    found: list[str] = []
    query = select(func.min(column)).where(*conditions)
    value = connection.execute(query).scalar()
    while value is not None:
        found.append(value)
        value = connection.execute(query.where(column > value)).scalar()
    return found


def _rows_about(connection: Connection, table: Table) -> int:
    # Asked for together SQLite would look at every row.
    first = connection.execute(select(func.min(table.c.id))).scalar()
    last = connection.execute(select(func.max(table.c.id))).scalar()
    return 0 if first is None or last is None else last - first + 1


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())


def _us(length: timedelta) -> int:
    return length // _MICROSECOND


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
