"""What the window remembers of a camera since it was opened."""

from collections import deque

from monitor.core.alarm import AlarmEvent
from monitor.core.reading import Reading
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.series import CountSeries

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
