"""An area that several cameras see, watched like a camera of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.core.alarm import AlarmEvent, AlarmStatus
from monitor.core.clock import Clock
from monitor.core.reading import Quality, Reading
from monitor.core.rule import STREAM_RULE_NAME, Rule
from monitor.engine.alarms import Alarms
from monitor.engine.snapshot import CameraSnapshot
from monitor.scene.area import Part, area_quality, combine, part_of
from monitor.settings import AreaSettings


@dataclass(frozen=True, slots=True)
class AreaSnapshot:
    """One area now."""

    name: str
    reading: Reading | None
    """Newest reading under the area's name; None before every camera was counted."""
    quality: Quality
    """How far it can be trusted now."""
    alarms: tuple[AlarmStatus, ...]
    """Where each alarm stands: the rules in their order, the area's own last."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What a person set to be watched for, in order; without the area's own rule."""
        return tuple(one.rule for one in self.alarms if one.rule.name != STREAM_RULE_NAME)


class WatchedArea:
    """One area. `tick` is for the supervision thread, the rest for any."""

    def __init__(
        self,
        settings: AreaSettings,
        *,
        clock: Clock,
        on_reading: Callable[[Reading], None],
        on_event: Callable[[AlarmEvent], None],
    ) -> None:
        self.alarms = Alarms(
            settings.name, settings.rules, settings.stream_rule, clock=clock, on_event=on_event
        )
        self.settings = settings
        self._area = settings.to_area()
        self._clock = clock
        self._on_reading = on_reading
        self._reading: Reading | None = None
        self._quality = Quality.LOST
        self._seen: tuple[float | None, ...] = ()

    @property
    def name(self) -> str:
        """How people call the area."""
        return self._area.name

    def adjust(self, settings: AreaSettings, who: str) -> bool:
        """Watch by other rules from now on, if nothing else differs; says whether that was so."""
        if settings.to_area() != self._area:
            return False
        self.settings = settings
        self.alarms.change_rules(settings.rules, who, own=settings.stream_rule)
        return True

    def tick(self, cameras: Mapping[str, CameraSnapshot]) -> None:
        """Look at the cameras, make a reading where one of them was counted, step the alarms.

        Args:
            cameras: The newest snapshot of each camera, by name.
        """
        parts = [self._part(cameras.get(one.camera), one.zone) for one in self._area.members]
        self._quality = area_quality(parts, self._area.combine)
        seen = tuple(None if one.reading is None else one.reading.captured_s for one in parts)
        reading = combine(self._area, parts) if seen != self._seen else None
        self._seen = seen
        if reading is not None:
            self._reading = reading
            self._on_reading(reading)
        self.alarms.step(reading, quality=self._quality, now_s=self._clock.monotonic_s())

    def snapshot(self) -> AreaSnapshot:
        """Show the area as it is now."""
        return AreaSnapshot(self.name, self._reading, self._quality, self.alarms.statuses)

    @staticmethod
    def _part(camera: CameraSnapshot | None, zone: str | None) -> Part:
        if camera is None:
            return Part(None, Quality.LOST)
        return part_of(camera.reading, zone, camera.quality)
