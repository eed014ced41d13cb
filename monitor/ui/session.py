"""What the window remembers of each camera since it was opened: counts, errors, events.

Memory is bounded, gaps stay open, and the plot gets no more points than it has pixels.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.core.alarm import AlarmEvent
from monitor.core.reading import Reading
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.history.queries import HistoryPoint

Column: TypeAlias = NDArray[np.float64]
"""Shape (N,), float64; NaN where something is not known or the line should break."""

CAPACITY = 60_000
"""Readings kept of a camera: a shift of eight hours at 2 a second, 2.4 MB."""

_COLUMNS = 5
_TIME, _COUNT, _LOW, _HIGH, _TRUTH = range(_COLUMNS)
_SHORTEST_GAP_S = 5.0  # a pause that a camera at 0.2 Hz or more never makes
_GAP_SPACINGS = 3.0


@dataclass(frozen=True, slots=True)
class PlotData:
    """Columns of equal length; time in seconds since 1970, people elsewhere."""

    time_s: Column
    count: Column
    low: Column
    high: Column
    truth: Column

    def is_same_as(self, other: "PlotData") -> bool:
        """Whether both draw the same."""
        columns = ("time_s", "count", "low", "high", "truth")
        return all(
            np.array_equal(getattr(self, one), getattr(other, one), equal_nan=True)
            for one in columns
        )


class CountSeries:
    """The counts of one camera, newest last; lives on the GUI thread.

    Times are kept on the monotonic clock and shown by the newest reading's time of day, so that a
    clock that is set moves the whole line and never folds it.
    """

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._rows = np.empty((2 * capacity, _COLUMNS))
        self._length = 0
        self._thrown_away = 0
        self._offset_s = 0.0
        self._past = np.empty((0, _COLUMNS))

    def __len__(self) -> int:
        return min(self._length, self._capacity)

    def append(self, reading: Reading) -> None:
        """Add a reading; the oldest one goes where there are too many."""
        if self._length == len(self._rows):
            self._rows[: self._capacity] = self._rows[self._capacity :]
            self._thrown_away += self._length - self._capacity
            self._length = self._capacity
        known = (reading.count, reading.low, reading.high, reading.truth)
        self._rows[self._length, _TIME] = reading.captured_s
        self._rows[self._length, _COUNT:] = [np.nan if one is None else one for one in known]
        self._length += 1
        self._offset_s = reading.at_utc.timestamp() - reading.captured_s

    def add_past(self, points: Sequence[HistoryPoint]) -> None:
        """Put what was counted before the program started in front of the readings."""
        rows = [(p.at_utc.timestamp(), p.count, p.low, p.high, p.truth) for p in points]
        self._past = np.array(rows, dtype=np.float64).reshape(-1, _COLUMNS)

    def window(self, start_s: float, stop_s: float, *, points_max: int) -> PlotData:
        """Give the counts of a time.

        Args:
            start_s: From, seconds since 1970.
            stop_s: To, seconds since 1970.
            points_max: About how many points to give; several readings in one become their mean
                within the widest of their intervals.

        Returns:
            Points in order of time, with one of NaN in every gap.
        """
        rows = self._recent(start_s, stop_s, points_max)
        first_s = rows[0, _TIME] if len(rows) else stop_s
        past = self._past
        past = past[(past[:, _TIME] >= start_s) & (past[:, _TIME] < first_s)]
        rows = _with_open_gaps(np.concatenate([past, rows]))
        return PlotData(*(rows[:, column] for column in range(_COLUMNS)))

    def _recent(self, start_s: float, stop_s: float, points_max: int) -> NDArray[np.float64]:
        kept = slice(max(0, self._length - self._capacity), self._length)
        rows = self._rows[kept]
        begin, end = np.searchsorted(
            rows[:, _TIME], [start_s - self._offset_s, stop_s - self._offset_s]
        )
        rows = rows[begin:end]
        each = -(-len(rows) // points_max)
        if each > 1:
            # Groups are aligned to the first reading ever, or the line would shimmer as it moves.
            position = self._thrown_away + kept.start + int(begin)
            rows = _grouped(rows, each=each, first=-position % each)
        else:
            rows = rows.copy()
        rows[:, _TIME] += self._offset_s
        return rows


def _grouped(rows: NDArray[np.float64], *, each: int, first: int) -> NDArray[np.float64]:
    """Make one row of every `each` rows, the first group ending before row `first`."""
    starts = np.unique(np.concatenate([[0], np.arange(first, len(rows), each)]))
    sizes = np.diff(np.append(starts, len(rows)))[:, None]
    grouped: NDArray[np.float64] = np.add.reduceat(rows, starts, axis=0) / sizes
    grouped[:, _LOW] = np.minimum.reduceat(rows[:, _LOW], starts)
    grouped[:, _HIGH] = np.maximum.reduceat(rows[:, _HIGH], starts)
    return grouped


def _with_open_gaps(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put a row of NaN where nothing was counted for much longer than usual."""
    if len(rows) < 2:
        return rows
    spacing_s = np.diff(rows[:, _TIME])
    longest_s = max(_SHORTEST_GAP_S, _GAP_SPACINGS * float(np.median(spacing_s)))
    after = np.flatnonzero(spacing_s > longest_s)
    opened = np.insert(rows, after + 1, np.nan, axis=0)
    # Time itself stays a number: the middle of the gap.
    middles = (rows[after, _TIME] + rows[after + 1, _TIME]) / 2
    opened[after + 1 + np.arange(len(after)), _TIME] = middles
    return opened


_EVENTS_MOST = 1000
_RECENT_S = 660.0
_RECENT_MOST = 3000  # of cameras that are counted oftener than five times a second, the newest


class ErrorTally:
    """The running mean absolute error, where the number of people is known."""

    def __init__(self) -> None:
        self._total = 0.0
        self._counts = 0

    @property
    def counts(self) -> int:
        """Counts whose truth was known."""
        return self._counts

    @property
    def mean(self) -> float | None:
        """Mean absolute error, people; None before the first known truth."""
        return self._total / self._counts if self._counts else None

    def take(self, reading: Reading) -> None:
        """Add a reading; one without a truth changes nothing."""
        if reading.truth is not None:
            self._total += abs(reading.count - reading.truth)
            self._counts += 1


class CameraSession:
    """The counts of one camera since the window was opened; lives on the GUI thread."""

    def __init__(self) -> None:
        self.series = CountSeries()
        self.errors = ErrorTally()
        self.events: deque[AlarmEvent] = deque(maxlen=_EVENTS_MOST)
        self.recent: deque[Reading] = deque(maxlen=_RECENT_MOST)
        self._newest: Reading | None = None

    def take(self, snapshot: CameraSnapshot) -> bool:
        """Take in a snapshot; True where it brought a reading that was not there before."""
        reading = snapshot.reading
        if reading is None or reading is self._newest:
            return False
        self._newest = reading
        self.series.append(reading)
        self._remember(reading)
        self.errors.take(reading)
        return True

    def _remember(self, reading: Reading) -> None:
        """Keep the readings of the last minutes; a step back of the clock begins anew."""
        if self.recent and reading.captured_s < self.recent[-1].captured_s:
            self.recent.clear()
        self.recent.append(reading)
        while self.recent[0].captured_s < reading.captured_s - _RECENT_S:
            self.recent.popleft()
