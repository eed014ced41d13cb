"""The history of a site: readings and the alarm journal, written in the background.

Writing goes through an outbox, so a full disk or a database that is away is a state that a person
sees, never an error where people are counted.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, Engine, insert

from monitor.clock import Clock, SystemClock
from monitor.errors import StoreError
from monitor.outbox import Outbox, OutboxHealth, Pace
from monitor.records.alarm import AlarmEvent
from monitor.records.reading import Reading
from monitor.store.database import StoreAddress, open_database, translated_errors
from monitor.store.queries import HistoryPoint, delete_old_readings, select_events, select_points
from monitor.store.rows import event_row, reading_row
from monitor.store.schema import alarm_journal, readings, to_us

KEEP_READINGS = timedelta(days=30)
"""How long readings are kept: 16 cameras at 2 a second fill about 6 GB in that time."""

_PRUNE_EVERY_S = 3600.0
_PRUNE_ROWS = 5000  # at a time: the file is locked for writing meanwhile


class History:
    """Writes and reads one history.

    `on_reading`, `on_event`, `health` and the queries are for any thread; `start` and `stop` for
    the owner.
    """

    def __init__(
        self,
        address: StoreAddress,
        *,
        clock: Clock | None = None,
        pace: Pace | None = None,
        keep_readings: timedelta = KEEP_READINGS,
        open_engine: Callable[[StoreAddress], Engine] = open_database,
    ) -> None:
        """Prepare; the database is opened by the writer thread, and again after a failure.

        Args:
            address: Where the history is kept.
            clock: Where time comes from; None: this machine.
            pace: How often to write.
            keep_readings: Readings older than this are deleted; the alarm journal never is.
            open_engine: How to open the database.
        """
        self._address = address
        self._clock = clock or SystemClock()
        self._keep_readings = keep_readings
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._engine_lock = Lock()
        self._pruned_s: float | None = None
        self._outbox: Outbox[Reading | AlarmEvent] = Outbox(
            f"history {address}", self._write, close=self._close, pace=pace
        )

    def start(self) -> None:
        """Start writing in the background; once."""
        self._outbox.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Write what waits and end; False if that takes longer than `timeout_s` seconds."""
        return self._outbox.stop(timeout_s)

    def on_reading(self, reading: Reading) -> None:
        """Keep a reading; returns at once."""
        self._outbox.put(reading)

    def on_event(self, event: AlarmEvent) -> None:
        """Keep an alarm event; returns at once, and readings never push it out."""
        self._outbox.put(event, is_precious=True)

    @property
    def health(self) -> OutboxHealth:
        """How writing is going now."""
        return self._outbox.health

    def readings_between(
        self, camera: str, start: datetime, stop: datetime, *, points_max: int = 1000
    ) -> tuple[HistoryPoint, ...]:
        """Give the counts of a camera over a time, few enough to be drawn; may wait for a disk.

        Args:
            camera: Name of the camera.
            start: From this moment on.
            stop: Up to but without this moment; after `start`.
            points_max: Stretches that the time is cut into; one without readings gives no point.

        Returns:
            Points in order of time. What was measured in the last second may not be there yet.

        Raises:
            StoreError: If the history cannot be read.
            ValueError: If the time is empty or no points are wanted.
        """
        if stop <= start or points_max < 1:
            raise ValueError(f"{points_max} points from {start} to {stop}: nothing to give")
        with translated_errors(self._address), self._ready_engine().connect() as connection:
            return select_points(
                connection, camera, span_us=(to_us(start), to_us(stop)), points_max=points_max
            )

    def events_between(
        self, start: datetime, stop: datetime, *, camera: str | None = None
    ) -> tuple[AlarmEvent, ...]:
        """Give the alarm journal of a time; may wait for a disk.

        Args:
            start: From this moment on.
            stop: Up to but without this moment.
            camera: Name of a camera; None: all.

        Returns:
            Transitions in the order in which they were written.

        Raises:
            StoreError: If the history cannot be read.
        """
        with translated_errors(self._address), self._ready_engine().connect() as connection:
            return select_events(connection, camera, span_us=(to_us(start), to_us(stop)))

    def _write(self, batch: Sequence[Reading | AlarmEvent]) -> None:
        """Write a batch in one transaction; a database that failed is opened anew next time."""
        reading_rows = [reading_row(one) for one in batch if isinstance(one, Reading)]
        event_rows = [event_row(one) for one in batch if isinstance(one, AlarmEvent)]
        try:
            with translated_errors(self._address), self._ready_engine().begin() as connection:
                self._prune_if_due(connection)
                if event_rows:
                    connection.execute(insert(alarm_journal), event_rows)
                if reading_rows:
                    connection.execute(insert(readings), reading_rows)
        except StoreError:
            self._close()
            raise

    def _prune_if_due(self, connection: Connection) -> None:
        """Delete some readings that are too old; all of them in a few writes."""
        now_s = self._clock.monotonic_s()
        if self._pruned_s is not None and now_s - self._pruned_s < _PRUNE_EVERY_S:
            return
        before_us = to_us(self._clock.utc() - self._keep_readings)
        if delete_old_readings(connection, before_us, rows_max=_PRUNE_ROWS) < _PRUNE_ROWS:
            self._pruned_s = now_s

    def _ready_engine(self) -> Engine:
        with self._engine_lock:
            if self._engine is None:
                self._engine = self._open_engine(self._address)
            return self._engine

    def _close(self) -> None:
        with self._engine_lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()
