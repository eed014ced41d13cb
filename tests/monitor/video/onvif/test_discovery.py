"""Finding cameras."""

from threading import Event

import pytest

from monitor.core.clock import SystemClock
from monitor.video.onvif.discovery import devices_in, find_devices
from tests.rigs.onvif import onvif_camera

STREAM = "rtsp://127.0.0.1:554/live"
OPEN = '<e xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><d:ProbeMatch>'
END = "</d:ProbeMatch></e>"


def test_a_camera_answers_with_its_name() -> None:
    """By real UDP; of several addresses the one that it answered from; what is no XML is borne."""
    with onvif_camera(STREAM) as camera:
        found = find_devices(stop=Event(), clock=SystemClock(), ask=camera.ask, listen_s=1.0)

    assert [(one.service, one.host) for one in found] == [(camera.service, "127.0.0.1")]
    assert (found[0].title, found[0].location) == ("River cam RC-1 (127.0.0.1)", "north")


def test_who_gives_up_is_not_kept_waiting() -> None:
    """The search ends with the dialog."""
    stop = Event()
    stop.set()
    with onvif_camera(STREAM) as camera:
        found = find_devices(stop=stop, clock=SystemClock(), ask=camera.ask, listen_s=600.0)

    assert found == ()


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<not xml",
        f"{OPEN}{END}",
        f"{OPEN}<d:XAddrs>file:///etc/passwd gopher://x http:// http://u:p@x/</d:XAddrs>{END}",
        '<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>',
        f'<!DOCTYPE e [<!ENTITY x "y">]>{OPEN}<d:XAddrs>http://&x;/</d:XAddrs>{END}',
    ],
    ids=["empty", "no-xml", "no-address", "no-web-address", "reference", "entity"],
)
def test_what_a_stranger_sends_is_borne(answer: str) -> None:
    """Nothing is read, opened or believed."""
    assert devices_in(answer.encode(), "192.0.2.1") == ()


def test_a_name_is_one_short_line() -> None:
    """Whatever a stranger calls itself."""
    scope = "onvif://www.onvif.org/name/a%0Ab%1B" + "c" * 500
    answer = f"{OPEN}<d:Scopes>{scope}</d:Scopes><d:XAddrs>http://192.0.2.1/</d:XAddrs>{END}"
    (device,) = devices_in(answer.encode(), "192.0.2.1")

    assert device.name.startswith("a b ccc")
    assert len(device.name) <= 60
