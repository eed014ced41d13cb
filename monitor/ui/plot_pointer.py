"""Reading values off a plot with the mouse, and the marks of alarms."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.series import PEOPLE
from monitor.ui.series import PlotData
from monitor.ui.speech import translate
from monitor.ui.text import count_text, short_interval_text, unit_text

SYMBOLS = {
    AlarmState.UNACKNOWLEDGED: "t1",
    AlarmState.ACKNOWLEDGED: "s",
    AlarmState.RETURNED_UNACKNOWLEDGED: "d",
    AlarmState.SHELVED: "o",
    AlarmState.NORMAL: "t",
}
"""Shapes of pyqtgraph for what an alarm became: up, square, diamond, disc, down."""
_REACH_SHARE = 0.02  # of the time shown: further from the mouse nothing is read off


def nearest(data: PlotData, time_s: float, *, reach_s: float) -> int | None:
    """Find the point that is nearest to a moment.

    Args:
        data: What is drawn.
        time_s: Seconds since 1970.
        reach_s: A point further away than this is none.

    Returns:
        Position in the columns of `data`; None: there is none, or a gap.
    """
    times = data.time_s
    if not len(times):
        return None
    after = bisect_left(times, time_s)
    around = [index for index in (after - 1, after) if 0 <= index < len(times)]
    best = min(around, key=lambda index: abs(times[index] - time_s))
    if abs(times[best] - time_s) > reach_s or not np.isfinite(data.count[best]):
        return None
    return best


def reach_of(length_s: float) -> float:
    """Give how far from the mouse a point may be, seconds, for the time that is shown."""
    return _REACH_SHARE * length_s


def point_text(data: PlotData, index: int, *, is_long: bool, things: str = PEOPLE) -> str:
    """Say a point of a plot in words.

    Args:
        data: What is drawn.
        index: Which point.
        is_long: Whether the day is to be told, too.
        things: What is counted, in the plural.

    Returns:
        For example `12:07:31: 108 people (68–152)`.
    """
    moment = datetime.fromtimestamp(float(data.time_s[index]), UTC).astimezone()
    when = moment.strftime("%a %d %b %H:%M" if is_long else "%H:%M:%S")
    low, high, truth = (float(one[index]) for one in (data.low, data.high, data.truth))
    words = f"{when}: {count_text(float(data.count[index]))} {unit_text(things)}"
    if np.isfinite(low) and np.isfinite(high):
        words += f" ({short_interval_text(low, high)})"
    if not np.isfinite(truth):
        return words
    true = translate("Plot", "true {truth}").format(truth=count_text(truth))
    return f"{words}, {true}"


def marks_of(
    events: Sequence[AlarmEvent], bounds_s: tuple[float, float]
) -> list[tuple[float, AlarmEvent]]:
    """Choose the events that are marked: those that change a state, in the time shown."""
    marks = []
    for event in events:
        moment_s = event.at_utc.timestamp()
        if event.before is event.after or event.after not in SYMBOLS:
            continue
        is_quiet = AlarmState.SUPPRESSED in {event.before, event.after}
        if not is_quiet and bounds_s[0] <= moment_s <= bounds_s[1]:
            marks.append((moment_s, event))
    return marks
