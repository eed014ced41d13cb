"""The alarm journal: questions to it, and the only way out of it.

The journal says who knew what and when. Nothing deletes it by itself: entries leave it only after
they have been written to a file that a person keeps.
"""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, select

from monitor.core.alarm import AlarmEvent
from monitor.core.errors import StoreError
from monitor.outputs.history.database import writing
from monitor.outputs.history.rows import event_from_row, storable
from monitor.outputs.history.schema import alarm_journal, to_us

HEADER = (
    "at_utc", "camera", "alarm_id", "priority", "before", "after", "value", "limit", "who", "note",
)  # fmt: skip
"""Columns of an exported journal; an unknown value is empty."""

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class _Entry:
    """An event and the row that it came from."""

    row_id: int
    event: AlarmEvent


def select_events(
    connection: Connection, camera: str | None, *, span_us: tuple[int, int]
) -> tuple[AlarmEvent, ...]:
    """Give the alarm journal of a time, of one camera or of all, in the order of writing."""
    column = alarm_journal.c
    query = select(alarm_journal).where(column.at_us >= span_us[0], column.at_us < span_us[1])
    if camera is not None:
        query = query.where(column.camera == storable(camera))
    return tuple(event_from_row(row) for row in connection.execute(query.order_by(column.id)))


def export_journal(engine: Engine, path: Path, *, before: datetime) -> int:
    """Write the journal up to a moment into a new file.

    Args:
        engine: Of a history of this version.
        path: A CSV file that is not there yet.
        before: Entries of this moment and later are left out.

    Returns:
        Entries written.

    Raises:
        StoreError: If the file is there or cannot be written.
    """
    with engine.connect() as connection:
        entries = _entries(connection, before)
    _write_new_file(path, [one.event for one in entries])
    return len(entries)


def move_journal(engine: Engine, path: Path, *, before: datetime) -> int:
    """Write the journal up to a moment into a new file and, once that is safe, delete it here.

    Args:
        engine: Of a history of this version.
        path: A CSV file that is not there yet.
        before: Entries of this moment and later stay.

    Returns:
        Entries moved.

    Raises:
        StoreError: If the file is there or cannot be written; then nothing is deleted.
    """
    with writing(engine) as connection:
        entries = _entries(connection, before)
        _write_new_file(path, [one.event for one in entries])
        for first in range(0, len(entries), _ROWS_AT_ONCE):
            row_ids = [one.row_id for one in entries[first : first + _ROWS_AT_ONCE]]
            connection.execute(delete(alarm_journal).where(alarm_journal.c.id.in_(row_ids)))
    return len(entries)


def _entries(connection: Connection, before: datetime) -> list[_Entry]:
    column = alarm_journal.c
    query = select(alarm_journal).where(column.at_us < to_us(before)).order_by(column.id)
    return [_Entry(row.id, event_from_row(row)) for row in connection.execute(query)]


def _write_new_file(path: Path, events: Sequence[AlarmEvent]) -> None:
    """Write a file and wait until the disk has it."""
    try:
        with path.open("x", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_cells(one) for one in events)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise StoreError(f"{path} is there already; name a new file for the journal") from error
    except OSError as error:
        raise StoreError(f"{path}: the journal cannot be written: {error.strerror}") from error


def _cells(event: AlarmEvent) -> tuple[str | float | None, ...]:
    return (
        event.at_utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        event.camera,
        event.alarm_id,
        event.priority.value,
        event.before.value,
        event.after.value,
        event.value,
        event.limit,
        event.who,
        event.note,
    )
