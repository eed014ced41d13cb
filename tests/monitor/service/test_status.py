"""The state as a document, and as lines of the log."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from monitor.core.alarm import AlarmEvent, AlarmState, AlarmStatus
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Rule
from monitor.core.worker import WorkerHealth
from monitor.core.zone import Crowding, ZoneReading
from monitor.engine.area import AreaSnapshot
from monitor.engine.engine import Engine, EngineStatus
from monitor.engine.health import Health, StreamState
from monitor.engine.site_session import SiteState
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.outbox import OutboxHealth
from monitor.service.status import (
    MODEL_HANGS_AFTER_S,
    log_event,
    report_line,
    safe_mode_document,
    status_document,
    troubles,
    watch,
)
from monitor.settings import CameraSettings
from tests.rigs.clock import ManualClock, WaitingMovesTime
from tests.rigs.counters import FixedCounter
from tests.rigs.snapshots import reading_of, snapshot_of

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
READING = Reading("Gate", NOW, 5.0, 41.5, 35.0, 48.0, 16.0, 40.25, Quality.GOOD, 43.0)
CAMERA = CameraSnapshot(
    name="Gate",
    source_label="rtsp://192.0.2.7/stream",
    health=Health(StreamState.LIVE, frames_received=90, frames_dropped=60, rate_hz=25.0),
    quality=Quality.GOOD,
    frame=None,
    picture_age_s=0.04,
    prediction=None,
    counted_frame=None,
    reading=READING,
    reading_age_s=0.3,
    counts_hz=2.0,
    alarms=(AlarmStatus("Gate/limit", AlarmState.ACKNOWLEDGED, NOW, Rule(40.0), 40.25),),
)
UNKNOWN = replace(
    CAMERA,
    quality=Quality.LOST,
    reading=None,
    reading_age_s=None,
    picture_age_s=None,
    alarms=(),
    health=Health(StreamState.UNREACHABLE, "192.0.2.7 does not answer"),
)
RUNNING = EngineStatus(is_running=True, deliveries=())


def test_the_page_says_what_is_known() -> None:
    """Count, interval, quality, age and alarm of each camera, as numbers and words."""
    document = status_document((CAMERA,), RUNNING, {"history": OutboxHealth(written=7)}, NOW)

    camera = document["cameras"][0]
    assert (camera["count"], camera["low"], camera["high"]) == (41.5, 35.0, 48.0)
    assert (camera["state"], camera["quality"], camera["alarm"]) == ("live", "good", "acknowledged")
    assert (camera["smoothed"], camera["truth"], camera["reading_age_s"]) == (40.25, 43.0, 0.3)
    assert document["history"]["written"] == 7
    assert document["outputs"]["history"] == document["history"]
    assert document["is_running"] is True


def test_zones_and_people_per_m2_are_there() -> None:
    """Each zone with its own interval; without a ground plane nothing is claimed of it."""
    crowding = Crowding(area_m2=50.0, mean_m2=1.5, peak_m2=None, level="D")
    zone = ZoneReading("Stairs", 12.0, 9.0, float("nan"), 2.0, 11.5, crowding=crowding)
    bare = ZoneReading("Yard", 3.0, None, None, None, 3.0)
    camera = replace(CAMERA, reading=replace(READING, zones=(zone, bare), crowding=crowding))

    shown = status_document((camera,), RUNNING, {}, NOW)["cameras"][0]

    ground = {"mean_m2": 1.5, "peak_m2": None, "level_of_service": "D"}
    assert shown["ground"] == ground
    assert [one["name"] for one in shown["zones"]] == ["Stairs", "Yard"]
    assert shown["zones"][0]["low"] == 9.0
    assert shown["zones"][0]["high"] is None
    assert [one["ground"] for one in shown["zones"]] == [ground, None]


def test_the_unknown_is_null_never_zero() -> None:
    """A camera that is lost has no count; nobody may read an empty square into it."""
    camera = status_document((UNKNOWN,), RUNNING, {}, NOW)["cameras"][0]

    assert camera["count"] is camera["low"] is camera["smoothed"] is camera["alarm"] is None
    assert camera["message"] == "192.0.2.7 does not answer"


def test_numbers_that_json_cannot_hold_are_null() -> None:
    """A model that says not-a-number does not break the page."""
    broken = replace(CAMERA, reading=replace(READING, count=float("nan"), high=float("inf")))

    document = status_document((broken,), RUNNING, {}, NOW)

    assert json.loads(json.dumps(document, allow_nan=False))["cameras"][0]["count"] is None


def test_the_site_file_stands_on_the_page() -> None:
    """When it was read, what is wrong with it now, and what waits for the next start."""
    state = SiteState("/etc/site.toml", NOW, ("line 3: camera[1].nme: …",), ("[store]",))

    site = status_document((), RUNNING, {}, NOW, site=state)["site"]

    assert site["loaded_utc"] == "2026-06-01T12:00:00.000+00:00"
    assert site["mistakes"] == ["line 3: camera[1].nme: …"]
    assert site["waits_for_restart"] == ["[store]"]


def test_safe_mode_has_the_same_form() -> None:
    """Who reads the page need not know two kinds of it; nothing runs and the reason is there."""
    usual = status_document((), RUNNING, {}, NOW, site=SiteState("f", NOW))

    safe = safe_mode_document(SiteState("f", mistakes=("no camera",)), NOW)

    assert safe.keys() == usual.keys()
    assert safe["site"].keys() == usual["site"].keys()
    assert (safe["is_safe_mode"], safe["is_running"], safe["cameras"]) == (True, False, [])
    assert safe["site"]["mistakes"] == ["no camera"]


def test_a_lost_camera_is_no_trouble_of_the_program() -> None:
    """Only what a restart would mend is: an engine that stands, a model that hangs."""
    assert troubles(RUNNING) == ()
    assert "does not run" in troubles(replace(RUNNING, is_running=False))[0]
    assert troubles(replace(RUNNING, busy_s=MODEL_HANGS_AFTER_S)) == ()
    assert "90 s" in troubles(replace(RUNNING, busy_s=90.0))[0]


def test_a_worker_that_fails_is_trouble_of_the_program() -> None:
    """By name, for a watchdog and for people; one that has done its work is none."""
    workers = (
        WorkerHealth("crowd-counting", is_alive=True, failures=2, last_error="no memory"),
        WorkerHealth("crowd-reader-A", is_alive=False, has_ended=True),
        WorkerHealth("crowd-reader-B", is_alive=False),
    )
    status = replace(RUNNING, workers=workers)

    told = status_document((), status, {}, NOW)

    assert troubles(status) == ("crowd-counting: no memory", "crowd-reader-B: it has died")
    assert told["threads_restarted"] == 2
    assert told["workers"]["crowd-counting"] == {
        "is_alive": True, "has_ended": False, "failures": 2, "message": "no memory",
    }  # fmt: skip


def test_areas_are_told() -> None:
    """Count, quality and alarms; a lost one has no count, never 0."""
    alarms = (AlarmStatus("Stand/full", AlarmState.SUPPRESSED, NOW, Rule(900.0, name="full")),)
    known = AreaSnapshot("Stand", replace(READING, camera="Stand"), Quality.GOOD, alarms)
    lost = AreaSnapshot("Square", None, Quality.LOST, ())

    told = status_document((), RUNNING, {}, NOW, areas=(known, lost))["areas"]

    assert (told[0]["name"], told[0]["count"], told[0]["quality"]) == ("Stand", 41.5, "good")
    assert told[0]["alarms"] == {"Stand/full": "suppressed"}
    assert (told[1]["count"], told[1]["quality"]) == (None, "lost")


LOG_NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LOG_READING = reading_of(41.5, low=35.0, high=48.0)
LOG_CAMERA = snapshot_of("Gate", reading=LOG_READING, reading_age_s=0.3)
LOG_UNKNOWN = replace(
    LOG_CAMERA,
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

    with caplog.at_level(logging.INFO, logger="monitor.service.status"):
        watch(engine, StopAfter(clock, 50), clock=clock, report_every_s=10)

    lines = [record.getMessage() for record in caplog.records]
    assert lines.count("Gate: connecting") == 1
    assert lines.count("Gate: – people, lost") == 2


@pytest.mark.parametrize(
    ("camera", "line"),
    [
        (LOG_CAMERA, "Gate: 42 people (35 to 48), good, 0.3 s old"),
        (LOG_UNKNOWN, "Gate: – people, lost"),
        (
            replace(LOG_CAMERA, reading=replace(LOG_READING, low=None)),
            "Gate: 42 people, good, 0.3 s old",
        ),
    ],
)
def test_reports_are_lines(camera: CameraSnapshot, line: str) -> None:
    """A count comes with interval, quality and age; a dash where there is none."""
    assert report_line(camera) == line


def test_alarms_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A transition says from where to where, at which count."""
    event = AlarmEvent(
        "Gate", LOG_NOW, AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, 41.0, 40.0, note="so"
    )

    with caplog.at_level(logging.WARNING, logger="monitor.service.status"):
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
