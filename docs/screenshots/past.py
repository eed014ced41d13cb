"""A made-up week before a picture is taken: counts with a busy evening, and alarms."""

import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.clock import Clock
from monitor.core.reading import Quality, Reading
from monitor.outputs.history.history import History
from monitor.settings import CameraSettings
from monitor.settings.outputs import parse_address

PAST = timedelta(days=7)
PAST_EVERY = timedelta(minutes=2)


@contextmanager
def running_history(cameras: Sequence[CameraSettings], clock: Clock) -> Iterator[History]:
    """Keep a history with a past while the context is open."""
    with tempfile.TemporaryDirectory() as folder:
        history = History(parse_address(f"sqlite:///{folder}/history.sqlite", {}))
        history.start()
        for camera in cameras:
            write_past(history, camera.name, clock.utc())
            write_alarms(history, camera.name, clock.utc())
        try:
            yield history
        finally:
            history.stop()


def write_past(history: History, camera: str, now: datetime) -> None:
    """Make up a week with a busy noon and a busier evening."""
    steps = int(PAST / PAST_EVERY)
    for step in range(steps):
        moment = now - PAST + step * PAST_EVERY
        hour = moment.hour + moment.minute / 60
        noon, evening = (math.exp(-(((hour - peak) / 2.2) ** 2)) for peak in (12.5, 19.0))
        count = 8 + 70 * noon + 115 * evening + 6 * math.sin(step / 3)
        history.on_reading(
            Reading(
                camera=camera,
                at_utc=moment,
                captured_s=0.0,
                count=count,
                low=0.75 * count,
                high=1.25 * count,
                variance=None,
                smoothed=count,
                quality=Quality.GOOD,
            )
        )


def write_alarms(history: History, camera: str, now: datetime) -> None:
    """Make up a day of alarms: some by the hour, one that chatters, one that nobody answers."""
    states = AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED
    normal, rings, known = states
    for hour in range(24):
        busy = round(5 * math.exp(-(((hour - 19) / 3) ** 2)))
        for number in range(busy + hour % 2):
            at_utc = now - timedelta(hours=24 - hour, minutes=-9 * number)
            rule = "crowded" if number % 3 else "stage"
            ring = AlarmEvent(
                camera, at_utc, normal, rings, 190.0, 180.0, alarm_id=f"{camera}/{rule}"
            )
            history.on_event(ring)
            answered = at_utc + timedelta(seconds=20 + 11 * number)
            if number % 4 != 3:
                history.on_event(
                    replace(ring, at_utc=answered, before=rings, after=known, who="operator")
                )
    for second in (0, 15, 30, 45):
        at_utc = now - timedelta(hours=2, seconds=second)
        history.on_event(
            AlarmEvent(camera, at_utc, normal, rings, 61.0, 60.0, alarm_id=f"{camera}/north gate")
        )
