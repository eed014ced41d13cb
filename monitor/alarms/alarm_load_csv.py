"""The load of the alarms as a CSV file, for a report or a spreadsheet."""

import csv
import io

from monitor.alarms.alarm_load import AlarmLoad

_HEADER = ("kind", "what", "alarms", "note")


def alarm_load_csv(load: AlarmLoad) -> str:
    """Write a load as CSV: one line for each number, times in UTC.

    Args:
        load: What the alarms asked of the people in the room.

    Returns:
        Lines with the columns kind, what, alarms, note; `kind` is total, hour, alarm, priority,
        flood, acknowledgement.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    span = f"{load.start_utc.isoformat()} to {load.stop_utc.isoformat()}"
    writer.writerow(("total", span, load.rang, f"{load.per_hour:.2f} an hour"))
    for hour, number in load.by_hour:
        writer.writerow(("hour", hour.isoformat(), number, ""))
    for one in load.by_alarm:
        note = "chatters" if one.chatters else ""
        writer.writerow(("alarm", _harmless(one.alarm_id), one.rang, note))
    for priority, number in load.by_priority:
        writer.writerow(("priority", priority.value, number, ""))
    for flood in load.floods:
        note = f"until {flood.end_utc.isoformat()}"
        writer.writerow(("flood", flood.start_utc.isoformat(), flood.alarms, note))
    for what, seconds in (
        ("median", load.acknowledge_median_s),
        ("95 %", load.acknowledge_p95_s),
    ):
        note = "" if seconds is None else f"{seconds:.1f} s"
        writer.writerow(("acknowledgement", what, "", note))
    writer.writerow(("acknowledgement", "never", load.unacknowledged, ""))
    writer.writerow(("shelved", "", load.shelved, ""))
    return text.getvalue()


def _harmless(name: str) -> str:
    """Keep a spreadsheet from taking a camera's name for a formula."""
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name
