"""How the service ends on signals, and what systemd is told: ready, alive, stopping.

systemd reads one datagram with lines of `KEY=value` from the socket that `NOTIFY_SOCKET` names.
"""

import logging
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread

logger = logging.getLogger(__name__)

_END = 0
"""No signal has this number."""
_NUMBERS_AT_ONCE = 64


@contextmanager
def obeying_signals(stop: Event, reload: Event | None = None) -> Iterator[None]:
    """Let signals set events while the context is open; on the main thread only.

    Args:
        stop: Set on SIGINT and SIGTERM.
        reload: Set on SIGHUP, where the system has it; None: that does what it did before.

    Yields:
        Once; afterwards signals do what they did before.
    """
    wishes = {int(signal.SIGINT): stop, int(signal.SIGTERM): stop}
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if reload is not None and hang_up is not None:
        wishes[int(hang_up)] = reload
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    listener = Thread(target=_listen, args=(ear, wishes, stop), name="crowd-signals", daemon=True)
    listener.start()
    wakeup_before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    before = {one: signal.signal(one, _do_nothing) for one in wishes}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(wakeup_before)
        mouth.send(bytes([_END]))
        listener.join()
        mouth.close()
        ear.close()


def _listen(ear: socket.socket, wishes: dict[int, Event], stop: Event) -> None:
    """Set events as signals come, until told to end."""
    while True:
        numbers = ear.recv(_NUMBERS_AT_ONCE)
        for number in numbers:
            wish = wishes.get(number)
            if wish is None:
                continue
            if wish is stop:
                logger.info("Stopping on %s", signal.Signals(number).name)
            wish.set()
        if _END in numbers or not numbers:
            return


def _do_nothing(_number: int, _frame: object) -> None:
    """Be there, so that the interpreter writes the number into the socket."""


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
