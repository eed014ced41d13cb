"""The history of a site: readings and the alarm journal, written in the background.

Writing goes through an outbox, so a full disk or a database that is away is a state that a person
sees, never an error where people are counted.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, insert

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import DamagedStoreError, StoreError
from monitor.core.reading import Reading
from monitor.outputs.history.damage import set_aside
from monitor.outputs.history.database import open_database, translated_errors, writing
from monitor.outputs.history.journal import export_journal, move_journal, select_events
from monitor.outputs.history.queries import HistoryPoint, Line, select_points
from monitor.outputs.history.retention import Room, give_back, measure_room, prune, shortage
from monitor.outputs.history.rollups import add_rollups, rolled_up
from monitor.outputs.history.rows import (
    event_row,
    is_storable,
    reading_row,
    samples_of,
    storable,
    zone_rows,
)
from monitor.outputs.history.schema import (
    WHOLE_PICTURE,
    alarm_journal,
    readings,
    to_us,
    zone_readings,
)
from monitor.outputs.outbox import Outbox, OutboxHealth, Pace
from monitor.settings.outputs import Retention, StoreAddress

logger = logging.getLogger(__name__)

PACE = Pace(flush_s=0.5)
"""Readings are half a second old when they are written: a power cut loses less than a second."""

_LOOK_AFTER_EVERY_S = 60.0


class History:
    """Writes and reads one history.

    `on_reading`, `on_event`, `retain`, `open_at`, `move_to`, `health`, `room` and the queries are
    for any thread;
    `start` and `stop` for the owner.
    """

    def __init__(
        self,
        address: StoreAddress,
        *,
        clock: Clock | None = None,
        pace: Pace | None = None,
        retention: Retention | None = None,
        open_engine: Callable[[StoreAddress], Engine] = open_database,
    ) -> None:
        """Prepare; the database is opened by the writer thread, and again after a failure.

        Args:
            address: Where the history is kept.
            clock: Where time comes from; None: this machine.
            pace: How often to write.
            retention: What is kept for how long; the alarm journal always is.
            open_engine: How to open the database.
        """
        self._address = address
        self._clock = clock or SystemClock()
        self._retention = retention or Retention()
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._engine_lock = Lock()
        self._looked_after_s: float | None = None
        self._room: Room | None = None
        self._loss = ""
        self._outbox: Outbox[Reading | AlarmEvent] = Outbox(
            "history", self._write, close=self._close, pace=pace or PACE
        )

    def start(self) -> None:
        """Start writing in the background; once."""
        self._outbox.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Write what waits and end; False if that takes longer than `timeout_s` seconds."""
        has_ended = self._outbox.stop(timeout_s)
        if has_ended:
            self._close()  # who only asked questions has opened it too
        return has_ended

    def retain(self, retention: Retention) -> None:
        """Keep readings for another time from now on."""
        self._retention = retention
        self._looked_after_s = None

    def open_at(self, address: StoreAddress) -> Engine:
        """Open another place for the history; may wait for a disk or a network.

        Args:
            address: Where; its tables are made where they are not there.

        Returns:
            What `move_to` needs; who does not move disposes of it.

        Raises:
            StoreError: If it cannot be opened; all goes on in the place of now.
        """
        return self._open_engine(address)

    def move_to(self, address: StoreAddress, engine: Engine) -> None:
        """Write and read elsewhere from now on; returns at once.

        What is being written stays in the former place, unless that fails; what waits is written
        in the new one, so that nothing is lost and nothing is there twice.

        Args:
            address: The new place.
            engine: From `open_at`.
        """
        with self._engine_lock:
            former, self._engine, self._address = self._engine, engine, address
            self._looked_after_s = self._room = None
            self._loss = ""
        if former is not None:
            former.dispose()

    def on_reading(self, reading: Reading) -> None:
        """Keep a reading; returns at once. One that is no number is counted as lost."""
        if is_storable(reading):
            self._outbox.put(reading)
        else:
            self._outbox.refuse()

    def on_event(self, event: AlarmEvent) -> None:
        """Keep an alarm event; returns at once, and readings never push it out."""
        self._outbox.put(event, is_precious=True)

    @property
    def health(self) -> OutboxHealth:
        """How writing is going now."""
        return self._outbox.health

    @property
    def room(self) -> Room | None:
        """How much room it takes and finds, a minute old at most; None until it was measured."""
        return self._room

    @property
    def shortage(self) -> str:
        """What a person should know of the file and its disk; empty while there is nothing.

        That a damaged history was put aside is told until the program ends.
        """
        room = self._room
        return self._loss or ("" if room is None else shortage(self._retention, room))

    def series(
        self, camera: str, zone: str | None, start: datetime, end: datetime, max_points: int
    ) -> tuple[HistoryPoint, ...]:
        """Give the counts of a camera or a zone over a time, few enough to be drawn.

        Short times are drawn from readings, long ones from roll-ups by the minute or the hour;
        those cover whole minutes and hours, so the first may begin before `start`.
        May wait for a disk.

        Args:
            camera: Name of the camera.
            zone: Name of the zone; None: the whole picture.
            start: From this moment on.
            end: Up to but without this moment; after `start`.
            max_points: Stretches that the time is cut into; one without readings gives no point.

        Returns:
            Points in order of time. What was measured in the last second may not be there yet.

        Raises:
            StoreError: If the history cannot be read.
            ValueError: If the time is empty or no points are wanted.
        """
        if end <= start or max_points < 1:
            raise ValueError(f"{max_points} points from {start} to {end}: nothing to give")
        line = Line(
            storable(camera),
            WHOLE_PICTURE if zone is None else storable(zone),
            to_us(start),
            to_us(end),
        )
        with translated_errors(self._address), self._ready_engine().connect() as connection:
            return select_points(connection, line, points_max=max_points)

    def readings_between(
        self, camera: str, start: datetime, stop: datetime, *, points_max: int = 1000
    ) -> tuple[HistoryPoint, ...]:
        """Give the counts of a camera's whole picture over a time; see `series`."""
        return self.series(camera, None, start, stop, points_max)

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

    def export_journal(self, path: Path, *, before: datetime, is_moved: bool = False) -> int:
        """Write the alarm journal up to a moment into a new CSV file; may wait for a disk.

        Args:
            path: A file that is not there yet.
            before: Entries of this moment and later are left out.
            is_moved: Whether the entries are deleted here once the file is safely written.

        Returns:
            Entries written.

        Raises:
            StoreError: If the history cannot be read or the file cannot be written; then nothing
                was deleted.
        """
        export = move_journal if is_moved else export_journal
        with translated_errors(self._address):
            return export(self._ready_engine(), path, before=before)

    def _write(self, batch: Sequence[Reading | AlarmEvent]) -> None:
        """Write a batch; a damaged file is put aside and the batch begins a new one."""
        address = self._address
        try:
            self._write_once(batch)
        except DamagedStoreError:
            has_moved = address is not self._address  # then it is the former file that is damaged
            if has_moved or not self._begin_anew():
                raise
            self._write_once(batch)

    def _begin_anew(self) -> bool:
        """Put a damaged file aside; says whether there was one."""
        file = self._file
        aside = None if file is None else set_aside(file, self._clock.utc())
        if aside is None:
            return False
        self._looked_after_s = self._room = None
        self._loss = (
            f"the file was damaged and is now {aside.name}; a new history was begun. "
            "Restore a copy, or recover what can be read from it with sqlite3's .recover"
        )
        logger.error("history %s: %s", self._address, self._loss)
        return True

    def _write_once(self, batch: Sequence[Reading | AlarmEvent]) -> None:
        """Write a batch in one transaction; a database that failed is opened anew next time."""
        try:
            with translated_errors(self._address):
                engine = self._ready_engine()
                self._look_after_room(engine)
                with writing(engine) as connection:
                    _insert(connection, batch)
        except StoreError:
            self._close()
            raise

    def _look_after_room(self, engine: Engine) -> None:
        """Now and then delete what need not be kept, a little with each write."""
        now_s = self._clock.monotonic_s()
        last_s = self._looked_after_s
        if last_s is not None and now_s - last_s < _LOOK_AFTER_EVERY_S:
            return
        with writing(engine) as connection:
            room = measure_room(connection, self._file)
            now_us = to_us(self._clock.utc())
            has_more = prune(connection, self._retention, room, now_us=now_us)
        give_back(engine, self._retention, room)
        with self._engine_lock:
            if engine is not self._engine:
                return  # it has moved meanwhile
            self._room = room
            if not has_more:
                self._looked_after_s = now_s

    @property
    def _file(self) -> Path | None:
        """The SQLite file; None where the database is a server."""
        database = str(self._address.url.database)
        if self._address.url.get_backend_name() != "sqlite":
            return None
        return Path(database.removeprefix("file:").partition("?")[0])

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


def _insert(connection: Connection, batch: Sequence[Reading | AlarmEvent]) -> None:
    """Write a batch: the journal first, then readings and what sums them up."""
    events = [event_row(one) for one in batch if isinstance(one, AlarmEvent)]
    new = [one for one in batch if isinstance(one, Reading)]
    zones = [row for one in new for row in zone_rows(one)]
    if events:
        connection.execute(insert(alarm_journal), events)
    if new:
        connection.execute(insert(readings), [reading_row(one) for one in new])
    if zones:
        connection.execute(insert(zone_readings), zones)
    add_rollups(connection, rolled_up(sample for one in new for sample in samples_of(one)))
