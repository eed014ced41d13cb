"""What was counted before the window was opened, read from the history off the GUI thread."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Protocol

from monitor.errors import StoreError
from monitor.store.queries import HistoryPoint

logger = logging.getLogger(__name__)

PAST = timedelta(hours=8)
"""As far back as the longest time that can be plotted."""

_POINTS_MAX = 2000


class PastReadings(Protocol):
    """Something that remembers readings."""

    def readings_between(
        self, camera: str, start: datetime, stop: datetime, *, points_max: int
    ) -> Sequence[HistoryPoint]:
        """Give the counts of a camera over a time; may wait for a disk.

        Args:
            camera: Name of the camera.
            start: From this moment on.
            stop: Up to but without this moment.
            points_max: Most points wanted.

        Returns:
            Points in order of time.

        Raises:
            StoreError: If they cannot be read.
        """
        ...


class PastLoader:
    """Reads the past of each camera once; `collect` is for the GUI thread."""

    def __init__(self, store: PastReadings, cameras: Sequence[str], now_utc: datetime) -> None:
        self._store = store
        self._cameras = tuple(cameras)
        self._now_utc = now_utc
        self._stop = Event()
        self._lock = Lock()
        self._loaded: dict[str, Sequence[HistoryPoint]] = {}
        self._thread = Thread(target=self._run, name="crowd-past", daemon=True)

    def start(self) -> None:
        """Start reading; once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Give up; False if the question in hand takes longer than `timeout_s` seconds."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def collect(self) -> dict[str, Sequence[HistoryPoint]]:
        """Give what has been read since the last call, by camera."""
        with self._lock:
            loaded, self._loaded = self._loaded, {}
        return loaded

    def _run(self) -> None:
        for camera in self._cameras:
            if self._stop.is_set():
                return
            try:
                points = self._store.readings_between(
                    camera, self._now_utc - PAST, self._now_utc, points_max=_POINTS_MAX
                )
            except StoreError as error:
                logger.warning("The past cannot be shown: %s", error)
                return
            with self._lock:
                self._loaded[camera] = points
