"""The pages of the headless program: numbers as JSON, pictures as JPEG, over plain HTTP.

`/status` is for people and dashboards, `/healthz` for whatever restarts a program that hangs,
`/metrics` for Prometheus, `/cameras/NAME/snapshot.jpg` and `stream.mjpg` for viewers.

Without a token only this machine can reach the pages, and only under a local host name: otherwise a
page in somebody's browser could reach them by DNS rebinding. Address, token and content can change
while the service runs.
"""

import json
import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Event, Thread
from typing import Any
from urllib.parse import parse_qs, unquote

from monitor import __version__
from monitor.core.errors import SettingsError
from monitor.core.secret import Secret
from monitor.engine.site_session import Prepared
from monitor.engine.snapshot import CameraSnapshot
from monitor.service.pictures import LARGEST_WH, PictureOptions, draw_view, encode_jpeg, is_fresh
from monitor.service.status import Document
from monitor.settings import SiteSettings, StatusSettings
from monitor.settings.outputs import LOOPBACK_HOST
from monitor.settings.passwords import look_up, token_place

SHORTEST_TOKEN = 16
"""Letters of a token at least: shorter ones are guessed."""

_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask."""

    token: Secret | None = None
    """What must be shown; None: nothing."""
    is_local: bool = True
    """Whether the page is bound to an address of this machine alone."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question is not answered."""

    status: HTTPStatus
    message: str


def access_of(status: StatusSettings, environ: Mapping[str, str]) -> Access:
    """Look up who may ask.

    Args:
        status: The settings of the page.
        environ: The environment, which may hold the token.

    Returns:
        Who may ask.

    Raises:
        SettingsError: If the token cannot be had, or is too short.
    """
    token = look_up(token_place(status), environ=environ)
    if token is not None and len(token.reveal()) < SHORTEST_TOKEN:
        raise SettingsError(
            f"[status]: the token has fewer than {SHORTEST_TOKEN} letters and could be guessed; "
            "make one with: openssl rand -hex 32"
        )
    return Access(token, status.is_local)


def refusal(access: Access, *, host: str, authorization: str, query: str) -> Refusal | None:
    """Judge a question.

    Args:
        access: Who may ask.
        host: The `Host` that was asked for.
        authorization: What the header of that name holds; may be empty.
        query: The query of the address; may hold `token=`.

    Returns:
        Why it is not answered; None: it is.
    """
    if access.token is not None:
        if not access.token.matches(_offered(authorization, query)):
            return Refusal(HTTPStatus.UNAUTHORIZED, "show the token: Authorization: Bearer …")
        return None
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdecimal():
        name = host
    if access.is_local and name not in _LOCAL_NAMES:
        return Refusal(HTTPStatus.FORBIDDEN, "ask as 127.0.0.1")
    return None


def _offered(authorization: str, query: str) -> str:
    if authorization.lower().startswith(_SCHEME):
        return authorization[len(_SCHEME) :].strip()
    try:
        return parse_qs(query, max_num_fields=20).get("token", [""])[0]
    except ValueError:  # more fields than anybody needs
        return ""


logger = logging.getLogger(__name__)

MOST_REQUESTS = 32
"""Requests at once; whoever comes later is turned away, so that counting never starves."""
MOST_VIEWERS = 8
"""Moving pictures at once: each costs a drawing and an encoding for each of its pictures."""
_REQUEST_TIMEOUT_S = 5.0
_VIEW_HZ = 5.0
_REPEAT_AFTER_S = 1.0  # the age that is drawn onto an old picture grows
_BOUNDARY = "crowd-monitor-picture"
_SMALLEST_PX = 16
_PLACES = "/status, /healthz, /metrics, /cameras/NAME/snapshot.jpg, /cameras/NAME/stream.mjpg"


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the answers come from; all are called on any thread and none of them waits."""

    document: Callable[[], Document]
    """The state now."""
    troubles: Callable[[], tuple[str, ...]] = tuple
    """What is wrong with the program itself; empty: nothing."""
    cameras: Callable[[], tuple[CameraSnapshot, ...]] | None = None
    """All cameras now; None: pictures are not given out."""
    metrics: Callable[[], tuple[bytes, str] | None] = lambda: None
    """Prometheus' exposition and its content type; None: none is given out now."""


