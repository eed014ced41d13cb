"""Counts as rows of a table: CSV, JSON lines, or text for people."""

import contextlib
import csv
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor.core.errors import OutputError
from monitor.core.prediction import Prediction
from monitor.core.series import series_name
from monitor.video.frame import Frame


@dataclass(frozen=True, slots=True)
class CountedRow:
    """The count of one frame; numbers are not rounded."""

    source: str
    """What was counted, without a password: `street.mp4`, of other things than people
    `street.mp4 · bicycles`."""
    frame: int
    """Number of the frame, from 0."""
    time_s: float
    """Seconds from the first frame."""
    count: float
    low: float | None
    """Lower bound of the 90 % interval; None where the model gives none."""
    high: float | None


def count_row(label: str, frame: Frame, prediction: Prediction) -> CountedRow:
    """Put the count of a frame into a row."""
    bounds = prediction.interval()
    low, high = (None, None) if bounds is None else bounds
    source = series_name(label, prediction.counts)
    return CountedRow(source, frame.index, frame.time_s, prediction.count, low, high)


def json_line(row: CountedRow) -> str:
    """Give a row as one line of JSON."""
    return json.dumps(asdict(row), ensure_ascii=False, allow_nan=False)


def text_line(row: CountedRow, counted: str) -> str:
    """Give the count of a picture as a line for people."""
    return f"{row.source}: {numbers_text(row.count, row.low, row.high)} {counted}"


def numbers_text(count: float, low: float | None, high: float | None) -> str:
    """Give a count with its interval for people, as `31.4 (27.0 to 36.1)`."""
    return (
        f"{count:.1f}" if low is None or high is None else f"{count:.1f} ({low:.1f} to {high:.1f})"
    )


class Tally:
    """What the counts of a video come to; keeps no rows, so that a stream may run for weeks."""

    def __init__(self) -> None:
        self.last: CountedRow | None = None
        self._rows = 0
        self._total = 0.0
        self._least = math.inf
        self._most = 0.0

    def take(self, row: CountedRow) -> None:
        """Add a row."""
        self.last = row
        self._rows += 1
        self._total += row.count
        self._least, self._most = min(self._least, row.count), max(self._most, row.count)

    def text(self, label: str, counted: str) -> str:
        """Give it as a line for people.

        Args:
            label: What was counted in.
            counted: What was counted, in the plural.

        Returns:
            One line; says so where there was no frame.
        """
        if self.last is None:
            return f"{label}: no frames"
        frames = "1 frame" if self._rows == 1 else f"{self._rows} frames"
        last = numbers_text(self.last.count, self.last.low, self.last.high)
        return (
            f"{label}: {frames}, {counted} on average {self._total / self._rows:.1f}, "
            f"least {self._least:.1f}, most {self._most:.1f}, at the end {last}"
        )


class CsvTable:
    """A CSV file of rows, written row by row so that an interruption loses none of them."""

    def __init__(self, path: Path) -> None:
        """Open the file, in place of one that is there.

        Args:
            path: Where to write.

        Raises:
            OutputError: If it cannot be written.
        """
        self._path = path
        try:
            self._file = path.open("w", encoding="utf-8", newline="", buffering=1)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
        self._writer = csv.writer(self._file, lineterminator="\n")
        try:
            self._put([field.name for field in fields(CountedRow)])
        except OutputError:
            with contextlib.suppress(OSError):  # what could not be written is lost once more
                self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._guard(self._file.close)

    def write(self, row: CountedRow) -> None:
        """Add a row.

        Args:
            row: What was counted; unknown bounds become empty fields.

        Raises:
            OutputError: If the disk is full.
        """
        self._put([row.source, row.frame, row.time_s, row.count, row.low, row.high])

    def _put(self, values: list[str] | list[str | int | float | None]) -> None:
        self._guard(lambda: self._writer.writerow(values))

    def _guard(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError as error:
            raise OutputError(f"{self._path}: cannot be written: {error.strerror}") from error
