"""A small real ONVIF camera on the loopback: answers WS-Discovery by UDP and SOAP over HTTP.

It checks the digest of the password as a camera does, by computing it from the clear password.
"""

import base64
import hashlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from xml.etree import ElementTree

from tests.rigs.load import scaled_s

_WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
_WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
_OPEN = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>'
)
_END = "</s:Body></s:Envelope>"
_CLOCK_MAY_DIFFER = timedelta(seconds=10)


class OnvifCamera:
    """One camera; its clock may go wrong, and its password may be asked for."""

    def __init__(
        self,
        stream: str,
        *,
        user: str = "",
        password: str = "",
        clock_ahead: timedelta = timedelta(),
        answer: bytes | None = None,
    ) -> None:
        self.stream = stream
        self.user = user
        self.password = password
        self.clock_ahead = clock_ahead
        self.answer = answer
        self.heard: list[str] = []
        """Every byte that crossed the network to it, as text."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self._threads = [
            Thread(target=self._server.serve_forever, args=(0.01,)),
            Thread(target=self._answer_probes),
        ]

    @property
    def service(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}/onvif/device_service"

    @property
    def ask(self) -> tuple[str, int]:
        """Where it listens for probes."""
        place: tuple[str, int] = self._line.getsockname()
        return place

    def join(self, member: bytes) -> None:
        """Hear questions to everybody too, in a group; before `start`. `member`: as setsockopt."""
        self._line.close()
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("", 0))
        self._line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def start(self) -> None:
        """Begin to answer."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, and wait for the end."""
        self._server.shutdown()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(b"end", self.ask)
        for thread in self._threads:
            thread.join(scaled_s(5))
        self._server.server_close()
        self._line.close()

    def _answer_probes(self) -> None:
        while (probe := self._line.recvfrom(65_535)) and probe[0] != b"end":
            content, sender = probe
            asked = ElementTree.fromstring(content)
            types = [one.text or "" for one in asked.iter() if one.tag.endswith("}Types")]
            if not any("NetworkVideoTransmitter" in one for one in types):
                continue
            self._line.sendto(b"<not xml", sender)
            self._line.sendto(self.answer or self._match().encode(), sender)

    def _match(self) -> str:
        scopes = (
            "onvif://www.onvif.org/name/River%20cam onvif://www.onvif.org/hardware/RC-1 "
            "onvif://www.onvif.org/location/north"
        )
        return (
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
            ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches>'
            f"<d:ProbeMatch><d:Scopes>{scopes}</d:Scopes>"
            f"<d:XAddrs>http://10.9.9.9/onvif {self.service}</d:XAddrs></d:ProbeMatch>"
            "</d:ProbeMatches></s:Body></s:Envelope>"
        )

    def _reply(self, question: str) -> tuple[int, str]:
        asked = ElementTree.fromstring(question)
        if "GetSystemDateAndTime" in question:
            now = datetime.now(UTC) + self.clock_ahead
            parts = {
                "Hour": now.hour, "Minute": now.minute, "Second": now.second,
                "Year": now.year, "Month": now.month, "Day": now.day,
            }  # fmt: skip
            inside = "".join(f"<tt:{key}>{value}</tt:{key}>" for key, value in parts.items())
            return 200, f"{_OPEN}<tt:UTCDateTime>{inside}</tt:UTCDateTime>{_END}"
        if self.user and not self._is_signed(asked):
            fault = "<s:Fault><s:Code><s:Value>ter:NotAuthorized</s:Value></s:Code></s:Fault>"
            return 400, f"{_OPEN}{fault}{_END}"
        if "GetCapabilities" in question:
            # A camera behind a router believes in another address than ours.
            port = self._server.server_port
            place = f"<tt:Media><tt:XAddr>http://192.0.2.9:{port}/media</tt:XAddr></tt:Media>"
            return 200, f"{_OPEN}{place}{_END}"
        if "GetProfiles" in question:
            encoder = (
                "<tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding><tt:Resolution>"
                "<tt:Width>320</tt:Width><tt:Height>240</tt:Height></tt:Resolution><tt:RateControl>"
                "<tt:FrameRateLimit>10</tt:FrameRateLimit></tt:RateControl>"
                "</tt:VideoEncoderConfiguration>"
            )
            profile = f'<m:Profiles token="a&amp;b"><tt:Name>Main</tt:Name>{encoder}</m:Profiles>'
            media = 'xmlns:m="http://www.onvif.org/ver10/media/wsdl"'
            return (
                200,
                f"{_OPEN}<m:GetProfilesResponse {media}>{profile}</m:GetProfilesResponse>{_END}",
            )
        assert "<ProfileToken>a&amp;b</ProfileToken>" in question
        return 200, f"{_OPEN}<tt:Uri>{self.stream}</tt:Uri>{_END}"

    def _is_signed(self, asked: ElementTree.Element) -> bool:
        def text(tag: str) -> str:
            return next((one.text or "" for one in asked.iter(tag)), "")

        created = text(f"{_WSU}Created")
        if not created:
            return False
        moment = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(moment - datetime.now(UTC) - self.clock_ahead) > _CLOCK_MAY_DIFFER:
            return False
        nonce = base64.b64decode(text(f"{_WSSE}Nonce"))
        digest = hashlib.sha1(nonce + created.encode() + self.password.encode()).digest()
        is_known = text(f"{_WSSE}Username") == self.user
        return is_known and text(f"{_WSSE}Password") == base64.b64encode(digest).decode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                question = self.rfile.read(int(self.headers["Content-Length"])).decode()
                camera.heard.append(f"{self.headers}{question}")
                status, reply = camera._reply(question)
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply.encode())))
                self.end_headers()
                self.wfile.write(reply.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def onvif_camera(stream: str, **options: object) -> Iterator[OnvifCamera]:
    """Have a camera answer while the context is open; see `OnvifCamera`."""
    camera = OnvifCamera(stream, **options)  # type: ignore[arg-type]
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()
