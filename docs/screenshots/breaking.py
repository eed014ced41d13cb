"""Cameras that are lost after a while, to show what that looks like."""

from collections.abc import Iterator
from threading import Event

from monitor.core.clock import Clock
from monitor.core.errors import UnreachableError
from monitor.engine.sources import open_camera
from monitor.settings import CameraSettings
from monitor.video.frame import Frame, FrameSource

LOST_AFTER_S = 15.0


class BreakingSource:
    """A source that is lost after a while."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    @property
    def label(self) -> str:
        """The address."""
        return self._source.label

    @property
    def is_live(self) -> bool:
        """Always: its end is a loss."""
        return True

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Give frames for a while.

        Args:
            stop: Set by another thread to end.

        Yields:
            Frames in order.

        Raises:
            UnreachableError: When it is lost.
        """
        for frame in self._source.frames(stop):
            if frame.time_s > LOST_AFTER_S:
                raise UnreachableError("The camera stopped answering. Trying again.")
            yield frame


class BreakingCameras:
    """Opens each camera once; it is lost after a while and does not come back."""

    def __init__(self) -> None:
        self._opened: set[str] = set()

    def open(self, settings: CameraSettings, clock: Clock) -> FrameSource:
        """Open a camera.

        Args:
            settings: The camera.
            clock: Where time comes from.

        Returns:
            A source that breaks.

        Raises:
            UnreachableError: If it was opened before.
        """
        if settings.name in self._opened:
            raise UnreachableError("The camera does not answer. Trying again.")
        self._opened.add(settings.name)
        return BreakingSource(open_camera(settings, clock))
