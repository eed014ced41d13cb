"""What the headless program logs."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.reading import Quality
from monitor.engine.engine import Engine
from monitor.engine.health import Health, StreamState
from monitor.engine.snapshot import CameraSnapshot
from monitor.service.report import log_event, report_line, watch
from monitor.settings import CameraSettings
from tests.rigs.clock import ManualClock, WaitingMovesTime
from tests.rigs.counters import FixedCounter
from tests.rigs.snapshots import reading_of, snapshot_of

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
READING = reading_of(41.5, low=35.0, high=48.0)
CAMERA = snapshot_of("Gate", reading=READING, reading_age_s=0.3)
UNKNOWN = replace(
    CAMERA,
    quality=Quality.LOST,
    reading=None,
    reading_age_s=None,
    health=Health(StreamState.UNREACHABLE, "192.0.2.7 does not answer"),
)


class StopAfter(WaitingMovesTime):
    """Stops after some waits."""

    def __init__(self, clock: ManualClock, waits: int) -> None:
        super().__init__(clock)
        self._left = waits

    def wait(self, timeout: float | None = None) -> bool:
        """Let time pass, and stop when it is time."""
        self._left -= 1
        if self._left < 0:
            self.set()
        return super().wait(timeout)


def test_changes_are_logged_once_and_counts_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In 25 s a state that does not change is one line, and a report every 10 s makes two."""
    clock = ManualClock()
    engine = Engine([CameraSettings(name="Gate", source="webcam:0")], FixedCounter(3), clock=clock)

    with caplog.at_level(logging.INFO, logger="monitor.service.report"):
        watch(engine, StopAfter(clock, 50), clock=clock, report_every_s=10)

    lines = [record.getMessage() for record in caplog.records]
    assert lines.count("Gate: connecting") == 1
    assert lines.count("Gate: – people, lost") == 2


@pytest.mark.parametrize(
    ("camera", "line"),
    [
        (CAMERA, "Gate: 42 people (35 to 48), good, 0.3 s old"),
        (UNKNOWN, "Gate: – people, lost"),
        (replace(CAMERA, reading=replace(READING, low=None)), "Gate: 42 people, good, 0.3 s old"),
    ],
)
def test_reports_are_lines(camera: CameraSnapshot, line: str) -> None:
    """A count comes with interval, quality and age; a dash where there is none."""
    assert report_line(camera) == line


def test_alarms_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A transition says from where to where, at which count."""
    event = AlarmEvent(
        "Gate", NOW, AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, 41.0, 40.0, note="so"
    )

    with caplog.at_level(logging.WARNING, logger="monitor.service.report"):
        log_event(event)

    assert caplog.messages == ["Gate: alarm normal -> unacknowledged at 41.0, limit 40 (so)"]


def test_somebody_may_look_at_each_turn() -> None:
    """Twice a second, so that a changed site file or a signal is noticed."""
    clock = ManualClock()
    looks: list[float] = []

    watch(
        Engine([], FixedCounter(3), clock=clock),
        StopAfter(clock, 10),
        clock=clock,
        on_look=lambda: looks.append(clock.monotonic_s()),
    )

    assert [b - a for a, b in pairwise(looks)] == [0.5] * 9
