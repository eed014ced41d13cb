"""Things on their way to a disk or a network that may be slow, full or away.

Who puts something in never waits and never sees an error. A thread of its own writes in batches;
what cannot be written waits and is tried again; what waits for too long is thrown away, oldest
first, and counted. How it goes is a record that a person can be shown.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Generic, TypeVar

from monitor.core.errors import MonitorError

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

WAITING_MAX = 20_000
"""Readings kept while they cannot be written: 16 cameras at 2 a second for ten minutes, 4 MB."""
BATCH_MAX = 500
"""Items in one write at most: a transaction's cost is shared, and yet each is quick."""

_DOUBLINGS_MAX = 30


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """How writing is going."""

    is_failing: bool = False
    """Whether the last write failed, or writing has ended by mistake."""
    message: str = ""
    """What a person should know of the failure; empty while all is well."""
    written: int = 0
    """Items written since the start."""
    waiting: int = 0
    """Items that are still to be written."""
    lost: int = 0
    """Items thrown away because they could not be written in time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often an outbox writes, and how patiently it tries again."""

    flush_s: float = 1.0
    """Seconds that items are gathered before they are written: a power cut loses as much."""
    retry_s: float = 5.0
    """Seconds before a failed write is tried again; twice as long after each further failure."""
    retry_max_s: float = 30.0
    """Longest time before a failed write is tried again, seconds."""

    def pause_s(self, failures: int) -> float:
        """Give the seconds to wait after so many failures in a row, 1 or more."""
        doublings = min(failures - 1, _DOUBLINGS_MAX)
        return max(self.retry_s, min(self.retry_s * 2.0**doublings, self.retry_max_s))


class Outbox(Generic[Item]):
    """A bounded queue with a writer thread.

    `put` and `health` are for any thread, `start` and `stop` for the owner; `write` and `close`
    are called on the writer thread alone.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[Sequence[Item]], None],
        *,
        close: Callable[[], None],
        waiting_max: int = WAITING_MAX,
        batch_max: int = BATCH_MAX,
        pace: Pace | None = None,
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            name: What is written to, for people.
            write: Writes a batch whole or, raising a `MonitorError`, not at all.
            close: Lets go of the file or connection; called once, at the end.
            waiting_max: Items kept while they cannot be written; of each kind.
            batch_max: Items in one write; 1 where each is written by itself.
            pace: How often to write.
        """
        self._name = name
        self._write = write
        self._close = close
        self._pace = pace or Pace()
        self._changed = Condition()
        self._precious: deque[Item] = deque()
        self._ordinary: deque[Item] = deque()
        self._waiting_max = waiting_max
        self._batch_max = batch_max
        self._is_stopping = False
        self._message = ""
        self._written = 0
        self._lost = 0
        self._in_flight = 0
        self._failures = 0
        self._heir: list[tuple[Item, bool]] | None = None
        self._thread = Thread(target=self._run, name=f"crowd-write-{name}", daemon=True)

    def start(self) -> None:
        """Start the writer thread; once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Write what waits, once, and end.

        Args:
            timeout_s: Longest wait, seconds.

        Returns:
            Whether the thread has ended.
        """
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def hand_over(self, timeout_s: float) -> list[tuple[Item, bool]]:
        """End, and give what could not be written to whoever writes it from now on.

        Args:
            timeout_s: Longest wait, seconds. What is on its way then, and fails, is counted here.

        Returns:
            Each item and whether it is precious, in the order in which they came.
        """
        heritage: list[tuple[Item, bool]] = []
        with self._changed:
            self._heir = heritage
        self.stop(timeout_s)
        with self._changed:
            self._bequeath(heritage)
            self._heir = None
        return heritage

    def put(self, item: Item, *, is_precious: bool = False) -> None:
        """Queue an item; the oldest of its kind is thrown away where too many wait.

        Args:
            item: What to write.
            is_precious: Whether it goes first and is never pushed out by ordinary items.
        """
        with self._changed:
            lane = self._precious if is_precious else self._ordinary
            if len(lane) >= self._waiting_max:
                lane.popleft()
                self._lost += 1
            lane.append(item)
            # The writer sleeps to gather a batch; only a full one is worth waking it early.
            if len(lane) == self._batch_max:
                self._changed.notify_all()

    def refuse(self) -> None:
        """Count an item as lost that cannot be written at all, so that it never waits."""
        with self._changed:
            self._lost += 1

    @property
    def health(self) -> OutboxHealth:
        """How writing is going now."""
        with self._changed:
            message = self._message
            has_died = (
                self._thread.ident is not None
                and not self._thread.is_alive()
                and not self._is_stopping
            )
            if has_died:
                message = f"writing to {self._name} has ended by a mistake of the program"
            return OutboxHealth(
                is_failing=bool(message),
                message=message,
                written=self._written,
                waiting=len(self._precious) + len(self._ordinary) + self._in_flight,
                lost=self._lost,
            )

    def _run(self) -> None:
        try:
            while not self._rest():
                self._write_waiting()
            self._write_waiting()
            self._give_up()
        finally:
            self._close()

    def _rest(self) -> bool:
        """Wait for a batch, or for the time to try again; True when it is time to end."""
        with self._changed:
            if self._message:
                pause_s = self._pace.pause_s(self._failures)
                self._changed.wait_for(lambda: self._is_stopping, pause_s)
            else:
                self._changed.wait_for(
                    lambda: self._is_stopping or self._has_batch(), self._pace.flush_s
                )
            return self._is_stopping

    def _has_batch(self) -> bool:
        return max(len(self._precious), len(self._ordinary)) >= self._batch_max

    def _write_waiting(self) -> None:
        """Write batch by batch until nothing waits or a write fails."""
        while True:
            lane, batch = self._take_batch()
            if not batch:
                return
            try:
                self._write(batch)
            except MonitorError as error:
                self._put_back(lane, batch)
                self._note_failure(str(error))
                return
            self._note_written(len(batch))

    def _take_batch(self) -> tuple[deque[Item], tuple[Item, ...]]:
        with self._changed:
            lane = self._precious or self._ordinary
            batch = tuple(lane.popleft() for _ in range(min(len(lane), self._batch_max)))
            self._in_flight = len(batch)
            return lane, batch

    def _put_back(self, lane: deque[Item], batch: Sequence[Item]) -> None:
        with self._changed:
            self._in_flight = 0
            lane.extendleft(reversed(batch))
            while len(lane) > self._waiting_max:
                lane.popleft()
                self._lost += 1

    def _note_written(self, count: int) -> None:
        with self._changed:
            self._in_flight = 0
            self._written += count
            self._failures = 0
            has_recovered, self._message = bool(self._message), ""
        if has_recovered:
            logger.info("Writing to %s works again", self._name)

    def _give_up(self) -> None:
        """Count what still waits as lost."""
        with self._changed:
            if self._heir is not None:
                self._bequeath(self._heir)
            left = len(self._precious) + len(self._ordinary)
            self._lost += left
            self._precious.clear()
            self._ordinary.clear()
        if left:
            logger.warning("Ended with %d entries not written to %s", left, self._name)

    def _bequeath(self, heritage: list[tuple[Item, bool]]) -> None:
        heritage += [(one, True) for one in self._precious]
        heritage += [(one, False) for one in self._ordinary]
        self._precious.clear()
        self._ordinary.clear()

    def _note_failure(self, message: str) -> None:
        with self._changed:
            self._failures += 1
            is_new, self._message = self._message != message, message
        if is_new:
            logger.warning("Writing to %s fails: %s", self._name, message)
