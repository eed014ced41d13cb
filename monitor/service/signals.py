"""The signals by which an operating system talks to a service."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

logger = logging.getLogger(__name__)


@contextmanager
def obeying_signals(stop: Event, reload: Event | None = None) -> Iterator[None]:
    """Let signals set events while the context is open; on the main thread only.

    Args:
        stop: Set on SIGINT and SIGTERM.
        reload: Set on SIGHUP, where the system has it; None: that does what it did before.

    Yields:
        Once; afterwards signals do what they did before.
    """

    def on_stop(number: int, _: object) -> None:
        logger.info("Stopping on %s", signal.Signals(number).name)
        stop.set()

    handlers: dict[signal.Signals, signal._HANDLER] = {
        signal.SIGINT: on_stop,
        signal.SIGTERM: on_stop,
    }
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if reload is not None and hang_up is not None:
        handlers[hang_up] = lambda *_: reload.set()
    before = {one: signal.signal(one, handler) for one, handler in handlers.items()}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
