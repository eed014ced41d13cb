"""Background tasks: work that may wait for a disk, done off the GUI thread.

Of tasks with one name only the newest that was not begun is run, as nobody needs the past of a
camera that is no longer shown.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread

from monitor.core.errors import MonitorError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """Something to do, and what to do with what comes of it."""

    work: Callable[[], object]
    """Done on the errands' thread; may raise `MonitorError` or `OSError`."""
    on_done: Callable[[object], None]
    """Called on the GUI thread with what `work` gave."""
    on_failed: Callable[[str], None]
    """Called on the GUI thread with one sentence."""


class BackgroundTasks:
    """Runs errands one after the other; every method is for the GUI thread."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: dict[str, BackgroundTask] = {}
        self._finished: list[Callable[[], None]] = []
        self._is_stopping = False
        self._thread = Thread(target=self._run, name="crowd-errands", daemon=True)

    @property
    def is_working(self) -> bool:
        """Whether what is sent will be done."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start working; once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Finish what was begun and drop the rest; False if that takes longer than the limit."""
        with self._changed:
            self._is_stopping = True
            self._waiting.clear()
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def send(self, name: str, errand: BackgroundTask) -> None:
        """Have something done; an errand of the same name that was not begun is dropped."""
        with self._changed:
            self._waiting.pop(name, None)
            self._waiting[name] = errand
            self._changed.notify()

    def collect(self) -> None:
        """Hand over what has come back since the last call."""
        with self._changed:
            finished, self._finished = self._finished, []
        for hand_over in finished:
            hand_over()

    def _run(self) -> None:
        while (errand := self._next()) is not None:
            hand_over = _done(errand)
            with self._changed:
                self._finished.append(hand_over)

    def _next(self) -> BackgroundTask | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_stopping)
            if self._is_stopping:
                return None
            return self._waiting.pop(next(iter(self._waiting)))


def _done(errand: BackgroundTask) -> Callable[[], None]:
    """Do an errand; give what is to be called on the GUI thread."""
    try:
        found = errand.work()
    except (MonitorError, OSError) as error:
        message = str(error)
        logger.warning("%s", message)
        return lambda: errand.on_failed(message)
    return lambda: errand.on_done(found)
