"""Asking everybody on every network of this machine, and hearing whoever answers.

A machine with cameras often has two networks: one for the office and one for the cameras. A
question to everybody goes out through the usual one alone unless each is named, and then no camera
hears it.
"""

import ipaddress
import select
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event

from monitor.core.clock import Clock

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
