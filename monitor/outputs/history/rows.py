"""Readings and alarm events as rows of the history, and back."""

import math
from typing import Any, TypeAlias

from sqlalchemy import Row as DatabaseRow

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.reading import Reading
from monitor.core.rule import Priority
from monitor.core.zone import ZoneReading
from monitor.outputs.history.rollups import Sample
from monitor.outputs.history.schema import WHOLE_PICTURE, from_us, to_us

RowValues: TypeAlias = dict[str, str | int | float | None]
"""A row to be written, by column."""


def is_storable(reading: Reading) -> bool:
    """Say whether a reading has numbers; one without would hold up all that come after it."""
    parts: tuple[Reading | ZoneReading, ...] = (reading, *reading.zones)
    return all(math.isfinite(part.count) and math.isfinite(part.smoothed) for part in parts)


def reading_row(reading: Reading) -> RowValues:
    """Give the whole picture of a reading as a row."""
    crowding = reading.crowding
    return {
        "camera": storable(reading.camera),
        "at_us": to_us(reading.at_utc),
        "count": reading.count,
        "low": _finite(reading.low),
        "high": _finite(reading.high),
        "variance": _finite(reading.variance),
        "smoothed": reading.smoothed,
        "quality": reading.quality.value,
        "truth": _finite(reading.truth),
        "density_mean_m2": None if crowding is None else _finite(crowding.mean_m2),
        "density_peak_m2": None if crowding is None else _finite(crowding.peak_m2),
    }


def zone_rows(reading: Reading) -> list[RowValues]:
    """Give the zones of a reading as rows."""
    return [
        {
            "camera": storable(reading.camera),
            "zone": storable(zone.name),
            "at_us": to_us(reading.at_utc),
            "count": zone.count,
            "low": _finite(zone.low),
            "high": _finite(zone.high),
            "smoothed": zone.smoothed,
            "density_mean_m2": _finite(zone.density_mean_m2),
            "density_peak_m2": _finite(zone.density_peak_m2),
            "level_of_service": zone.level_of_service,
            "quality": reading.quality.value,
        }
        for zone in reading.zones
    ]


def samples_of(reading: Reading) -> list[Sample]:
    """Give what the roll-ups take of a reading: the whole picture, then each zone."""
    camera, at_us = storable(reading.camera), to_us(reading.at_utc)
    crowding = reading.crowding
    whole = Sample(
        camera=camera,
        zone=WHOLE_PICTURE,
        at_us=at_us,
        count=reading.count,
        low=_finite(reading.low),
        high=_finite(reading.high),
        quality=reading.quality,
        truth=_finite(reading.truth),
        density_mean_m2=None if crowding is None else _finite(crowding.mean_m2),
        density_peak_m2=None if crowding is None else _finite(crowding.peak_m2),
    )
    zones = [
        Sample(
            camera=camera,
            zone=storable(zone.name),
            at_us=at_us,
            count=zone.count,
            low=_finite(zone.low),
            high=_finite(zone.high),
            quality=reading.quality,
            density_mean_m2=_finite(zone.density_mean_m2),
            density_peak_m2=_finite(zone.density_peak_m2),
        )
        for zone in reading.zones
    ]
    return [whole, *zones]


def event_row(event: AlarmEvent) -> RowValues:
    """Give an alarm event as a row."""
    return {
        "camera": storable(event.camera),
        "at_us": to_us(event.at_utc),
        "before": event.before.value,
        "after": event.after.value,
        "value": _finite(event.value),
        "limit_value": event.limit,
        "who": storable(event.who),
        "note": storable(event.note),
        "alarm_id": storable(event.alarm_id),
        "priority": event.priority.value,
        "until_us": None if event.until_utc is None else to_us(event.until_utc),
    }


# The driver's row has a type for each query that only the query knows.
def event_from_row(row: DatabaseRow[Any]) -> AlarmEvent:
    """Give an alarm event from a row of the journal."""
    return AlarmEvent(
        camera=row.camera,
        at_utc=from_us(row.at_us),
        before=AlarmState(row.before),
        after=AlarmState(row.after),
        value=row.value,
        limit=row.limit_value,
        who=row.who,
        note=row.note,
        alarm_id=row.alarm_id,
        priority=Priority(row.priority),
        until_utc=None if row.until_us is None else from_us(row.until_us),
    )


def storable(text: str) -> str:
    """Replace what no database takes: NUL and halves of characters, as a paste may bring them."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _finite(value: float | None) -> float | None:
    """Give a number that can be summed up; None for what is no number."""
    return value if value is not None and math.isfinite(value) else None
