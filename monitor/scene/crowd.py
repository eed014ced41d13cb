"""What is known of the crowd before one camera: all of it, and zone by zone.

Everything that alarms go by is a running value: the median of the last counts, followed with a
time constant in seconds, so that neither a torn picture nor the rate of counting moves an alarm.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.core.arrays import FloatMap
from monitor.core.interval import count_interval
from monitor.core.prediction import Prediction
from monitor.core.trend import MinuteChange
from monitor.core.zone import Crowding, Zone, ZoneKind, ZoneReading
from monitor.scene.coverage import Shares
from monitor.scene.crowding import GroundGrid, GroundPart, kept_grid
from monitor.scene.ground import GroundPlane
from monitor.scene.levels import FRUIN, Band, Scale, band_of
from monitor.scene.smoothing import CountSmoother
from monitor.scene.zones import Masks, Share, masks_of, share_of

logger = logging.getLogger(__name__)

GridMaker = Callable[[GroundPlane, tuple[int, int], int], GroundGrid | None]
"""Gives the grid of a plane for a size of picture and of blocks; None: not yet. Raises `ValueError`
as `GroundGrid` does."""

_WHOLE = ""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The crowd at one moment: the whole picture, as a zone without a name, and the zones."""

    whole: ZoneReading
    zones: tuple[ZoneReading, ...]


class CrowdMeter:
    """Measures the crowd of one camera. Lives on the thread that counts; not safe to share."""

    def __init__(
        self,
        zones: Sequence[Zone] = (),
        *,
        plane: GroundPlane | None = None,
        scale: Scale = FRUIN,
        grid_of: GridMaker = kept_grid,
    ) -> None:
        """Begin to measure.

        Args:
            zones: Zones of the camera, both kinds; names differ.
            plane: The ground before it; None: people per m² are not known.
            scale: Levels of service.
            grid_of: Lays pictures out on the ground; until it has, people per m² are not known.
        """
        self._grid_of = grid_of
        self._zones = tuple(zones)
        self._plane = plane
        self._has_exclusions = any(one.kind is ZoneKind.EXCLUDE for one in zones)
        counted = [one for one in zones if one.kind is ZoneKind.COUNT]
        self._whole = _Part(_WHOLE, is_moving=False, bands=scale.standing)
        self._parts = [
            _Part(one.name, is_moving=one.is_moving, bands=scale.bands(is_moving=one.is_moving))
            for one in counted
        ]
        self._seen: tuple[tuple[int, int], int] | None = None
        self._masks: Masks | None = None
        self._grounds: list[GroundPart | None] = []
        self._awaits_grid = False

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones of both kinds; for any thread."""
        return self._zones

    @property
    def ground(self) -> GroundPart | None:
        """The whole picture on the ground; None where it is not known yet; for any thread."""
        return self._grounds[0] if self._grounds else None

    def read(self, prediction: Prediction, at_s: float) -> Crowd:
        """Take in what the model says of a picture.

        Args:
            prediction: People by block.
            at_s: When the picture was captured, seconds on a monotonic clock.

        Returns:
            The crowd now.
        """
        masks = self._masks_for(prediction)
        density = prediction.density
        share = Share(prediction.count, prediction.variance)
        if self._has_exclusions:
            share = share_of(prediction, masks.whole)
        whole = self._whole.read(share, density, self._grounds[0], at_s)
        zones = [
            part.read(share_of(prediction, mask), density, ground, at_s)
            for part, (_, mask), ground in zip(
                self._parts, masks.zones, self._grounds[1:], strict=True
            )
        ]
        return Crowd(whole, tuple(zones))

    def _masks_for(self, prediction: Prediction) -> Masks:
        """Work out which blocks count where, again only if the picture's size has changed."""
        seen = (prediction.size_hw, prediction.block_px)
        if self._masks is None or self._seen != seen:
            self._masks, self._seen = masks_of(self._zones, *seen), seen
            self._grounds = [None] * (1 + len(self._masks.zones))
            self._awaits_grid = self._plane is not None
        if self._awaits_grid and self._plane is not None:
            self._lay_out(self._plane, self._masks, *seen)
        return self._masks

    def _lay_out(
        self, plane: GroundPlane, masks: Masks, size_hw: tuple[int, int], block_px: int
    ) -> None:
        """Prepare to measure people per m²; without it people are counted all the same."""
        try:
            grid = self._grid_of(plane, size_hw, block_px)
        except ValueError as error:
            logger.warning("People per m² are not known: %s", error)
            self._awaits_grid = False
            return
        if grid is not None:
            parts: list[Shares] = [masks.whole, *(mask for _, mask in masks.zones)]
            self._grounds = [grid.part(mask) for mask in parts]
            self._awaits_grid = False


class _Part:
    """The running values of one part of the picture."""

    def __init__(self, name: str, *, is_moving: bool, bands: Sequence[Band]) -> None:
        self._name, self._is_moving, self._bands = name, is_moving, bands
        self._count, self._mean, self._peak = CountSmoother(), CountSmoother(), CountSmoother()
        self._change = MinuteChange()

    def read(
        self, share: Share, density: FloatMap, ground: GroundPart | None, at_s: float
    ) -> ZoneReading:
        smoothed = self._count.update(share.count, at_s)
        low, high = None, None
        if share.variance is not None:
            low, high = count_interval(share.count, max(0.0, share.variance))
        return ZoneReading(
            name=self._name,
            count=share.count,
            low=low,
            high=high,
            variance=share.variance,
            smoothed=smoothed,
            per_minute=self._change.update(smoothed, at_s),
            crowding=None if ground is None else self._crowding(ground, density, at_s),
            is_moving=self._is_moving,
        )

    def _crowding(self, ground: GroundPart, density: FloatMap, at_s: float) -> Crowding | None:
        if not ground.area_m2 > 0:
            return None
        found = ground.measure(np.asarray(density))
        mean = self._mean.update(found.mean_m2, at_s)
        peak = None if found.peak_m2 is None else self._peak.update(found.peak_m2, at_s)
        return Crowding(
            area_m2=found.area_m2,
            mean_m2=mean,
            peak_m2=peak,
            level=band_of(max(mean, peak or 0.0), self._bands).name,
            unsure_share=found.unsure_share,
            peak_outline=found.peak_outline,
        )
