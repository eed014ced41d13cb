"""The headless program: the same engine without a window, with its state on a local page.

It logs what changes, ends cleanly on SIGTERM and SIGINT, and answers `GET /status` on 127.0.0.1
with numbers for a watchdog or a dashboard. The page holds counts and labels, never an address with
a password, and cannot be reached from another machine.
"""

import json
import logging
import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from monitor import __version__
from monitor.clock import Clock
from monitor.engine.engine import Engine, EngineStatus
from monitor.engine.snapshot import CameraSnapshot
from monitor.errors import SettingsError
from monitor.outbox import OutboxHealth
from monitor.records.alarm import AlarmEvent

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_REQUEST_TIMEOUT_S = 5.0
_LOOK_EVERY_S = 0.5

Document = dict[str, Any]
"""A JSON document: its values are of many kinds."""


def status_document(
    cameras: tuple[CameraSnapshot, ...],
    engine: EngineStatus,
    history: OutboxHealth | None,
    now_utc: datetime,
) -> Document:
    """Put the state of the program into a document that JSON can hold.

    Args:
        cameras: All cameras now.
        engine: The engine now.
        history: How writing the history goes; None: there is none.
        now_utc: Time of day.

    Returns:
        Numbers that are not known are null, never 0.
    """
    return {
        "version": __version__,
        "at_utc": now_utc.isoformat(timespec="milliseconds"),
        "is_running": engine.is_running,
        "cameras": [_camera_document(one) for one in cameras],
        "history": None
        if history is None
        else {
            "is_failing": history.is_failing,
            "message": history.message,
            "written": history.written,
            "waiting": history.waiting,
            "lost": history.lost,
        },
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
        "reconnects": health.reconnects,
        "alarm": None if camera.alarm is None else camera.alarm.state.value,
        "alarms": {one.alarm_id: one.state.value for one in camera.alarms},
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


class StatusServer:
    """Answers `GET /status` on this machine alone.

    `start` and `stop` are for the owner; requests are answered on threads of their own, each of
    which asks `document` anew.
    """

    def __init__(self, document: Callable[[], Document], *, port: int) -> None:
        """Take the port.

        Args:
            document: Gives the state now; called on any thread, never waits.
            port: Port on 127.0.0.1; 0: any that is free.

        Raises:
            SettingsError: If another program has the port.
        """
        try:
            self._server = ThreadingHTTPServer((HOST, port), _handler_for(document))
        except OSError as error:
            raise SettingsError(
                f"[status] port: {port} on {HOST} cannot be used ({error.strerror}); choose "
                "another, or 0 for any that is free"
            ) from error
        self._server.daemon_threads = True
        self._thread = Thread(
            target=lambda: self._server.serve_forever(poll_interval=0.1),
            name="crowd-status",
            daemon=True,
        )

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self._server.server_address[1]}/status"

    def start(self) -> None:
        """Start answering; once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def _handler_for(document: Callable[[], Document]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers one request."""

        timeout = _REQUEST_TIMEOUT_S
        server_version = f"crowd-monitor/{__version__}"
        sys_version = ""

        def do_GET(self) -> None:
            """Answer with the document, or say why not."""
            # A page in a browser may ask under a name of its own that leads here: refuse it.
            host = self.headers.get("Host", "").rpartition(":")
            if (host[0] or host[2]) not in _LOCAL_NAMES:
                self._answer(HTTPStatus.FORBIDDEN, {"error": "ask as 127.0.0.1"})
            elif self.path.partition("?")[0] not in {"/", "/status"}:
                self._answer(HTTPStatus.NOT_FOUND, {"error": "there is only /status"})
            else:
                self._answer(HTTPStatus.OK, document())

        def _answer(self, status: HTTPStatus, content: Document) -> None:
            body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Log requests where nobody is bothered by them."""
            logger.debug(format, *args)

    return Handler


@contextmanager
def stopped_by_signals(stop: Event) -> Iterator[None]:
    """Set `stop` on SIGINT and SIGTERM while the context is open; on the main thread only."""

    def on_signal(number: int, _: object) -> None:
        logger.info("Stopping on %s", signal.Signals(number).name)
        stop.set()

    before = {one: signal.signal(one, on_signal) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def log_event(event: AlarmEvent) -> None:
    """Log a transition of an alarm."""
    value = "unknown" if event.value is None else f"{event.value:.1f}"
    logger.warning(
        "%s: alarm %s -> %s at %s, limit %g%s",
        event.alarm_id or event.camera, event.before.value, event.after.value, value, event.limit,
        f" ({event.note})" if event.note else "",
    )  # fmt: skip


def watch(engine: Engine, stop: Event, *, clock: Clock, report_every_s: float = 10.0) -> None:
    """Log what changes and, now and then, the counts, until `stop` is set.

    Args:
        engine: Already started; the caller stops it.
        stop: Ends the watch at once.
        clock: Where time comes from.
        report_every_s: Seconds between two reports of the counts.
    """
    states: dict[str, str] = {}
    reported_s = clock.monotonic_s()
    while not stop.wait(_LOOK_EVERY_S):
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
        return f"{camera.name}: – people, {camera.quality.value}"
    bounds = ""
    if reading.low is not None and reading.high is not None:
        bounds = f" ({reading.low:.0f} to {reading.high:.0f})"
    age = "" if camera.reading_age_s is None else f", {camera.reading_age_s:.1f} s old"
    return f"{camera.name}: {reading.count:.0f} people{bounds}, {camera.quality.value}{age}"
