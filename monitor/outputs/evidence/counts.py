"""The readings of the last minutes, so that a pack can hold what came before its alarm."""

from collections import deque
from threading import Lock

from monitor.core.reading import Reading
from monitor.outputs.csv import HEADER, csv_lines


class RecentReadings:
    """Readings of every camera and area for some minutes; every method is for any thread."""

    def __init__(self, keeps_s: float) -> None:
        """Begin to remember.

        Args:
            keeps_s: For how long, seconds.
        """
        self._keeps_s = keeps_s
        self._lock = Lock()
        self._readings: dict[str, deque[Reading]] = {}

    def keep(self, keeps_s: float) -> None:
        """Remember for another time from now on."""
        with self._lock:
            self._keeps_s = keeps_s

    def add(self, reading: Reading) -> None:
        """Take in the newest reading of a camera."""
        with self._lock:
            kept = self._readings.setdefault(reading.camera, deque())
            kept.append(reading)
            while kept[0].captured_s < reading.captured_s - self._keeps_s:
                kept.popleft()

    def between(self, camera: str, start_s: float, stop_s: float) -> tuple[Reading, ...]:
        """Give the readings of a time.

        Args:
            camera: Name of the camera or area.
            start_s: From this moment of the monotonic clock on.
            stop_s: Up to but without this moment.

        Returns:
            Readings in the order in which they came.
        """
        with self._lock:
            kept = tuple(self._readings.get(camera, ()))
        return tuple(one for one in kept if start_s <= one.captured_s < stop_s)


def counts_csv(readings: tuple[Reading, ...]) -> bytes:
    """Give readings as a CSV file with a header: the whole picture, then each zone."""
    return (",".join(HEADER) + "\r\n" + csv_lines(readings)).encode("utf-8", "replace")
