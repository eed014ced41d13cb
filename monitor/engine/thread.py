"""A thread that somebody notices when it dies, and that can then be started again.

A thread that ends by mistake leaves no trace: its camera would show its last picture for ever. So
every long-lived thread of the engine runs in one of these, and the supervision looks after them.
"""

import logging
import traceback
from collections.abc import Callable
from threading import Lock, Thread

logger = logging.getLogger(__name__)

THREAD_PREFIX = "crowd-"
"""Begins the name of every thread of the engine."""


class GuardedThread:
    """Runs a body that ends only when it is told to; every method is for any thread.

    It does not keep the program alive when its body never returns.
    """

    def __init__(
        self, name: str, body: Callable[[], None], *, after: "GuardedThread | None" = None
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            name: Who it is, for the log; the common prefix is put before it.
            body: What it does.
            after: Must have ended before the body begins: a camera that is opened twice may
                refuse the second time. None: nothing.
        """
        self._name = f"{THREAD_PREFIX}{name}"
        self._body = body
        self._after = after
        self._lock = Lock()
        self._thread: Thread | None = None
        self._has_returned = False
        self._restarts = 0

    @property
    def name(self) -> str:
        """Who it is."""
        return self._name

    @property
    def restarts(self) -> int:
        """How often it was started again after it had died."""
        with self._lock:
            return self._restarts

    @property
    def is_alive(self) -> bool:
        """Whether it runs now."""
        with self._lock:
            return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start; once."""
        with self._lock:
            self._launch()

    def revive(self) -> bool:
        """Start again if the body ended by mistake; says whether it did."""
        with self._lock:
            if self._thread is None or self._thread.is_alive() or self._has_returned:
                return False
            self._restarts += 1
            self._launch()
        logger.warning("%s had ended by mistake and was started again", self._name)
        return True

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for it to end; says whether it has, or was never started."""
        with self._lock:
            thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def _launch(self) -> None:
        self._thread = Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if self._after is not None:
            self._after.join()
            self._after = None
        try:
            self._body()
        except Exception as error:  # noqa: BLE001 - told, and mended by whoever calls `revive`
            # Its text may hold an address with a password, so only the kind and the place are kept.
            places = "".join(traceback.format_tb(error.__traceback__))
            logger.error("%s ended with %s\n%s", self._name, type(error).__name__, places)  # noqa: TRY400
        else:
            self._has_returned = True
