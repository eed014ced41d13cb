"""Asking a camera where its pictures are: the few questions of ONVIF that this takes.

The password never crosses the network: a digest of it does (WS-Security), and HTTP's own digest
where the camera asks for that.

Source:
    ONVIF Core Specification, section 5.9 (user name token); ONVIF Media Service Specification;
    OASIS Web Services Security UsernameToken Profile 1.0:
    digest = Base64(SHA-1(nonce + created + password)).
"""

import base64
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from monitor.core.clock import Clock
from monitor.core.errors import NotAStreamError, SourceError, UnauthorizedError, UnreachableError
from monitor.core.secret import Secret
from monitor.video.label import split_authority

_TIMEOUT_S = 5.0
_LARGEST_BYTES = 1_000_000
_NONCE_BYTES = 16
_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA = "http://www.onvif.org/ver10/media/wsdl"
_SCHEMA = "http://www.onvif.org/ver10/schema"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"


@dataclass(frozen=True, slots=True)
class OfferedStream:
    """One way in which a camera gives its pictures."""

    name: str
    """What the camera calls it."""
    address: str
    """Where it is, without user and password."""
    size_wh: tuple[int, int] | None = None
    """Width and height as the camera states them."""
    rate_hz: float | None = None
    """Most pictures a second as the camera states it."""
    encoding: str = ""
    """H264, H265, JPEG; empty where it does not say."""

    @property
    def title(self) -> str:
        """How it is shown in a list."""
        size = "" if self.size_wh is None else f"{self.size_wh[0]} × {self.size_wh[1]}"
        rate = "" if self.rate_hz is None else f"{self.rate_hz:g} a second"
        return ", ".join(one for one in (self.name, size, rate, self.encoding) if one)


