"""The state of the program as a document that JSON can hold, and what the service logs.

Both hold counts, labels and sentences, never an address with a password. Changes are logged at
once, counts now and then.
"""

import logging
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event
from typing import Any

from monitor import __version__
from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.core.worker import WorkerHealth
from monitor.core.zone import Crowding, ZoneReading
from monitor.engine.area import AreaSnapshot
from monitor.engine.engine import Engine, EngineStatus
from monitor.engine.site_session import SiteState
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.outbox import OutboxHealth

Document = dict[str, Any]
"""A JSON document: its values are of many kinds."""

MODEL_HANGS_AFTER_S = 60.0
"""A picture that has been with the model for so long will not come back: the driver hangs."""


def status_document(
    cameras: tuple[CameraSnapshot, ...],
    engine: EngineStatus,
    outputs: Mapping[str, OutboxHealth],
    now_utc: datetime,
    *,
    site: SiteState | None = None,
    areas: tuple[AreaSnapshot, ...] = (),
) -> Document:
    """Put the state of the program into a document that JSON can hold.

    Args:
        cameras: All cameras now.
        engine: The engine now.
        outputs: How each way out goes, by name; `history` is the history.
        now_utc: Time of day.
        site: The site file that is watched; None: the cameras came from the command line.
        areas: Places that several cameras see, now.

    Returns:
        Numbers that are not known are null, never 0.
    """
    return {
        "version": __version__,
        "at_utc": now_utc.isoformat(timespec="milliseconds"),
        "is_running": engine.is_running,
        "is_safe_mode": False,
        "site": None if site is None else _site_document(site),
        "threads_restarted": engine.restarts,
        "workers": {one.name: _worker_document(one) for one in engine.workers},
        "model_busy_s": engine.busy_s,
        "cameras": [_camera_document(one) for one in cameras],
        "areas": [_area_document(one) for one in areas],
        "history": None if "history" not in outputs else _output_document(outputs["history"]),
        "outputs": {name: _output_document(one) for name, one in outputs.items()},
    }


def safe_mode_document(site: SiteState, now_utc: datetime) -> Document:
    """Say why nothing is counted: the site file cannot be used.

    Args:
        site: The site file, with what is wrong with it.
        now_utc: Time of day.

    Returns:
        A document of the same form as ever, without cameras.
    """
    return {
        "version": __version__,
        "at_utc": now_utc.isoformat(timespec="milliseconds"),
        "is_running": False,
        "is_safe_mode": True,
        "site": _site_document(site),
        "threads_restarted": 0,
        "workers": {},
        "model_busy_s": 0.0,
        "cameras": [],
        "areas": [],
        "history": None,
        "outputs": {},
    }


def _worker_document(worker: WorkerHealth) -> Document:
    return {
        "is_alive": worker.is_alive,
        "has_ended": worker.has_ended,
        "failures": worker.failures,
        "message": worker.last_error,
    }


def _output_document(output: OutboxHealth) -> Document:
    return {
        "is_failing": output.is_failing,
        "message": output.message,
        "written": output.written,
        "waiting": output.waiting,
        "lost": output.lost,
    }


def _site_document(site: SiteState) -> Document:
    loaded = site.loaded_utc
    return {
        "file": site.file,
        "loaded_utc": None if loaded is None else loaded.isoformat(timespec="milliseconds"),
        "mistakes": list(site.mistakes),
        "waits_for_restart": list(site.waits_for_restart),
    }


def _camera_document(camera: CameraSnapshot) -> Document:
    reading, health = camera.reading, camera.health
    return {
        "name": camera.name,
        "source": camera.source_label,
        "state": health.state.value,
        "message": health.message,
        "quality": camera.quality.value,
        "count": None if reading is None else _finite(reading.count),
        "low": None if reading is None else _finite(reading.low),
        "high": None if reading is None else _finite(reading.high),
        "smoothed": None if reading is None else _finite(reading.smoothed),
        "truth": None if reading is None else _finite(reading.truth),
        "reading_age_s": _finite(camera.reading_age_s),
        "picture_age_s": _finite(camera.picture_age_s),
        "counts_hz": _finite(camera.counts_hz),
        "frames_hz": _finite(health.rate_hz),
        "frames_received": health.frames_received,
        "frames_dropped": health.frames_dropped,
        "frames_damaged": health.frames_damaged,
        "packets_corrupt": health.packets_corrupt,
        "reconnects": health.reconnects,
        "losses": dict(health.losses),
        "decoder": health.decoder or None,
        "alarm": None if camera.alarm is None else camera.alarm.state.value,
        "alarms": {one.alarm_id: one.state.value for one in camera.alarms},
        "ground": None if reading is None else _ground_document(reading.crowding),
        "zones": [] if reading is None else [_zone_document(one) for one in reading.zones],
    }


def _area_document(area: AreaSnapshot) -> Document:
    reading = area.reading
    return {
        "name": area.name,
        "quality": area.quality.value,
        "count": None if reading is None else _finite(reading.count),
        "low": None if reading is None else _finite(reading.low),
        "high": None if reading is None else _finite(reading.high),
        "smoothed": None if reading is None else _finite(reading.smoothed),
        "alarms": {one.alarm_id: one.state.value for one in area.alarms},
        "ground": None if reading is None else _ground_document(reading.crowding),
    }


def _zone_document(zone: ZoneReading) -> Document:
    return {
        "name": zone.name,
        "count": _finite(zone.count),
        "low": _finite(zone.low),
        "high": _finite(zone.high),
        "smoothed": _finite(zone.smoothed),
        "ground": _ground_document(zone.crowding),
    }


def _ground_document(crowding: Crowding | None) -> Document | None:
    if crowding is None:
        return None
    return {
        "mean_m2": _finite(crowding.mean_m2),
        "peak_m2": _finite(crowding.peak_m2),
        "level_of_service": crowding.level,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def troubles(engine: EngineStatus) -> tuple[str, ...]:
    """Say what is wrong with the program itself, so that a watchdog starts it anew.

    A camera that is lost is none of it: that is shown, alarmed and mended while the program runs.

    Args:
        engine: The engine now.

    Returns:
        Sentences; empty while all is well.
    """
    found = []
    if not engine.is_running:
        found.append("the engine does not run")
    failing = (one for one in engine.workers if one.is_failing)
    found += [f"{one.name}: {one.last_error or 'it has died'}" for one in failing]
    if engine.busy_s > MODEL_HANGS_AFTER_S:
        found.append(f"the model has been busy with one picture for {engine.busy_s:.0f} s")
    return tuple(found)


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
