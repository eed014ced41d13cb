"""What the headless program logs: changes at once, counts now and then."""

import logging
from collections.abc import Callable
from threading import Event

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5


def log_event(event: AlarmEvent) -> None:
    """Log a transition of an alarm."""
    value = "unknown" if event.value is None else f"{event.value:.1f}"
    logger.warning(
        "%s: alarm %s -> %s at %s, limit %g%s",
        event.alarm_id or event.camera, event.before.value, event.after.value, value, event.limit,
        f" ({event.note})" if event.note else "",
    )  # fmt: skip


def watch(
    engine: Engine,
    stop: Event,
    *,
    clock: Clock,
    report_every_s: float = 10.0,
    on_look: Callable[[], None] = lambda: None,
) -> None:
    """Log what changes and, now and then, the counts, until `stop` is set.

    Args:
        engine: Already started; the caller stops it.
        stop: Ends the watch at once.
        clock: Where time comes from.
        report_every_s: Seconds between two reports of the counts.
        on_look: Called twice a second, on the same thread.
    """
    states: dict[str, str] = {}
    reported_s = clock.monotonic_s()
    while not stop.wait(LOOK_EVERY_S):
        on_look()
        cameras = engine.snapshots()
        for camera in cameras:
            state = f"{camera.health.state.value} {camera.health.message}".strip()
            if states.get(camera.name) != state:
                states[camera.name] = state
                logger.info("%s: %s", camera.name, state)
        if clock.monotonic_s() - reported_s >= report_every_s:
            reported_s = clock.monotonic_s()
            for camera in cameras:
                logger.info("%s", report_line(camera))


def report_line(camera: CameraSnapshot) -> str:
    """Give the count of a camera as a line of the log; a dash where it is not known."""
    reading = camera.reading
    if reading is None:
        return f"{camera.name}: – {camera.counts}, {camera.quality.value}"
    bounds = ""
    if reading.low is not None and reading.high is not None:
        bounds = f" ({reading.low:.0f} to {reading.high:.0f})"
    age = "" if camera.reading_age_s is None else f", {camera.reading_age_s:.1f} s old"
    count = f"{reading.count:.0f} {camera.counts}"
    return f"{camera.name}: {count}{bounds}, {camera.quality.value}{age}"