class StatusServer:
    """Answers questions about the program.

    `start` and `stop` are for the owner; requests are answered on threads of their own.
    """

    def __init__(
        self, pages: Pages, access: Access, *, port: int, host: str = LOOPBACK_HOST
    ) -> None:
        """Take the port.

        Args:
            pages: Where the answers come from.
            access: Who may ask.
            port: Port; 0: any that is free.
            host: Address of this machine to answer on.

        Raises:
            SettingsError: If another program has the port, or the address is not this machine's.
        """
        try:
            self._server = _Server((host, port), pages, access)
        except OSError as error:
            raise SettingsError(
                f"[status]: {host} port {port} cannot be used ({error.strerror}); choose another "
                "host or port, or port 0 for any that is free"
            ) from error
        self._host = host
        self._thread = Thread(
            target=lambda: self._server.serve_forever(poll_interval=0.1),
            name="crowd-status",
            daemon=True,
        )

    @property
    def address(self) -> str:
        """Where the state is."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.server_address[1]}/status"

    def start(self) -> None:
        """Start answering; once."""
        self._thread.start()

    def change(self, pages: Pages, access: Access) -> None:
        """Answer the next questions from elsewhere, or ask others for a token; for any thread."""
        self._server.pages, self._server.access = pages, access

    def stop(self) -> None:
        """Stop answering, end the moving pictures and give the port back."""
        self._server.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Answers each request on a thread, and never more than so many at once."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], pages: Pages, access: Access) -> None:
        self.pages = pages
        self.access = access
        self.stopping = Event()
        self.viewers = BoundedSemaphore(MOST_VIEWERS)
        self._free = BoundedSemaphore(MOST_REQUESTS)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    # Any: typeshed's own type of a request.
    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Who asked has gone away, or sent nonsense; its text may hold the token.
        logger.debug("A question could not be answered")


class _Handler(BaseHTTPRequestHandler):
    """Answers one request, on a thread of its own."""

    server: _Server
    timeout = _REQUEST_TIMEOUT_S
    server_version = f"crowd-monitor/{__version__}"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer, or say why not."""
        place, _, query = self.path.partition("?")
        if place == "/healthz":
            self._tell_health()
            return
        refused = refusal(
            self.server.access,
            host=self.headers.get("Host", ""),
            authorization=self.headers.get("Authorization", ""),
            query=query,
        )
        if refused is not None:
            self._tell(refused.status, {"error": refused.message})
        elif place in {"/", "/status"}:
            self._tell(HTTPStatus.OK, self.server.pages.document())
        elif place == "/metrics" and (metrics := self.server.pages.metrics()) is not None:
            self._send(HTTPStatus.OK, *metrics)
        elif place.startswith("/cameras/"):
            self._show(place, query)
        else:
            self._tell(HTTPStatus.NOT_FOUND, {"error": f"there are {_PLACES}"})

    def _tell_health(self) -> None:
        """Say whether the program is well: to everybody, and nothing else."""
        is_well = not self.server.pages.troubles()
        status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        self._tell(status, {"is_well": is_well})

    def _show(self, place: str, query: str) -> None:
        cameras = self.server.pages.cameras
        if cameras is None:
            self._tell(HTTPStatus.NOT_FOUND, {"error": "[status] pictures is false"})
            return
        name, _, kind = place.removeprefix("/cameras/").rpartition("/")
        camera = self._camera(unquote(name))
        view = _view_of(query)
        if camera is None:
            names = [one.name for one in cameras()]
            self._tell(HTTPStatus.NOT_FOUND, {"error": "no such camera", "cameras": names})
        elif kind == "snapshot.jpg":
            self._send_snapshot(camera, view)
        elif kind == "stream.mjpg":
            self._send_stream(camera.name, view)
        else:
            self._tell(HTTPStatus.NOT_FOUND, {"error": "there are snapshot.jpg and stream.mjpg"})

    def _camera(self, name: str) -> CameraSnapshot | None:
        cameras = self.server.pages.cameras
        return next((one for one in cameras() if one.name == name), None) if cameras else None

    def _send_snapshot(self, camera: CameraSnapshot, view: PictureOptions) -> None:
        image = draw_view(camera, view) if is_fresh(camera) else None
        if image is None:
            message = camera.health.message or camera.health.state.value
            error = f"{camera.name}: there is no picture of now: {message}"
            self._tell(HTTPStatus.SERVICE_UNAVAILABLE, {"error": error})
            return
        age_s = camera.picture_age_s or 0.0
        facts = {"X-Picture-Age-S": f"{age_s:.2f}", "X-Count-Quality": camera.quality.value}
        self._send(HTTPStatus.OK, encode_jpeg(image), "image/jpeg", facts)

    def _send_stream(self, name: str, view: PictureOptions) -> None:
        if not self.server.viewers.acquire(blocking=False):
            error = f"{MOST_VIEWERS} people are watching already"
            self._tell(HTTPStatus.SERVICE_UNAVAILABLE, {"error": error})
            return
        try:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self._send_pictures(name, view)
        except OSError:
            logger.debug("A viewer has left")
        finally:
            self.server.viewers.release()
            self.close_connection = True

    def _send_pictures(self, name: str, view: PictureOptions) -> None:
        """Send each new picture, and an old one now and then, until one side ends."""
        shown: object = None
        waited_s = 0.0
        while (camera := self._camera(name)) is not None:
            newest = camera.counted_frame if view.has_overlay else camera.frame
            if newest is not shown or waited_s >= _REPEAT_AFTER_S:
                shown, waited_s = newest, 0.0
                image = draw_view(camera, view)
                if image is not None:
                    self._send_part(encode_jpeg(image))
            waited_s += 1 / _VIEW_HZ
            if self.server.stopping.wait(1 / _VIEW_HZ):
                return

    def _send_part(self, content: bytes) -> None:
        head = (
            f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + content + b"\r\n")

    def _tell(self, status: HTTPStatus, content: Document) -> None:
        body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        self._send(status, body, "application/json; charset=utf-8")

    def _send(
        self, status: HTTPStatus, body: bytes, kind: str, facts: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        for name, value in (facts or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        # Without the query, which may hold the token.
        place = getattr(self, "path", "").partition("?")[0]  # a broken question has none
        logger.debug("%s %r: %s", self.command, place, code)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        # Told of a broken request, whose text may hold the token.
        logger.debug("A broken question was refused")


def _view_of(query: str) -> PictureOptions:
    try:
        fields = parse_qs(query, max_num_fields=20)
    except ValueError:
        fields = {}
    has_overlay = fields.get("overlay", ["1"])[0] not in {"0", "false", "no"}
    width = fields.get("width", [""])[0]
    widest, highest = LARGEST_WH
    if not width.isdecimal():
        return PictureOptions(has_overlay)
    wanted = min(widest, max(_SMALLEST_PX, int(width[:6])))
    return PictureOptions(has_overlay, (wanted, highest))


class LivePage:
    """Answers by the `[status]` table of now.

    `stop` and everything about reloading are for the owner's thread.
    """

    def __init__(
        self,
        settings: StatusSettings,
        pages: Pages,
        *,
        environ: Mapping[str, str],
        on_address: Callable[[str], None],
    ) -> None:
        """Take the port and begin to answer.

        Args:
            settings: Address, token, content.
            pages: Where the answers come from, pictures included.
            environ: The environment, which may hold the token.
            on_address: Told where the page is, now and after each move.

        Raises:
            SettingsError: If the port or the token cannot be had.
        """
        self._settings = settings
        self._pages = pages
        self._environ = environ
        self._on_address = on_address
        self._server = self._new_server(settings)
        self._open()

    @property
    def address(self) -> str:
        """Where the state is."""
        return self._server.address

    @property
    def tables(self) -> frozenset[str]:
        """The tables that are looked after; see `monitor.engine.site_session.Part`."""
        return frozenset({"status"})

    def prepare(self, site: SiteSettings) -> Prepared:
        """Look the token up and take the port, where they are others; the former page goes on.

        Args:
            site: What is wanted.

        Returns:
            What goes over to it, or gives the port back.

        Raises:
            SettingsError: If the port or the token cannot be had.
        """
        settings, before = site.status, self._settings
        access = access_of(settings, self._environ)
        if (settings.host, settings.port) == (before.host, before.port):
            return Prepared(lambda: self._stay(settings, access))
        server = self._new_server(settings)
        return Prepared(lambda: self._move(server, settings), give_up=server.stop)

    def stop(self) -> None:
        """End the page."""
        self._server.stop()

    def _stay(self, settings: StatusSettings, access: Access) -> None:
        self._settings = settings
        self._server.change(self._contents(settings), access)

    def _move(self, server: StatusServer, settings: StatusSettings) -> None:
        former = self._server
        self._server, self._settings = server, settings
        self._open()
        former.stop()
        logger.info("The page has moved to %s", server.address)

    def _open(self) -> None:
        self._server.start()
        self._on_address(self._server.address)

    def _new_server(self, settings: StatusSettings) -> StatusServer:
        access = access_of(settings, self._environ)
        return StatusServer(
            self._contents(settings), access, host=settings.host, port=settings.port
        )

    def _contents(self, settings: StatusSettings) -> Pages:
        return self._pages if settings.pictures else replace(self._pages, cameras=None)
