"""The headless program: what its page says, to whom, and how it ends."""

import json
import logging
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import pytest

from monitor.engine.engine import Engine, EngineStatus
from monitor.engine.health import Health, StreamState
from monitor.engine.snapshot import CameraSnapshot
from monitor.errors import SettingsError
from monitor.outbox import OutboxHealth
from monitor.records.alarm import AlarmEvent, AlarmState, AlarmStatus
from monitor.records.reading import Quality, Reading
from monitor.records.rule import Rule
from monitor.service import (
    StatusServer,
    log_event,
    report_line,
    status_document,
    stopped_by_signals,
    watch,
)
from monitor.settings import CameraSettings
from tests.rigs.clock import ManualClock, WaitingMovesTime
from tests.rigs.counters import FixedCounter

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
    document = status_document((CAMERA,), RUNNING, OutboxHealth(written=7), NOW)

    camera = document["cameras"][0]
    assert (camera["count"], camera["low"], camera["high"]) == (41.5, 35.0, 48.0)
    assert (camera["state"], camera["quality"], camera["alarm"]) == ("live", "good", "acknowledged")
    assert (camera["smoothed"], camera["truth"], camera["reading_age_s"]) == (40.25, 43.0, 0.3)
    assert document["history"]["written"] == 7
    assert document["is_running"] is True


def test_the_unknown_is_null_never_zero() -> None:
    """A camera that is lost has no count; nobody may read an empty square into it."""
    camera = status_document((UNKNOWN,), RUNNING, None, NOW)["cameras"][0]

    assert camera["count"] is camera["low"] is camera["smoothed"] is camera["alarm"] is None
    assert camera["message"] == "192.0.2.7 does not answer"


def test_numbers_that_json_cannot_hold_are_null() -> None:
    """A model that says not-a-number does not break the page."""
    broken = replace(CAMERA, reading=replace(READING, count=float("nan"), high=float("inf")))

    document = status_document((broken,), RUNNING, None, NOW)

    assert json.loads(json.dumps(document, allow_nan=False))["cameras"][0]["count"] is None


@pytest.fixture
def server() -> Iterator[StatusServer]:
    """A page on a free port."""
    page = StatusServer(lambda: status_document((CAMERA,), RUNNING, None, NOW), port=0)
    page.start()
    yield page
    page.stop()


def ask(address: str, host: str | None = None) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(address, headers={} if host is None else {"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("path", ["/", "/status", "/status?x=1"])
def test_the_page_is_there(server: StatusServer, path: str) -> None:
    """It answers with the document."""
    status, document = ask(server.address.replace("/status", path))

    assert status == 200
    assert document["at_utc"] == "2026-06-01T12:00:00.000+00:00"


def test_there_is_nothing_else(server: StatusServer) -> None:
    """Any other path is not found."""
    assert ask(server.address + "/../../etc/passwd")[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example"])
def test_a_foreign_name_is_refused(server: StatusServer, host: str) -> None:
    """A web page that resolves to this machine cannot read the counts."""
    assert ask(server.address, host)[0] == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1", "[::1]:80"])
def test_this_machine_is_served(server: StatusServer, host: str) -> None:
    """Every name of this machine is fine."""
    assert ask(server.address, host)[0] == 200


def test_a_taken_port_is_told(server: StatusServer) -> None:
    """If the port is in use, the sentence names it."""
    port = int(server.address.rsplit(":", 1)[1].split("/")[0])

    with pytest.raises(SettingsError, match=str(port)):
        StatusServer(dict, port=port)


def test_stopping_gives_the_port_back() -> None:
    """After `stop` the port can be used again; stopping what never started is harmless."""
    first = StatusServer(dict, port=0)
    port = int(first.address.rsplit(":", 1)[1].split("/")[0])
    first.start()
    first.stop()

    second = StatusServer(dict, port=port)
    second.stop()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM for a running process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it(number: signal.Signals) -> None:
    """A signal sets the event, and afterwards signals do what they did before."""
    stop = Event()
    before = signal.getsignal(number)

    with stopped_by_signals(stop):
        os.kill(os.getpid(), number)

        assert stop.wait(10)
    assert signal.getsignal(number) is before


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

    with caplog.at_level(logging.INFO, logger="monitor.service"):
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

    with caplog.at_level(logging.WARNING, logger="monitor.service"):
        log_event(event)

    assert caplog.messages == ["Gate: alarm normal -> unacknowledged at 41.0, limit 40 (so)"]
