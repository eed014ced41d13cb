"""A thread that goes on whatever happens to one of its jobs, and says how it is doing.

A thread that dies by mistake leaves no trace: its camera would show its last picture for ever, its
alarms would never be written down. So every long-lived thread of the program is one of these:
readers, counting, rendering, background tasks, outputs. They fail, recover and end in one way.
"""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread

from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import MonitorError

logger = logging.getLogger(__name__)

THREAD_PREFIX = "crowd-"
"""Begins the name of every thread of the program."""

_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 1.0
_DOUBLINGS_MAX = 10
_LOOK_EVERY_S = 0.02  # how soon a worker notices that the one it waits for has ended


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """How one worker is doing now."""

    name: str
    """Name of its thread."""
    is_alive: bool
    """Whether the thread runs now."""
    has_ended: bool = False
    """Whether it ended as it should: it was told to, or had nothing left to do."""
    failures: int = 0
    """How often a step failed, or the whole loop died and was started again."""
    last_error: str = ""
    """One sentence about the last failure, without secrets; empty once a step has worked again."""
    last_beat_s: float = 0.0
    """Monotonic clock when a step last began or ended, seconds; 0 before the first."""

    @property
    def is_failing(self) -> bool:
        """Whether a person should know: its last step failed, or it is dead and should not be."""
        return bool(self.last_error) or not (self.is_alive or self.has_ended)


class Worker:
    """Calls a step again and again, on a daemon thread of its own, until it is told to stop.

    A step that raises is counted, logged once for each kind of failure, and called again after a
    pause that grows from 10 ms to a second while it goes on failing. A thread that dies
    nevertheless is started again. It does not keep the program alive when a step never returns.

    The step is given an event, which is set when it is time to end: a long step looks at it, and
    one that has nothing left to do sets it. A worker with a queue waits in its step for the next
    job, and gives `wake`, which makes that wait end.

    Every method is for any thread; `step` and `finish` run on the worker's own.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[Event], object],
        *,
        wake: Callable[[], object] | None = None,
        finish: Callable[[], object] | None = None,
        after: "Worker | None" = None,
        clock: Clock | None = None,
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            name: Who it is; the common prefix is put before it.
            step: One piece of work; what it gives is thrown away.
            wake: Called when it is time to end, so that a waiting step returns.
            finish: Called once, after the last step: lets go of a file or a connection.
            after: Must have ended before the first step: a camera that is opened twice may refuse
                the second time. None: nothing.
            clock: Where time comes from; None: this machine.
        """
        self._name = f"{THREAD_PREFIX}{name}"
        self._step = step
        self._wake = wake
        self._finish = finish
        self._after = after
        self._clock = SystemClock() if clock is None else clock
        self._stop = Event()
        self._ended = Event()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._failures = 0
        self._in_a_row = 0
        self._last_error = ""
        self._last_beat_s = 0.0
        self._logged: set[tuple[str, str]] = set()

    @property
    def name(self) -> str:
        """Name of its thread."""
        return self._name

    @property
    def is_alive(self) -> bool:
        """Whether it runs now."""
        with self._lock:
            return self._thread is not None and self._thread.is_alive()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end, or has nothing left to do."""
        return self._stop.is_set()

    @property
    def health(self) -> WorkerHealth:
        """How it is doing now."""
        with self._lock:
            return WorkerHealth(
                self._name,
                self._thread is not None and self._thread.is_alive(),
                self._ended.is_set(),
                self._failures,
                self._last_error,
                self._last_beat_s,
            )

    def start(self) -> None:
        """Start the thread; once.

        Raises:
            RuntimeError: If it was started before.
        """
        with self._lock:
            if self._thread is not None:
                raise RuntimeError(f"{self._name} is started once")
            self._launch()

    def ask_to_stop(self) -> None:
        """Have it end after the step that it is at; returns at once."""
        self._stop.set()
        if self._wake is not None:
            self._wake()

    def stop(self, timeout_s: float) -> bool:
        """Have it end after the step that it is at, and wait for that.

        Args:
            timeout_s: Longest wait, seconds. A worker that is late ends by itself.

        Returns:
            Whether it has ended, or was never started.
        """
        self.ask_to_stop()
        return self.join(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for it to end; says whether it has, or was never started."""
        if self._thread is None:
            return True
        begun_s = time.monotonic()
        if not self._ended.wait(timeout_s):
            return False
        thread = self._thread
        left_s = None if timeout_s is None else max(0.0, timeout_s + begun_s - time.monotonic())
        thread.join(left_s)
        return not thread.is_alive()

    def _launch(self) -> None:
        """Start a thread; with the lock held."""
        self._thread = Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        has_returned = False
        try:
            self._wait_for_former()
            while not self._stop.is_set():
                self._guard(lambda: self._step(self._stop))
            if self._finish is not None:
                finish, self._finish = self._finish, None
                self._guard(finish)
            has_returned = True
        finally:
            if has_returned:
                self._ended.set()
            else:
                self._revive()

    def _wait_for_former(self) -> None:
        while self._after is not None and not self._stop.is_set():
            if self._after.join(_LOOK_EVERY_S):
                self._after = None

    def _revive(self) -> None:
        """Start again: something that is no `Exception`, as `SystemExit`, has ended the thread."""
        with self._lock:
            self._failures += 1
            self._last_error = f"{self._name} ended by a mistake of the program"
            self._launch()
        logger.error("%s ended by mistake and was started again", self._name)

    def _guard(self, call: Callable[[], object]) -> None:
        with self._lock:
            self._last_beat_s = self._clock.monotonic_s()
        try:
            call()
        except Exception as error:  # noqa: BLE001 - counted, told, and the next job goes on
            self._note_failure(error)
        else:
            self._note_success()

    def _note_success(self) -> None:
        with self._lock:
            self._last_beat_s = self._clock.monotonic_s()
            has_recovered, self._last_error = bool(self._last_error), ""
            self._in_a_row = 0
        if has_recovered:
            logger.info("%s works again", self._name)

    def _note_failure(self, error: Exception) -> None:
        with self._lock:
            self._last_beat_s = self._clock.monotonic_s()
            self._last_error = sentence_of(error)
            self._failures += 1
            self._in_a_row += 1
            doublings = min(self._in_a_row, _DOUBLINGS_MAX)
        frames = traceback.extract_tb(error.__traceback__)
        kind = (type(error).__name__, f"{frames[-1].filename}:{frames[-1].lineno}")
        if kind not in self._logged:
            self._logged.add(kind)
            # The text of an unknown error may hold an address with a password: its place is kept.
            places = (
                "" if isinstance(error, MonitorError) else "".join(traceback.format_list(frames))
            )
            logger.error("%s: %s", self._name, f"{sentence_of(error)}\n{places}".strip())
        self._stop.wait(min(_FIRST_PAUSE_S * 2.0**doublings, _LONGEST_PAUSE_S))


def sentence_of(error: Exception) -> str:
    """Say an error in one sentence that may be shown; the text of a foreign one may hold secrets.

    Args:
        error: The error.

    Returns:
        The text of one of ours; of any other only its kind.
    """
    if isinstance(error, MonitorError):
        return str(error)
    return f"a mistake of the program ({type(error).__name__})"
