"""What plots draw, made by hand."""

from datetime import timedelta

import numpy as np

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.ui.session import PlotData
from tests.rigs.snapshots import NOON


def data_of(count, *, low=None, high=None, truth=None, stop_s=1000.0) -> PlotData:
    """Counts of every second up to `stop_s`."""
    count = np.asarray(count, dtype=float)

    def column(values):
        return np.full(len(count), np.nan) if values is None else np.asarray(values, dtype=float)

    time_s = stop_s - np.arange(len(count))[::-1]
    return PlotData(time_s, count, column(low), column(high), column(truth))


def event_of(before: AlarmState, after: AlarmState, *, at_s=0.0, limit=120.0, **changes):
    """A transition `at_s` seconds after noon."""
    values = {"value": 131.0, "alarm_id": "Gate 1/limit"} | changes
    at_utc = NOON + timedelta(seconds=at_s)
    return AlarmEvent("Gate 1", at_utc, before, after, limit=limit, **values)
