"""All counts of one camera: which things, and what happens when other things are asked for."""

from collections.abc import Iterator, Sequence

from monitor.core.clock import Clock
from monitor.core.rule import Rule
from monitor.engine.alarms import Alarms
from monitor.engine.journal import Journal
from monitor.engine.tally import Tally
from monitor.settings import CameraSettings


class Tallies:
    """The tallies of one camera; the camera's lock guards it, `prepare` alone needs none.

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
        self._tallies: tuple[Tally, ...] = ()
        self.replace(self.prepare(settings), settings, "")

    def __iter__(self) -> Iterator[Tally]:
        return iter(self._tallies)

    @property
    def things(self) -> tuple[str, ...]:
        """What is counted now, in the plural."""
        return tuple(one.thing for one in self._tallies)

    @property
    def alarms_by_name(self) -> dict[str, Alarms]:
        """The alarms of each series, by its name."""
        return {one.name: one.alarms for one in self._tallies}

    def prepare(self, settings: CameraSettings) -> tuple[Tally, ...]:
        """Give the tallies that settings ask for: those that there are, and new ones."""
        things = self._things_of(settings)
        here = {one.thing: one for one in self._tallies}
        rules = rules_of(settings, things) | self._put_aside
        return tuple(
            here.get(thing)
            or Tally(settings, thing, rules[thing], clock=self._clock, journal=self._journal)
            for thing in things
        )

    def replace(self, tallies: tuple[Tally, ...], settings: CameraSettings, who: str) -> None:
        """Count with prepared tallies from now on; alarms of the others are closed."""
        for gone in self._tallies:
            if gone not in tallies:
                self._put_aside[gone.thing] = gone.alarms.rules
                gone.alarms.end(who)
        self._tallies = tallies
        if not any(one.watches_stream for one in tallies):
            tallies[0].watch_stream(settings.stream_rule)

    def change_rules(self, settings: CameraSettings, who: str) -> None:
        """Watch by the rules that settings hold, whatever was put aside."""
        self._put_aside.clear()
        rules = rules_of(settings, self._things_of(settings))
        for tally in self._tallies:
            own = settings.stream_rule if tally.watches_stream else None
            tally.alarms.change_rules(rules[tally.thing], who, own=own)

    def end_alarms(self, who: str) -> None:
        """Close what stands in the journal: the camera is taken away."""
        for tally in self._tallies:
            tally.alarms.end(who)

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
