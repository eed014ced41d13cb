"""Readings as a CSV file that any program can open.

Writing goes through an outbox: a full disk is a state that a person sees, never an error where
people are counted. A batch is written whole or not at all, so no line is ever half a line.
"""

import csv
import io
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from monitor.core.errors import OutputError
from monitor.core.reading import Reading
from monitor.core.zone import ZoneReading
from monitor.outputs.outbox import Outbox, OutboxHealth, Pace

HEADER = (
    "at_utc", "camera", "zone", "count", "low", "high", "smoothed", "quality", "truth",
    "density_mean_m2", "density_peak_m2",
)  # fmt: skip
"""Columns of the file; numbers are not rounded, unknown ones are empty, and so is the zone of a
whole picture."""


def csv_lines(readings: Sequence[Reading]) -> str:
    """Give readings as lines of CSV, without a header: the whole picture, then each zone."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for one in readings:
        writer.writerow(_cells(one, "", one, truth=one.truth))
        writer.writerows(_cells(one, zone.name, zone, truth=None) for zone in one.zones)
    return text.getvalue()


def _cells(
    reading: Reading, zone: str, part: Reading | ZoneReading, *, truth: float | None
) -> tuple[str | float | None, ...]:
    moment = reading.at_utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    crowding = part.crowding
    return (
        moment,
        reading.camera,
        zone,
        part.count,
        part.low,
        part.high,
        part.smoothed,
        reading.quality.value,
        truth,
        None if crowding is None else crowding.mean_m2,
        None if crowding is None else crowding.peak_m2,
    )


class CsvFile:
    """Appends readings to one file.

    `on_reading` and `health` are for any thread; `start` and `stop` for the owner.
    """

    def __init__(self, path: Path, *, pace: Pace | None = None) -> None:
        """Prepare; the file is opened with the first reading, and again after a failure.

        Args:
            path: A new file, or one that was written by this class.
            pace: How often to write.
        """
        self._path = path
        self._handle: int | None = None
        self._outbox: Outbox[Reading] = Outbox(str(path), self._write, close=self._close, pace=pace)

    def start(self) -> None:
        """Start writing in the background; once."""
        self._outbox.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Write what waits and end; False if that takes longer than `timeout_s` seconds."""
        return self._outbox.stop(timeout_s)

    def on_reading(self, reading: Reading) -> None:
        """Write a reading; returns at once."""
        self._outbox.put(reading)

    def relieve(self, former: "CsvFile", timeout_s: float) -> None:
        """Write what another file that is given up could not; waits until that one has ended."""
        for reading, _ in former._outbox.hand_over(timeout_s):
            self._outbox.put(reading)

    @property
    def health(self) -> OutboxHealth:
        """How writing is going now."""
        return self._outbox.health

    def _write(self, batch: Sequence[Reading]) -> None:
        try:
            handle = self._ready_handle()
            _append_whole(handle, csv_lines(batch).encode("utf-8", "replace"))
        except OSError as error:
            self._close()
            raise OutputError(f"{self._path}: cannot be written: {error.strerror}") from error

    def _ready_handle(self) -> int:
        if self._handle is None:
            self._handle = _open_for_append(self._path)
        return self._handle

    def _close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def _open_for_append(path: Path) -> int:
    """Open a CSV file of ours at its end, with its header; unbuffered, so that nothing waits."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
    header = (",".join(HEADER) + "\r\n").encode()
    try:
        size = os.fstat(handle).st_size
        if size == 0:
            _append_whole(handle, header)
            return handle
        if os.read(handle, len(header)) != header:
            raise OutputError(f"{path}: holds something else; name another file")
        os.lseek(handle, -1, os.SEEK_END)
        if os.read(handle, 1) != b"\n":  # cut off by a crash
            _append_whole(handle, b"\r\n")
    except (OSError, OutputError):
        os.close(handle)
        raise
    return handle


def _append_whole(handle: int, data: bytes) -> None:
    """Append all of the data; where the disk is full, leave the file as it was."""
    size = os.fstat(handle).st_size
    written = 0
    try:
        while written < len(data):
            written += os.write(handle, data[written:])
    except OSError:
        with suppress(OSError):  # the first error is the one to tell
            os.ftruncate(handle, size)
        raise
