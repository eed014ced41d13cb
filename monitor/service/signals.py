"""The signals by which an operating system talks to a service.

Python runs a signal's handler on the main thread, between two steps of whatever that does: inside a
lock that the handler wants, too, or not for a minute, while a large model loads. So the handlers do
nothing. The number of each signal comes over a socket, into which the interpreter writes it at
once, and a thread of its own does what was asked.
"""

import logging
import signal
import socket
from collections.abc import Iterator
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
