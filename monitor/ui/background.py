"""Background tasks: work that may wait for a disk, done off the GUI thread.

Of tasks with one name only the newest that was not begun is run, as nobody needs the past of a
camera that is no longer shown.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Event

from monitor.core.errors import MonitorError
from monitor.core.worker import Worker, WorkerHealth, sentence_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """Something to do, and what to do with what comes of it."""

    work: Callable[[], object]
    """Done on the background thread; may raise `MonitorError` or `OSError`."""
    on_done: Callable[[object], None]
    """Called on the GUI thread with what `work` gave."""
    on_failed: Callable[[str], None]
    """Called on the GUI thread with one sentence."""


class BackgroundTasks:
    """Runs tasks one after the other; every method is for the GUI thread.

    A task that fails in a way that nobody expected is told to whoever sent it, too; the thread
    goes on with the next one.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: dict[str, BackgroundTask] = {}
        self._finished: deque[Callable[[], None]] = deque()
        self._worker = Worker("background", self._step, wake=self._wake)

    @property
    def is_working(self) -> bool:
        """Whether what is sent will be done."""
        return self._worker.is_alive

    @property
    def health(self) -> WorkerHealth:
        """How its thread is doing."""
        return self._worker.health

    def start(self) -> None:
        """Start working; once."""
        self._worker.start()

    def stop(self, timeout_s: float) -> bool:
        """Finish what was begun and drop the rest; False if that takes longer than the limit."""
        with self._changed:
            self._waiting.clear()
        return self._worker.stop(timeout_s)

    def send(self, name: str, task: BackgroundTask) -> None:
        """Have something done; a task of the same name that was not begun is dropped."""
        with self._changed:
            self._waiting.pop(name, None)
            self._waiting[name] = task
            self._changed.notify()

    def collect(self) -> None:
        """Hand over what has come back since the last call; one that raises loses no other."""
        while self._finished:
            self._finished.popleft()()

    def _step(self, stop: Event) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or stop.is_set())
            if stop.is_set():
                return
            task = self._waiting.pop(next(iter(self._waiting)))
        try:
            found = task.work()
        except (MonitorError, OSError) as error:
            message = str(error)
            logger.warning("%s", message)
            self._finished.append(lambda: task.on_failed(message))
        except Exception as error:
            message = sentence_of(error)
            self._finished.append(lambda: task.on_failed(message))
            raise  # the worker counts and logs it, and goes on
        else:
            self._finished.append(lambda: task.on_done(found))

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()
