"""Asking on every network: real questions to everybody, through the loopback."""

import socket
import struct
import sys
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from monitor.core.clock import SystemClock
from monitor.video.onvif.discovery import answers, asking, find_devices, send
from tests.rigs.load import scaled_s
from tests.rigs.onvif import OnvifCamera

GROUP = "239.255.255.250"
NOWHERE = 9_999
"""No machine has so many networks."""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems number their networks differently"
)


@pytest.fixture
def loopback() -> int:
    """Number of the network within this machine, which is never the usual one."""
    return socket.if_nametoindex("lo")


@pytest.fixture
def group(loopback: int) -> Iterator[socket.socket]:
    """Somebody who hears questions to everybody, on the loopback alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("", 0))
        member = struct.pack("@4s4si", socket.inet_aton(GROUP), b"", loopback)
        line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        line.settimeout(10)
        yield line


def place(line: socket.socket) -> tuple[str, int]:
    return GROUP, line.getsockname()[1]


def test_whoever_is_on_another_network_is_asked_and_heard(
    group: socket.socket, loopback: int
) -> None:
    """The question arrives there, and the answer comes back."""

    def answer() -> None:
        question, sender = group.recvfrom(1000)
        group.sendto(question.upper(), sender)

    thread = Thread(target=answer)
    thread.start()
    with asking(place(group), [loopback]) as lines:
        send(lines, b"who is there?", place(group))
        found = next(answers(lines, Event(), SystemClock(), 10.0))
    thread.join(scaled_s(10))

    assert found[0] == b"WHO IS THERE?"


def test_every_network_of_the_machine_is_asked_unless_some_are_named() -> None:
    """Each through a line of its own, beside the usual one."""
    with asking((GROUP, 3702)) as lines:
        assert len(lines) == 1 + len(socket.if_nameindex())


def test_one_machine_is_asked_once() -> None:
    """Its address says by itself which network leads there."""
    with asking(("127.0.0.1", 3702)) as lines:
        assert len(lines) == 1


def test_a_network_that_is_not_there_is_left_out(group: socket.socket, loopback: int) -> None:
    """As a card that was pulled out; the others are asked."""
    with asking(place(group), [NOWHERE, loopback]) as lines:
        send(lines, b"hello", place(group))

    assert len(lines) == 2
    assert group.recvfrom(100)[0] == b"hello"


def test_where_nobody_can_be_asked_it_is_said() -> None:
    """A machine without any network: the fault of the usual one is told."""
    with asking((GROUP, 3702), []) as lines:
        lines[0].close()
        with pytest.raises(OSError, match="descriptor"):
            send(lines, b"hello", (GROUP, 3702))


def test_a_camera_on_another_network_is_found(loopback: int) -> None:
    """The whole search, with a camera that answers in the group on the loopback alone."""
    camera = OnvifCamera("rtsp://127.0.0.1:554/live")
    member = struct.pack("@4s4si", socket.inet_aton(GROUP), b"", loopback)
    camera.join(member)
    camera.start()
    try:
        found = find_devices(
            stop=Event(), clock=SystemClock(), ask=(GROUP, camera.ask[1]), listen_s=1.0
        )
    finally:
        camera.stop()

    assert [one.name for one in found] == ["River cam"]
