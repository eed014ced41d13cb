"""The count series of one camera: one for each thing that it is asked to count.

A series has its newest count, its scene and its alarms. Pictures and the state of the stream are
the camera's, and all its series see the same; each has its own name, under which readings and
alarms are known everywhere (`monitor.core.series`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.core.clock import Clock
from monitor.core.prediction import Prediction
from monitor.core.reading import Reading
from monitor.core.rule import Rule
from monitor.core.series import PEOPLE, series_name
from monitor.engine.alarms import Alarms
from monitor.engine.journal import Journal
from monitor.engine.scene import Scene
from monitor.settings import CameraSettings
from monitor.video.frame import Frame


@dataclass(frozen=True, slots=True)
class Counted:
    """The newest count and what it was made from."""

    frame: Frame
    prediction: Prediction
    reading: Reading
    spacing_s: float
    """Seconds until the next count can be expected."""


class CountSeries:
    """What stands of one count of a camera; the camera's lock guards it.

    Attributes:
        name: Of the series.
        thing: What is counted.
        scene: Zones and ground; for people alone there is a ground, as levels of crowding are of
            people.
        alarms: Those of the rules that concern this thing, and perhaps the camera's own.
        watches_stream: Whether that is here: one of a camera's series has it, so that a lost
            stream rings once.
        counted: The newest count; None before the first.
    """

    def __init__(
        self,
        settings: CameraSettings,
        thing: str,
        rules: Sequence[Rule],
        *,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self.name = series_name(settings.name, thing)
        self.thing = thing
        self.scene = Scene(scene_settings(settings, thing))
        self.counted: Counted | None = None
        self.alarms = Alarms(self.name, rules, None, clock=clock, on_event=journal.on_event)
        self.watches_stream = False

    def watch_stream(self, own: Rule) -> None:
        """Have the camera's own alarm from now on: it can no longer be counted."""
        self.watches_stream = True
        self.alarms.change_rules(self.alarms.rules, "", own=own)


def scene_settings(settings: CameraSettings, thing: str) -> CameraSettings:
    """Give the settings of a scene in which a thing is counted: only people have a ground."""
    return settings if thing == PEOPLE else settings.model_copy(update={"ground": None})


class CameraCounts:
    """The series of one camera; the camera's lock guards it, `prepare` alone needs none.

    What is still asked for goes on. Anything else begins a series of its own, without a curve and
    with alarms at rest; rules of a thing that is no longer counted are put aside, and come back
    with it.
    """

    def __init__(
        self, settings: CameraSettings, usual: Sequence[str], *, clock: Clock, journal: Journal
    ) -> None:
        """Begin to count.

        Args:
            settings: The camera's.
            usual: What is counted where the settings name nothing.
            clock: Where time comes from.
            journal: Told of what happens to alarms.
        """
        self.usual = tuple(usual)
        self._clock = clock
        self._journal = journal
        self._put_aside: dict[str, tuple[Rule, ...]] = {}
        self._counts: tuple[CountSeries, ...] = ()
        self.replace(self.prepare(settings), settings, "")

    def __iter__(self) -> Iterator[CountSeries]:
        return iter(self._counts)

    @property
    def things(self) -> tuple[str, ...]:
        """What is counted now, in the plural."""
        return tuple(one.thing for one in self._counts)

    @property
    def alarms_by_name(self) -> dict[str, Alarms]:
        """The alarms of each series, by its name."""
        return {one.name: one.alarms for one in self._counts}

    def prepare(self, settings: CameraSettings) -> tuple[CountSeries, ...]:
        """Give the series that settings ask for: those that there are, and new ones."""
        things = self._things_of(settings)
        here = {one.thing: one for one in self._counts}
        rules = rules_of(settings, things) | self._put_aside
        return tuple(
            here.get(thing)
            or CountSeries(settings, thing, rules[thing], clock=self._clock, journal=self._journal)
            for thing in things
        )

    def replace(self, series: tuple[CountSeries, ...], settings: CameraSettings, who: str) -> None:
        """Count with prepared series from now on; alarms of the others are closed."""
        for gone in self._counts:
            if gone not in series:
                self._put_aside[gone.thing] = gone.alarms.rules
                gone.alarms.end(who)
        self._counts = series
        if not any(one.watches_stream for one in series):
            series[0].watch_stream(settings.stream_rule)

    def change_rules(self, settings: CameraSettings, who: str) -> None:
        """Watch by the rules that settings hold, whatever was put aside."""
        self._put_aside.clear()
        rules = rules_of(settings, self._things_of(settings))
        for series in self._counts:
            own = settings.stream_rule if series.watches_stream else None
            series.alarms.change_rules(rules[series.thing], who, own=own)

    def end_alarms(self, who: str) -> None:
        """Close what stands in the journal: the camera is taken away."""
        for series in self._counts:
            series.alarms.end(who)

    def _things_of(self, settings: CameraSettings) -> tuple[str, ...]:
        return settings.count or self.usual


def rules_of(settings: CameraSettings, things: Sequence[str]) -> dict[str, tuple[Rule, ...]]:
    """Share the rules of a camera out among the things that it counts.

    Args:
        settings: The camera's.
        things: What it counts.

    Returns:
        Rules by thing; those that name no thing concern the first, those of a thing that is not
        counted nobody.
    """
    shared: dict[str, tuple[Rule, ...]] = dict.fromkeys(things, ())
    for thing, rule in settings.rules_by_thing:
        meant = things[0] if thing is None else thing
        if meant in shared:
            shared[meant] = (*shared[meant], rule)
    return shared
