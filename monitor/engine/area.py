"""Areas that several cameras see, each watched like a camera of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from monitor.core.alarm import AlarmEvent, AlarmStatus
from monitor.core.clock import Clock
from monitor.core.reading import Quality, Reading
from monitor.core.rule import STREAM_RULE_NAME, Rule
from monitor.engine.alarms import Alarms
from monitor.engine.journal import Journal
from monitor.engine.snapshot import CameraSnapshot
from monitor.scene.area import Part, area_quality, combine, part_of
from monitor.settings import AreaSettings, RuleSettings


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


class Areas:
    """All areas of a site. `tick` is for the supervision thread, the rest for any."""

    def __init__(self, areas: Sequence[AreaSettings], *, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._areas = tuple(self._begin(one) for one in areas)

    @property
    def settings(self) -> tuple[AreaSettings, ...]:
        """What each area is made of, with the rules that hold now."""
        return tuple(
            one.settings.model_copy(
                update={"rule": tuple(RuleSettings.of_rule(rule) for rule in one.alarms.rules)}
            )
            for one in self._areas
        )

    def snapshots(self) -> tuple[AreaSnapshot, ...]:
        """Show every area as it is now, in the order of the settings; never waits."""
        return tuple(one.snapshot() for one in self._areas)

    def alarms_by_name(self) -> dict[str, Alarms]:
        """Give the alarms of every area."""
        return {one.name: one.alarms for one in self._areas}

    def tick(self, snapshots: Callable[[], Sequence[CameraSnapshot]]) -> None:
        """Read every area anew from its cameras, where there are areas."""
        if self._areas:
            shown = {one.name: one for one in snapshots()}
            for area in self._areas:
                area.tick(shown)

    def change(self, areas: Sequence[AreaSettings], who: str) -> None:
        """Watch other areas from now on.

        An area whose cameras stay keeps its alarms; the others begin anew, and what stands of
        them is closed in the journal.

        Args:
            areas: All of them; names differ.
            who: Name of the person who changes them; empty: nobody.
        """
        before = {one.name: one for one in self._areas}
        after: list[WatchedArea] = []
        for settings in areas:
            area = before.get(settings.name)
            if area is not None and area.adjust(settings, who):
                after.append(before.pop(settings.name))
            else:
                after.append(self._begin(settings))
        for gone in before.values():
            gone.alarms.end(who)
        self._areas = tuple(after)

    def _begin(self, settings: AreaSettings) -> WatchedArea:
        return WatchedArea(
            settings,
            clock=self._clock,
            on_reading=self._journal.on_reading,
            on_event=self._journal.on_event,
        )
