"""Finding cameras on the network: WS-Discovery, as ONVIF asks for it.

A question goes to everybody on the network, and whoever is a camera answers to us. What comes is
from strangers: it is read with a parser that follows no reference, and nothing in it is trusted but
as a proposal that a person looks at.

Source:
    OASIS Web Services Dynamic Discovery, 2005; ONVIF Core Specification, section 7.

A machine with cameras often has two networks: one for the office and one for the cameras. A
question to everybody goes out through the usual one alone unless each is named, and then no camera
hears it.
"""

import ipaddress
import select
import socket
import struct
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from monitor.core.clock import Clock
from monitor.core.errors import UnreachableError

_LARGEST_BYTES = 65_535
_STEP_S = 0.2
_HOPS = 1  # whoever is on these networks alone


@contextmanager
def asking(
    ask: tuple[str, int], interfaces: Sequence[int] | None = None
) -> Iterator[list[socket.socket]]:
    """Have a line to each network open while the context is.

    Args:
        ask: Whom to ask: a number that means everybody, or one machine.
        interfaces: Numbers of the networks as the system counts them; None: all that it has.

    Yields:
        A line through the usual network, and for a question to everybody one through each.
    """
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(_line())]
        if ipaddress.ip_address(ask[0]).is_multicast:
            for number in _all_interfaces() if interfaces is None else interfaces:
                line = open_lines.enter_context(_line())
                if _goes_through(line, number):
                    lines.append(line)
        yield lines


def send(lines: Sequence[socket.socket], question: bytes, ask: tuple[str, int]) -> None:
    """Ask through every line; a network that is down is left out.

    Args:
        lines: From `asking`.
        question: What is asked.
        ask: Whom.

    Raises:
        OSError: If no line could be asked through: that of the usual network.
    """
    faults = [fault for line in lines if (fault := _send(line, question, ask)) is not None]
    if len(faults) == len(lines):
        raise faults[0]


def answers(
    lines: Sequence[socket.socket], stop: Event, clock: Clock, listen_s: float
) -> Iterator[tuple[bytes, str]]:
    """Give what comes back, through whichever line.

    Args:
        lines: From `asking`.
        stop: Set by another thread to give up.
        clock: Where time comes from.
        listen_s: How long to wait, seconds.

    Yields:
        What came, and the number of the machine that it came from.
    """
    until_s = clock.monotonic_s() + listen_s
    while clock.monotonic_s() < until_s and not stop.is_set():
        ready, _, _ = select.select(lines, [], [], _STEP_S)
        for line in ready:
            try:
                answer, (sender, _) = line.recvfrom(_LARGEST_BYTES)
            except OSError:  # Windows tells here that somebody was not there to be asked
                continue
            yield answer, sender


def _line() -> socket.socket:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setblocking(False)
    line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
    return line


def _all_interfaces() -> list[int]:
    try:
        return [number for number, _ in socket.if_nameindex()]
    except OSError:
        return []  # the usual network is asked all the same


def _goes_through(line: socket.socket, interface: int) -> bool:
    """Have what is sent to everybody go through one network; False: it is none for that."""
    # By number, as a network may have several addresses, or none yet: ip_mreqn of Linux and macOS,
    # and 0.0.0.N on Windows.
    windows = sys.platform == "win32"
    packed = struct.pack("!I", interface) if windows else struct.pack("@4s4si", b"", b"", interface)
    try:
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, packed)
    except OSError:
        return False
    return True


def _send(line: socket.socket, question: bytes, ask: tuple[str, int]) -> OSError | None:
    try:
        line.sendto(question, ask)
    except OSError as error:
        return error
    return None


MULTICAST = ("239.255.255.250", 3702)
"""Where WS-Discovery asks."""
LISTEN_S = 3.0
"""How long cameras are waited for: they answer within half a second, some ask us to be patient."""
_ASK_TIMES = 2  # one question in a hundred is lost on a wireless network
_MOST_DEVICES = 256

_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_PROBE = f"""<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="{_DISCOVERY}"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl">
<e:Header><w:MessageID>urn:uuid:{{number}}</w:MessageID>
<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>
<w:Action e:mustUnderstand="true">{_DISCOVERY}/Probe</w:Action></e:Header>
<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"""


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A camera that answered."""

    service: str
    """Web address at which it answers questions."""
    host: str
    """Its name or number on the network."""
    name: str = ""
    """What it calls itself; empty where it does not say."""
    hardware: str = ""
    """What it is; empty where it does not say."""
    location: str = ""
    """Where it hangs, if somebody told it."""

    @property
    def title(self) -> str:
        """How it is shown in a list."""
        described = " ".join(one for one in (self.name, self.hardware) if one)
        return f"{described} ({self.host})" if described else self.host


def find_devices(
    *,
    stop: Event,
    clock: Clock,
    ask: tuple[str, int] = MULTICAST,
    listen_s: float = LISTEN_S,
) -> tuple[FoundDevice, ...]:
    """Ask every network of this machine for cameras and wait for their answers.

    Args:
        stop: Set by another thread to give up.
        clock: Where time comes from.
        ask: Whom to ask.
        listen_s: How long to wait, seconds.

    Returns:
        Cameras in the order of their hosts, each once.

    Raises:
        UnreachableError: If this machine cannot ask its network.
    """
    found: dict[str, FoundDevice] = {}
    try:
        with asking(ask) as lines:
            for _ in range(_ASK_TIMES):
                send(lines, _PROBE.format(number=uuid.uuid4()).encode(), ask)
            for answer, sender in answers(lines, stop, clock, listen_s):
                for device in devices_in(answer, sender):
                    found.setdefault(device.host, device)
                if len(found) >= _MOST_DEVICES:
                    break
    except OSError as error:
        raise UnreachableError(
            f"the network cannot be asked for cameras ({error.strerror or error}); type the address"
        ) from error
    return tuple(sorted(found.values(), key=lambda one: one.host))


def devices_in(answer: bytes, sender: str) -> tuple[FoundDevice, ...]:
    """Read an answer.

    Args:
        answer: What came, from whomever.
        sender: The number that it came from.

    Returns:
        Cameras; empty where it is no answer that can be understood.
    """
    try:
        document = fromstring(answer, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return ()
    matches = document.iter(f"{{{_DISCOVERY}}}ProbeMatch")
    return tuple(one for match in matches if (one := _device(match, sender)) is not None)


def _device(match: Element, sender: str) -> FoundDevice | None:
    addresses = _words(match, "XAddrs")
    usable = [one for one in addresses if _host_of(one)]
    # A camera with several networks names several addresses; the one it answered from is ours.
    service = next((one for one in usable if _host_of(one) == sender), next(iter(usable), None))
    if service is None:
        return None
    scopes = [urlsplit(one) for one in _words(match, "Scopes")]
    told = {
        key: unquote(scope.path.removeprefix(f"/{key}/"))
        for scope in reversed(scopes)
        for key in ("name", "hardware", "location")
        if scope.netloc == "www.onvif.org" and scope.path.startswith(f"/{key}/")
    }
    return FoundDevice(service, _host_of(service), **{key: _plain(told[key]) for key in told})


def _words(match: Element, name: str) -> list[str]:
    return (match.findtext(f"{{{_DISCOVERY}}}{name}") or "").split()


def _host_of(address: str) -> str:
    """Give the host of a web address; empty where it is none."""
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and parts.username is None
        return (parts.hostname or "") if is_web else ""
    except ValueError:
        return ""


def _plain(text: str) -> str:
    """Give one short line of what a stranger calls itself."""
    return "".join(one if one.isprintable() else " " for one in text).strip()[:60]
