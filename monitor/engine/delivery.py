"""Readings and alarm events on their way out, so that a slow receiver never slows counting."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition

from monitor.core.alarm import AlarmEvent
from monitor.core.errors import MonitorError
from monitor.core.reading import Reading

logger = logging.getLogger(__name__)

READINGS_KEPT = 10_000
"""Readings that wait for a slow receiver: an hour of one camera at 2 a second, 2 MB or so."""
EVENTS_KEPT = 10_000
"""Alarm events that wait; they come by the minute, so this is never reached in practice."""


DELIVERS_WITHIN_S = 0.5
"""Kept of the time for an end: a camera that holds its reader must not cost the last readings."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who wants to know; each has its own thread, on which both are called."""

    name: str
    on_reading: Callable[[Reading], None] | None = None
    on_event: Callable[[AlarmEvent], None] | None = None


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How deliveries to one subscriber are going."""

    name: str
    delivered: int
    """Readings and events that were taken without an error."""
    waiting: int
    """Readings and events that are still on their way."""
    dropped: int
    """Readings and events that were thrown away because too many were waiting."""
    failures: int
    """Readings and events that the subscriber failed on."""
    message: str
    """What the last failure said; empty once a delivery has worked again."""


class Delivery:
    """The way to one subscriber: `put_…` on any thread, never waiting; `run` is a thread's body."""

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber
        self._changed = Condition()
        self._readings: deque[Reading] = deque()
        self._events: deque[AlarmEvent] = deque()
        self._is_closed = False
        self._delivered = 0
        self._dropped = 0
        self._failures = 0
        self._message = ""

    @property
    def status(self) -> DeliveryStatus:
        """How deliveries are going."""
        with self._changed:
            waiting = len(self._readings) + len(self._events)
            return DeliveryStatus(
                self._subscriber.name,
                self._delivered,
                waiting,
                self._dropped,
                self._failures,
                self._message,
            )

    def put_reading(self, reading: Reading) -> None:
        """Queue a reading; the oldest one waiting is thrown away where there are too many."""
        if self._subscriber.on_reading is None:
            return
        with self._changed:
            if len(self._readings) >= READINGS_KEPT:
                self._readings.popleft()
                self._dropped += 1
            self._readings.append(reading)
            self._changed.notify()

    def put_event(self, event: AlarmEvent) -> None:
        """Queue an alarm event; readings never push one out."""
        if self._subscriber.on_event is None:
            return
        with self._changed:
            if len(self._events) >= EVENTS_KEPT:
                self._events.popleft()
                self._dropped += 1
            self._events.append(event)
            self._changed.notify()

    def close(self) -> None:
        """Let `run` end as soon as everything that waits has been delivered."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def run(self) -> None:
        """Deliver until closed and empty; alarm events go before readings."""
        while (call := self._next()) is not None:
            self._deliver(call)

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._readings or self._is_closed)
            if self._events and (on_event := self._subscriber.on_event) is not None:
                event = self._events.popleft()
                return lambda: on_event(event)
            if self._readings and (on_reading := self._subscriber.on_reading) is not None:
                reading = self._readings.popleft()
                return lambda: on_reading(reading)
            return None

    def _deliver(self, call: Callable[[], None]) -> None:
        try:
            call()
        except MonitorError as error:
            if self._note_failure(str(error)):
                logger.warning("Delivery to %s failed: %s", self._subscriber.name, error)
        except Exception as error:  # a broken receiver must not end deliveries
            if self._note_failure(f"{type(error).__name__}: {error}"):
                logger.exception("Delivery to %s failed", self._subscriber.name)
        else:
            with self._changed:
                self._delivered += 1
                self._message = ""

    def _note_failure(self, message: str) -> bool:
        """Write a failure down; True where it is the first of its kind in a row."""
        with self._changed:
            is_new = self._message != message
            self._failures += 1
            self._message = message
        return is_new
