"""What is made of one camera's pictures: zones, ground, and whether it still stands there."""

import logging
from pathlib import Path

from monitor.analysis.crowd import Crowd, CrowdMeter
from monitor.analysis.levels import FRUIN
from monitor.analysis.view import ViewGuard, load_view
from monitor.contract.arrays import BoolMap
from monitor.engine.quality import picture_quality
from monitor.records.prediction import Prediction
from monitor.records.reading import Quality
from monitor.records.zone import Zone
from monitor.settings import CameraSettings
from monitor.video.frame import Frame

logger = logging.getLogger(__name__)


class Scene:
    """The scene before one camera, as it is set. `read` is for the thread that counts alone."""

    def __init__(self, settings: CameraSettings) -> None:
        ground = settings.ground
        self._meter = CrowdMeter(
            [one.to_zone() for one in settings.zone],
            plane=None if ground is None else ground.to_plane(),
            scale=FRUIN if ground is None else ground.to_scale(),
        )
        self._guard = _guard_of(settings)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones of both kinds."""
        return self._meter.zones

    @property
    def sure_blocks(self) -> BoolMap | None:
        """Where a block says well enough where people stand; None without a ground plane."""
        return self._meter.sure_blocks

    def read(self, frame: Frame, prediction: Prediction, *, now_s: float) -> Crowd:
        """Measure the crowd in a picture and, now and then, look whether the camera has moved.

        Args:
            frame: The picture that was counted.
            prediction: What the model says of it.
            now_s: Monotonic clock, seconds.

        Returns:
            The crowd. With a ground plane the first picture of a new size takes some seconds.
        """
        guard = self._guard
        if guard is not None and guard.is_due(now_s) and not frame.is_damaged:
            guard.check(frame.picture.to_rgb(), now_s)
        return self._meter.read(prediction, frame.captured_s)

    def quality(self, prediction: Prediction, *, is_impaired: bool) -> Quality:
        """Say how far a count of this scene can be trusted while it is young."""
        return picture_quality(
            is_novel=prediction.is_novel,
            has_moved=self._guard is not None and self._guard.has_moved,
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
