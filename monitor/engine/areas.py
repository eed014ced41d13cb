"""All areas of a site, watched beside its cameras."""

from collections.abc import Callable, Sequence

from monitor.core.clock import Clock
from monitor.engine.alarms import Alarms
from monitor.engine.area import AreaSnapshot, WatchedArea
from monitor.engine.journal import Journal
from monitor.engine.snapshot import CameraSnapshot
from monitor.settings import AreaSettings, RuleSettings


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
