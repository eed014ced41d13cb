"""What is known of the crowd before one camera: all of it, and zone by zone.

Everything that alarms go by is a running value: the median of the last counts, followed with a time
constant in seconds, so that neither a torn picture nor the rate of counting moves an alarm.

Running values are smoothed in two stages. The median of the last few counts throws out single wrong
ones (a smeared frame, a flash). A first-order low-pass then follows what is left with a time
constant in seconds, so that counting twice as often does not make the count twice as nervous.
"""

import logging
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from monitor.core.arrays import FloatMap
from monitor.core.interval import count_interval
from monitor.core.prediction import Prediction
from monitor.core.trend import MinuteChange
from monitor.core.zone import Crowding, Zone, ZoneKind, ZoneReading
from monitor.scene.crowding import GroundGrid, GroundPart, kept_grid
from monitor.scene.ground import GroundPlane
from monitor.scene.levels import FRUIN, Band, Scale, band_of
from monitor.scene.zones import Masks, Share, Shares, masks_of, share_of

TIME_CONSTANT_S = 5.0
"""How slowly a count follows a crowd: slower than a passing group, faster than an on-delay."""

_MEDIAN_SAMPLES = 5  # two wrong counts in a row are thrown out; costs two samples of delay
_MEMORY_TIME_CONSTANTS = 6.0  # exp(-6) = 0.25 %: what the low-pass still remembers of the past


def smooth_towards(
    previous: float, measured: float, *, elapsed_s: float, time_constant_s: float
) -> float:
    """Move a running count towards a new measurement.

    A step in the measurement is followed to 63 % after one time constant and to 95 % after three.

    Args:
        previous: Running count before this measurement, people.
        measured: Count in the newest frame, people.
        elapsed_s: Time since the previous measurement; 0 leaves the count as it was.
        time_constant_s: How slowly to follow; more than 0.

    Returns:
        Running count, people; between `previous` and `measured`.

    Raises:
        ValueError: If elapsed_s is negative or time_constant_s is not positive.

    Source:
        Exact solution of time_constant · dy/dt = x − y over one step with x held:
        y += (x − y) · (1 − exp(−elapsed / time_constant)).
    """
    if elapsed_s < 0:
        raise ValueError(f"elapsed time {elapsed_s} s is negative")
    if not time_constant_s > 0:
        raise ValueError(f"time constant {time_constant_s} s must be more than 0")
    share = -math.expm1(-elapsed_s / time_constant_s)
    moved = previous + (measured - previous) * share
    return min(max(moved, min(previous, measured)), max(previous, measured))


class CountSmoother:
    """The running count of one camera.

    Lives on the thread that counts; not safe to share.
    """

    def __init__(self, *, time_constant_s: float = TIME_CONSTANT_S) -> None:
        if not (math.isfinite(time_constant_s) and time_constant_s > 0):
            raise ValueError(f"time constant {time_constant_s} s must be more than 0")
        self._time_constant_s = time_constant_s
        self._samples: deque[tuple[float, float]] = deque(maxlen=_MEDIAN_SAMPLES)
        self._running: float | None = None

    def update(self, count: float, at_s: float) -> float:
        """Take in one count and give the running count.

        A count with the time stamp of the one before replaces it. A clock that went backwards
        starts the filter's time anew from there and leaves the running count where it was. After
        a break of more than six time constants nothing is left of the past.

        Args:
            count: People in the newest picture.
            at_s: When the picture was captured, seconds on a monotonic clock.

        Returns:
            Running count, people; the count itself the first time.

        Raises:
            ValueError: If the count or the time is not a finite number.
        """
        if not (math.isfinite(count) and math.isfinite(at_s)):
            raise ValueError(f"count {count} at {at_s} s is not a number")
        elapsed_s = self._take_in(count, at_s)
        middle = median(value for _, value in self._samples)
        if self._running is None:
            self._running = middle
        else:
            self._running = smooth_towards(
                self._running,
                middle,
                elapsed_s=elapsed_s,
                time_constant_s=self._time_constant_s,
            )
        return self._running

    def _take_in(self, count: float, at_s: float) -> float:
        """Add a sample to the window and give the seconds since the one before it."""
        previous_s = self._samples[-1][0] if self._samples else at_s
        if at_s < previous_s:
            # Old stamps would look like the future and never expire.
            self._samples = deque(
                ((at_s, value) for _, value in self._samples), maxlen=_MEDIAN_SAMPLES
            )
        elif at_s == previous_s and self._samples:
            self._samples.pop()
        self._samples.append((at_s, count))
        oldest_s = at_s - _MEMORY_TIME_CONSTANTS * self._time_constant_s
        while self._samples[0][0] < oldest_s:
            self._samples.popleft()
        return max(0.0, at_s - previous_s)


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
