"""Readings and alarm events as rows of the history, and back."""

from typing import Any, TypeAlias

from sqlalchemy import Row as DatabaseRow

from monitor.records.alarm import AlarmEvent, AlarmState
from monitor.records.reading import Reading
from monitor.store.schema import from_us, to_us

RowValues: TypeAlias = dict[str, str | int | float | None]
"""A row to be written, by column."""


def reading_row(reading: Reading) -> RowValues:
    """Give a reading as a row."""
    return {
        "camera": storable(reading.camera),
        "at_us": to_us(reading.at_utc),
        "count": reading.count,
        "low": reading.low,
        "high": reading.high,
        "variance": reading.variance,
        "smoothed": reading.smoothed,
        "quality": reading.quality.value,
        "truth": reading.truth,
    }


def event_row(event: AlarmEvent) -> RowValues:
    """Give an alarm event as a row."""
    return {
        "camera": storable(event.camera),
        "at_us": to_us(event.at_utc),
        "before": event.before.value,
        "after": event.after.value,
        "value": event.value,
        "high": event.limit,
        "who": storable(event.who),
        "note": storable(event.note),
    }


def event_from_row(row: DatabaseRow[Any]) -> AlarmEvent:
    """Give an alarm event from a row of the journal."""
    return AlarmEvent(
        camera=row.camera,
        at_utc=from_us(row.at_us),
        before=AlarmState(row.before),
        after=AlarmState(row.after),
        value=row.value,
        limit=row.high,
        who=row.who,
        note=row.note,
    )


def storable(text: str) -> str:
    """Replace what no database takes: NUL and halves of characters, as a paste may bring them."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
