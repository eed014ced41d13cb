"""What is said on the broker, as JSON.

A count never goes without interval, quality, time and age. A count that is lost is null, never 0.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any, TypeAlias

from monitor.core.alarm import AlarmEvent, AlarmState, AlarmStatus
from monitor.core.reading import Reading
from monitor.core.zone import Crowding, ZoneReading
from monitor.outputs.state import CameraState

Document: TypeAlias = dict[str, Any]
"""A JSON document: its values are of many kinds."""


def encode(document: Document) -> bytes:
    """Give a document as JSON, always the same for the same document."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True).encode(
        "utf-8", "replace"
    )


def count_document(state: CameraState, part: Reading | ZoneReading | None) -> Document:
    """Say how many people are there: in the whole picture, or in one of its zones.

    Args:
        state: The camera now.
        part: What is known of the picture or zone; None: nothing.

    Returns:
        The count; null where it is lost.
    """
    known = None if state.current is None else part
    return {
        "value": None if known is None else finite(known.count),
        "low": None if known is None else finite(known.low),
        "high": None if known is None else finite(known.high),
        "smoothed": None if known is None else finite(known.smoothed),
        **_when(state),
    }


def density_document(state: CameraState, crowding: Crowding) -> Document:
    """Say how closely people stand; null where the count is lost."""
    is_known = state.current is not None
    return {
        "value": finite(crowding.mean_m2) if is_known else None,
        "peak": finite(crowding.peak_m2) if is_known else None,
        "level_of_service": crowding.level if is_known else None,
        **_when(state),
    }


def _when(state: CameraState) -> Document:
    age_s = finite(state.age_s)
    return {
        "quality": state.quality.value,
        "stream": state.stream,
        "ts": None if state.reading is None else moment(state.reading.at_utc),
        "age_ms": None if age_s is None else round(1000 * age_s),
    }


def alarm_document(alarm: AlarmStatus) -> Document:
    """Say where an alarm stands."""
    until = alarm.shelved_until_utc
    return {
        "state": alarm.state.value,
        "is_active": is_active(alarm.state),
        "priority": alarm.priority.value,
        "value": finite(alarm.value),
        "limit": finite(alarm.limit),
        "unit": alarm.unit,
        "since": moment(alarm.since_utc),
        "shelved_until": None if until is None else moment(until),
    }


def is_active(state: AlarmState) -> bool:
    """Say whether an alarm asks something of a person, or did and still stands."""
    return state in {
        AlarmState.UNACKNOWLEDGED,
        AlarmState.ACKNOWLEDGED,
        AlarmState.RETURNED_UNACKNOWLEDGED,
    }


def event_document(event: AlarmEvent) -> Document:
    """Say what happened to an alarm; the same event always has the same `id`."""
    kind = "update"
    if event.is_new_alarm:
        kind = "new"
    elif event.after is AlarmState.NORMAL and event.before is not AlarmState.NORMAL:
        kind = "end"
    return {
        "type": kind,
        "id": f"{event.alarm_id}@{moment(event.at_utc)}/{event.after.value}",
        "alarm_id": event.alarm_id,
        "camera": event.camera,
        "rule": event.rule_name,
        "priority": event.priority.value,
        "before": event.before.value,
        "after": event.after.value,
        "value": finite(event.value),
        "limit": finite(event.limit),
        "who": event.who,
        "note": event.note,
        "ts": moment(event.at_utc),
    }


def moment(at_utc: datetime) -> str:
    """Give a moment as ISO 8601 in UTC."""
    text = at_utc.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def finite(value: float | None) -> float | None:
    """Give a number that JSON can hold; None for what is no number."""
    return value if value is not None and math.isfinite(value) else None
