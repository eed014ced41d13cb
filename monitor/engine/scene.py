"""What is made of one camera's pictures: zones, ground, and whether it still stands there."""

import logging
from dataclasses import dataclass
from pathlib import Path

from monitor.core.prediction import Prediction
from monitor.core.reading import Quality
from monitor.core.zone import Zone
from monitor.engine.lookout import Lookout
from monitor.engine.quality import picture_quality
from monitor.engine.surveying import Surveyor
from monitor.scene.crowd import Crowd, CrowdMeter
from monitor.scene.crowding import GroundPart
from monitor.scene.levels import FRUIN, Scale
from monitor.scene.view import ViewGuard, load_view
from monitor.settings import CameraSettings, GroundSettings
from monitor.video.frame import Frame

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
            grid_of=Surveyor(settings.name).grid,
        )
        guard = _guard_of(settings)
        self._lookout = None if guard is None else Lookout(settings.name, guard)

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
        if self._lookout is not None:
            self._lookout.consider(frame, now_s)
        return self._meter.read(prediction, frame.captured_s)

    def quality(self, prediction: Prediction, *, is_impaired: bool) -> Quality:
        """Say how far a count of this scene can be trusted while it is young."""
        return picture_quality(
            is_novel=prediction.is_novel,
            has_moved=self._lookout is not None and self._lookout.has_moved,
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
