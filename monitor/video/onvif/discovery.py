"""Finding cameras on the network: WS-Discovery, as ONVIF asks for it.

A question goes to everybody on the network, and whoever is a camera answers to us. What comes is
from strangers: it is read with a parser that follows no reference, and nothing in it is trusted but
as a proposal that a person looks at.

Source:
    OASIS Web Services Dynamic Discovery, 2005; ONVIF Core Specification, section 7.
"""

import uuid
from dataclasses import dataclass
from threading import Event
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from monitor.core.clock import Clock
from monitor.core.errors import UnreachableError
from monitor.video.onvif.asking import answers, asking, send

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
