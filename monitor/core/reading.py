"""A reading: what is known of the crowd before one camera at one moment.

`Stages` says how long its picture took and where a late count was held up.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.series import thing_of
from monitor.core.zone import Crowding, ZoneReading


@dataclass(frozen=True, slots=True)
class Stages:
    """What became of one picture before its count was known."""

    decode_s: float = 0.0
    """Seconds that the decoder took for it and for what it skipped; 0 where nothing is decoded."""
    queue_s: float = 0.0
    """Seconds from its capture until its turn with the model: what a slow model costs."""
    preprocess_s: float = 0.0
    """Seconds that turning it into RGB took."""
    inference_s: float = 0.0
    """Seconds that the model took; its share of the run where several pictures shared one."""
    postprocess_s: float = 0.0
    """Seconds from the model's answer to the reading: zones, ground, smoothing."""
    batch_size: int = 1
    """Pictures in its run of the model."""


class Quality(StrEnum):
    """How far a count can be trusted."""

    GOOD = "good"
    """The stream is live and its pictures are whole."""
    DEGRADED = "degraded"
    """The pictures come damaged or too seldom, or the model fails."""
    UNCALIBRATED = "uncalibrated"
    """The camera has moved since its ground plane and zones were set; the whole count holds."""
    OUT_OF_DISTRIBUTION = "out of distribution"
    """The scene is unlike any that the model has learned; the count may be far off."""
    STALE = "stale"
    """The newest picture is older than it should be; the count is of the past."""
    LOST = "lost"
    """There is no picture; there is no count."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The count of one camera at one moment, never without its interval, quality and age."""

    camera: str
    """Name of the series: the camera's, and what is counted where that is not people."""
    at_utc: datetime
    """When the counted picture was captured."""
    captured_s: float
    """The same on the monotonic clock; the reading's age is counted from this."""
    count: float
    """People in the picture."""
    low: float | None
    """Lower bound of the 90 % interval; None where the model gives none."""
    high: float | None
    """Upper bound of the 90 % interval; None where the model gives none."""
    variance: float | None
    """Calibrated variance of the count; None where the model gives none."""
    smoothed: float
    """Running count: the median of the last readings, followed with a time constant."""
    quality: Quality
    """How far the count can be trusted."""
    truth: float | None = None
    """Number of people known to be there; None for every real camera."""
    per_minute: float | None = None
    """How many more than a minute ago; None until there is a minute to look back on."""
    zones: tuple[ZoneReading, ...] = ()
    """The same for each zone that is counted, in the order of the settings."""
    crowding: Crowding | None = None
    """People per m² over the whole picture; None without a ground plane."""
    stages: Stages | None = None
    """What became of the picture before it was counted; None for areas and for the past."""

    @property
    def counts(self) -> str:
        """What is counted, in the plural."""
        return thing_of(self.camera)

    def zone(self, name: str) -> ZoneReading | None:
        """Give what is known of one zone; None where there is no such zone."""
        return next((one for one in self.zones if one.name == name), None)
