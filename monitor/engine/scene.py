"""What is made of one camera's pictures: zones, ground, and whether the camera has moved.

Laying a picture out on the ground takes up to a second, and looking for a move some hundredths; on
the thread that counts every camera would wait for either, so both have workers of their own. Until
a ground grid is there people are counted, and people per m² are not known.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from monitor.core.prediction import Prediction
from monitor.core.reading import Quality
from monitor.core.worker import Worker
from monitor.core.zone import Zone
from monitor.engine.health import picture_quality
from monitor.scene.crowd import Crowd, CrowdMeter
from monitor.scene.crowding import GroundGrid, GroundPart, kept_grid
from monitor.scene.ground import GroundPlane
from monitor.scene.levels import FRUIN, Scale
from monitor.scene.view import ViewGuard, load_view
from monitor.settings import CameraSettings, GroundSettings
from monitor.video.frame import Frame


class CameraMovedWatch:
    """Shows pictures of one camera to its guard; `consider` is for one thread, the rest for any."""

    def __init__(self, camera: str, guard: ViewGuard) -> None:
        """Begin without a look.

        Args:
            camera: Its name, for the log.
            guard: What compares pictures; used by one look at a time.
        """
        self._name = f"looking-{camera}"
        self._guard = guard
        self._look: Worker | None = None

    @property
    def has_moved(self) -> bool:
        """Whether the camera stands otherwise than it did, as the last look has found."""
        return self._guard.has_moved

    @property
    def is_looking(self) -> bool:
        """Whether a look goes on."""
        return self._look is not None and self._look.is_alive

    def consider(self, frame: Frame, now_s: float) -> None:
        """Have a picture looked at, where that is due and no look goes on; returns at once.

        Args:
            frame: The picture; a damaged one says nothing.
            now_s: Monotonic clock, seconds.
        """
        if frame.is_damaged or self.is_looking or not self._guard.is_due(now_s):
            return
        self._look = Worker(self._name, lambda stop: self._check(frame, now_s, stop))
        self._look.start()

    def _check(self, frame: Frame, now_s: float, stop: Event) -> None:
        stop.set()
        self._guard.check(frame.picture.to_rgb(), now_s)


_PATIENCE_S = 0.03
"""How long whoever asks first waits: enough for a grid that was laid out before, as while zones
are drawn, so that no reading is without people per m² then."""

_Size = tuple[tuple[int, int], int]


class GroundGridWorker:
    """Works for one camera with one ground; `grid` is for one thread."""

    def __init__(self, camera: str) -> None:
        """Begin without a grid.

        Args:
            camera: Its name, for the log.
        """
        self._camera = camera
        self._work: Worker | None = None
        self._size: _Size | None = None
        self._found: GroundGrid | ValueError | None = None

    @property
    def is_working(self) -> bool:
        """Whether a picture is being laid out."""
        return self._work is not None and self._work.is_alive

    def grid(
        self, plane: GroundPlane, size_hw: tuple[int, int], block_px: int
    ) -> GroundGrid | None:
        """Give the way from blocks to the ground; has it worked out where it is not known.

        Args:
            plane: The ground before the camera.
            size_hw: Height and width of the picture, pixels.
            block_px: Side of a block, pixels.

        Returns:
            The grid; None while it is being worked out: ask again.

        Raises:
            ValueError: If so much ground would be seen that the plane cannot be right.
        """
        size = (size_hw, block_px)
        if self._size != size and not self.is_working:
            self._size, self._found = size, None
            self._work = Worker(
                f"survey-{self._camera}", lambda stop: self._lay_out(plane, size, stop)
            )
            self._work.start()
            self._work.join(_PATIENCE_S)
        if self._size != size or self.is_working:
            return None
        if isinstance(self._found, ValueError):
            raise self._found
        return self._found

    def _lay_out(self, plane: GroundPlane, size: _Size, stop: Event) -> None:
        stop.set()
        try:
            self._found = kept_grid(plane, *size)
        except ValueError as error:
            self._found = error


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownGround:
    """The ground before a camera, as a window may show it; nothing in it changes."""

    settings: GroundSettings
    """How it was marked."""
    scale: Scale
    """What people per m² mean."""
    part: GroundPart | None
    """The whole picture, ready to be measured; None before the first picture, or where so much
    ground would be seen that the marks cannot be right."""


class Scene:
    """The scene before one camera, as it is set. `read` is for the thread that counts alone."""

    def __init__(self, settings: CameraSettings) -> None:
        ground = settings.ground
        self._ground = ground
        self._scale = FRUIN if ground is None else ground.to_scale()
        self._meter = CrowdMeter(
            [one.to_zone() for one in settings.zone],
            plane=None if ground is None else ground.to_plane(),
            scale=self._scale,
            grid_of=GroundGridWorker(settings.name).grid,
        )
        guard = _guard_of(settings)
        self._moved_watch = None if guard is None else CameraMovedWatch(settings.name, guard)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones of both kinds."""
        return self._meter.zones

    @property
    def ground(self) -> ShownGround | None:
        """The ground before the camera; None where it is not known."""
        if self._ground is None:
            return None
        return ShownGround(self._ground, self._scale, self._meter.ground)

    def read(self, frame: Frame, prediction: Prediction, *, now_s: float) -> Crowd:
        """Measure the crowd in a picture and, now and then, have somebody look for a move.

        Args:
            frame: The picture that was counted.
            prediction: What the model says of it.
            now_s: Monotonic clock, seconds.

        Returns:
            The crowd. With a ground plane, people per m² follow the first picture of a new size
            within about a second.
        """
        if self._moved_watch is not None:
            self._moved_watch.consider(frame, now_s)
        return self._meter.read(prediction, frame.captured_s)

    def quality(self, prediction: Prediction, *, is_impaired: bool) -> Quality:
        """Say how far a count of this scene can be trusted while it is young."""
        return picture_quality(
            is_novel=prediction.is_novel,
            has_moved=self._moved_watch is not None and self._moved_watch.has_moved,
            is_impaired=is_impaired,
        )


def _guard_of(settings: CameraSettings) -> ViewGuard | None:
    """Watch that a camera does not move, where that would matter."""
    if settings.ground is None and not settings.zone:
        return None
    place = None if settings.ground is None else settings.ground.reference
    try:
        return ViewGuard(None if place is None else load_view(Path(place)))
    except ValueError as error:
        logger.warning("%s: %s; the first picture is taken instead", settings.name, error)
        return ViewGuard()
