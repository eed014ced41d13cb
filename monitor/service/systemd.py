"""Telling systemd how the service is doing: ready, alive, stopping; nothing where it is not asked.

The protocol is one datagram with lines of `KEY=value` to the socket that `NOTIFY_SOCKET` names.
"""

import logging
import os
import socket
from collections.abc import Mapping

logger = logging.getLogger(__name__)

_MICROSECONDS = 1_000_000
_PINGS_IN_TIME = 2  # systemd advises to tell twice as often as it listens


class Systemd:
    """The way to systemd. Every method may be called on any thread and none of them waits."""

    def __init__(
        self, environ: Mapping[str, str] = os.environ, *, process_id: int | None = None
    ) -> None:
        """Look whether systemd started this program and wants to hear of it.

        Args:
            environ: The environment.
            process_id: Number of this process; None: asked from the system.
        """
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog_every_s = _watchdog_every_s(environ, process_id or os.getpid())
        """Seconds between two signs of life that are wanted; None: none are."""
        self._told_s: float | None = None

    def ready(self, status: str) -> None:
        """Say that the service works, and in words how."""
        self._send(f"READY=1\nSTATUS={_one_line(status)}")

    def alive(self, now_s: float) -> None:
        """Give a sign of life, where one is due."""
        every_s = self.watchdog_every_s
        if every_s is not None and (self._told_s is None or now_s - self._told_s >= every_s):
            self._told_s = now_s
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the service ends because it was asked to."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        address = self._address
        if address.startswith("@"):  # a name of Linux' abstract kind
            address = "\0" + address[1:]
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.setblocking(False)
                channel.sendto(text.encode(), address)
        except OSError as error:
            logger.debug("systemd could not be told: %s", error.strerror)


def _watchdog_every_s(environ: Mapping[str, str], process_id: int) -> float | None:
    limit_us = environ.get("WATCHDOG_USEC", "")
    asked_of = environ.get("WATCHDOG_PID", "")
    if not limit_us.isdecimal() or int(limit_us) == 0:
        return None
    if asked_of and asked_of != str(process_id):
        return None
    return int(limit_us) / _MICROSECONDS / _PINGS_IN_TIME


def _one_line(text: str) -> str:
    return " ".join(text.split())