class OnvifDevice:
    """One camera, asked on one thread."""

    def __init__(self, service: str, user: str, password: Secret | None, *, clock: Clock) -> None:
        """Prepare to ask; nothing is sent.

        Args:
            service: Its web address, as discovery found it.
            user: Name of an account on the camera; empty: ask as nobody.
            password: That account's password.
            clock: Where time comes from.
        """
        self._service = service
        self._host = urlsplit(service).hostname or ""
        self._user = user
        self._password = password
        self._clock = clock
        self._ahead = timedelta()

    def streams(self) -> tuple[OfferedStream, ...]:
        """Ask which streams there are.

        Returns:
            The streams in the camera's order, its main one first.

        Raises:
            UnauthorizedError: If the camera does not know the user or the password.
            UnreachableError: If it does not answer.
            NotAStreamError: If what answers is no camera that can be understood.
        """
        self._ahead = self._clock_difference()
        media = self._media_service()
        answer = self._ask(media, f'<GetProfiles xmlns="{_MEDIA}"/>')
        streams = []
        for profile in answer.iter(f"{{{_MEDIA}}}Profiles"):
            token = profile.get("token", "")
            address = self._stream_address(media, token)
            if address:
                streams.append(_offered(profile, address))
        if not streams:
            raise NotAStreamError(f"{self._host}: the camera names no stream")
        return tuple(streams)

    def _clock_difference(self) -> timedelta:
        """Say how far the camera's clock is ahead: a digest of another hour is refused."""
        question = f'<GetSystemDateAndTime xmlns="{_DEVICE}"/>'
        try:
            answer = self._ask(self._service, question, is_signed=False)
            utc = answer.find(f".//{{{_SCHEMA}}}UTCDateTime")
            parts = (
                {}
                if utc is None
                else {
                    _local(one): int(one.text or 0)
                    for one in utc.iter()
                    if (one.text or "").strip().isdecimal()
                }
            )
            there = datetime(
                parts["Year"], parts["Month"], parts["Day"],
                parts["Hour"], parts["Minute"], parts["Second"], tzinfo=UTC,
            )  # fmt: skip
        except (UnauthorizedError, NotAStreamError, KeyError, ValueError):
            return timedelta()  # some tell nobody the time; then ours has to do
        return there - self._clock.utc()

    def _media_service(self) -> str:
        question = (
            f'<GetCapabilities xmlns="{_DEVICE}"><Category>Media</Category></GetCapabilities>'
        )
        answer = self._ask(self._service, question)
        address = answer.findtext(f".//{{{_SCHEMA}}}Media/{{{_SCHEMA}}}XAddr") or ""
        return self._ours(address.strip()) or self._service

    def _stream_address(self, media: str, token: str) -> str:
        question = (
            f'<GetStreamUri xmlns="{_MEDIA}"><StreamSetup><Stream xmlns="{_SCHEMA}">RTP-Unicast'
            f'</Stream><Transport xmlns="{_SCHEMA}"><Protocol>RTSP</Protocol></Transport>'
            f"</StreamSetup><ProfileToken>{escape(token)}</ProfileToken></GetStreamUri>"
        )
        answer = self._ask(media, question)
        address = (answer.findtext(f".//{{{_SCHEMA}}}Uri") or "").strip()
        scheme, _, rest = address.partition("://")
        parts = split_authority(rest)
        if scheme.lower() not in {"rtsp", "rtsps"} or parts is None:
            return ""
        return f"{scheme.lower()}://{parts[1]}{parts[2]}"

    def _ours(self, address: str) -> str:
        """Give an address at the host that we found, whatever host the camera believes it has."""
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"}:
            return ""
        port = f":{parts.port}" if parts.port is not None else ""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return urlunsplit((parts.scheme, f"{host}{port}", parts.path, parts.query, ""))

    def _ask(self, service: str, question: str, *, is_signed: bool = True) -> Element:
        import requests  # loads much, and only where a camera is asked
        from requests.auth import HTTPDigestAuth

        header = self._signature() if is_signed and self._user else ""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope">'
            f"<e:Header>{header}</e:Header><e:Body>{question}</e:Body></e:Envelope>"
        )
        password = "" if self._password is None else self._password.reveal()
        failure: SourceError | None = None
        try:
            with requests.post(
                service,
                data=body.encode(),
                headers={"Content-Type": "application/soap+xml; charset=utf-8"},
                auth=HTTPDigestAuth(self._user, password) if self._user and is_signed else None,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
                verify=False,  # cameras sign their own; the password is not sent in the clear
                stream=True,
            ) as answer:
                status = answer.status_code
                content = answer.raw.read(_LARGEST_BYTES + 1, decode_content=True)
        except requests.RequestException as error:
            failure = UnreachableError(f"{self._host}: does not answer ({type(error).__name__})")
        except OSError as error:
            failure = UnreachableError(f"{self._host}: stopped answering ({error.strerror})")
        if failure is not None:  # raised here, so that no context holds what was sent
            raise failure
        return self._understood(status, content)

    def _understood(self, status: int, content: bytes) -> Element:
        refused = UnauthorizedError(
            f"{self._host}: the camera refused the user name or the password; check both"
        )
        if status in {401, 403}:
            raise refused
        no_camera = NotAStreamError(
            f"{self._host}: something answers, but it is no ONVIF camera; type its address"
        )
        if len(content) > _LARGEST_BYTES:
            raise no_camera
        try:
            document: Element = fromstring(content, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError):
            raise no_camera from None
        fault = next((one for one in document.iter() if _local(one) == "Fault"), None)
        if fault is None:
            return document
        told = " ".join("".join(fault.itertext()).split())
        if "NotAuthorized" in told or "FailedAuthentication" in told:
            raise refused
        raise NotAStreamError(f"{self._host}: the camera cannot answer ({told[:120]})")

    def _signature(self) -> str:
        """Give the header that proves that we know the password, without telling it."""
        nonce = os.urandom(_NONCE_BYTES)
        now = self._clock.utc() + self._ahead
        created = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        password = "" if self._password is None else self._password.reveal()
        digest = sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
        kind = f"{_SECURITY}-username-token-profile-1.0#PasswordDigest"
        base64_kind = f"{_SECURITY}-soap-message-security-1.0#Base64Binary"
        return (
            f'<s:Security e:mustUnderstand="true" xmlns:s="{_SECURITY}-wssecurity-secext-1.0.xsd" '
            f'xmlns:u="{_SECURITY}-wssecurity-utility-1.0.xsd"><s:UsernameToken>'
            f"<s:Username>{escape(self._user)}</s:Username>"
            f'<s:Password Type="{kind}">{base64.b64encode(digest).decode()}</s:Password>'
            f'<s:Nonce EncodingType="{base64_kind}">{base64.b64encode(nonce).decode()}</s:Nonce>'
            f"<u:Created>{created}</u:Created></s:UsernameToken></s:Security>"
        )


def _offered(profile: Element, address: str) -> OfferedStream:
    encoder = profile.find(f"{{{_SCHEMA}}}VideoEncoderConfiguration")
    name = (profile.findtext(f"{{{_SCHEMA}}}Name") or profile.get("token") or "")[:60]
    if encoder is None:
        return OfferedStream(name, address)
    width = _number(encoder, "Resolution", "Width")
    height = _number(encoder, "Resolution", "Height")
    return OfferedStream(
        name,
        address,
        None if width is None or height is None else (round(width), round(height)),
        _number(encoder, "RateControl", "FrameRateLimit"),
        (encoder.findtext(f"{{{_SCHEMA}}}Encoding") or "")[:20],
    )


def _number(parent: Element, *path: str) -> float | None:
    text = parent.findtext("/".join(f"{{{_SCHEMA}}}{one}" for one in path)) or ""
    try:
        return float(text)
    except ValueError:
        return None


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
