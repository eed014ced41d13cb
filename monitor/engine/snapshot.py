"""What the engine shows of a camera at one moment: all that a window or a service may know."""

from dataclasses import dataclass

from monitor.core.alarm import AlarmStatus
from monitor.core.arrays import BoolMap
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality, Reading
from monitor.core.rule import STREAM_RULE_NAME, Rule
from monitor.core.series import camera_of, thing_of
from monitor.core.zone import Zone
from monitor.engine.health import Health
from monitor.engine.scene import ShownGround
from monitor.video.frame import Frame


@dataclass(frozen=True, slots=True)
class CameraSnapshot:
    """One count of one camera now. Taken on any thread, never waits; nothing in it changes."""

    name: str
    """Of the series: the camera's, and what is counted where that is not people."""
    source_label: str
    """The address without any password."""
    health: Health
    quality: Quality
    """How far the newest count can be trusted now; LOST while there is none."""
    frame: Frame | None
    """Newest frame, counted or not; None before the first."""
    picture_age_s: float | None
    """Seconds since the newest frame arrived; None before the first."""
    prediction: Prediction | None
    """Newest count by block; None before the first."""
    counted_frame: Frame | None
    """The frame that `prediction` was made from; None before the first."""
    reading: Reading | None
    """Newest reading; None before the first."""
    reading_age_s: float | None
    """Seconds since the counted picture was captured; None before the first."""
    counts_hz: float
    """Counts a second over the last seconds."""
    alarms: tuple[AlarmStatus, ...]
    """Where each alarm stands: the rules in their order, the stream's own last."""
    zones: tuple[Zone, ...] = ()
    """Zones of both kinds, as they are drawn."""
    ground: ShownGround | None = None
    """The ground before the camera; None where it is not known."""

    @property
    def sure_blocks(self) -> BoolMap | None:
        """Where a block says well enough where people stand; None without a ground plane.

        Like the density map, read-only; the other blocks are shown grey.
        """
        part = None if self.ground is None else self.ground.part
        return None if part is None else part.is_sure

    @property
    def counts(self) -> str:
        """What is counted, in the plural."""
        return thing_of(self.name)

    @property
    def camera(self) -> str:
        """Name of the camera."""
        return camera_of(self.name)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What a person set to be watched for, in order; without the stream's own rule."""
        return tuple(one.rule for one in self.alarms if one.rule.name != STREAM_RULE_NAME)

    @property
    def alarm(self) -> AlarmStatus | None:
        """Where the alarm of the camera's first rule stands; None: no rule is set."""
        return next((one for one in self.alarms if one.rule.name != STREAM_RULE_NAME), None)
