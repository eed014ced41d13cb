"""What a rule would have done: the stored past, replayed through the machine that rings.

A safety officer who considers a limit sees on which days it would have been active, before it is
used. The machine is the very one that watches, so the answer cannot differ from what would have
happened; only that nobody acknowledges in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alarms.condition import Measured, Sight, sight_of
from monitor.alarms.machine import Watch, advance
from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.rule import Level, Rule
from monitor.core.trend import Forecast, forecast

BLIND_AFTER_S = 10.0
"""Seconds without a value after which nothing is judged, as with a camera that is lost."""
FORECAST_FROM_S = 600.0
"""How much of the past a forecast goes by."""


@dataclass(frozen=True, slots=True)
class PastValue:
    """The number that a rule is about, at one moment of the past."""

    at_utc: datetime
    value: float | None
    """None: it was not known."""
    variance: float | None = None
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class Ringing:
    """A time for which a rule would have been active."""

    start_utc: datetime
    end_utc: datetime | None
    """When it would have returned; None: it still rings at the end of what is known."""
    worst: float
    """Value farthest beyond the limit."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a rule would have done with a past."""

    ringings: tuple[Ringing, ...]
    judged_s: float
    """Seconds of the past in which it could be judged."""


def replay(
    values: Sequence[PastValue], rule: Rule, *, blind_after_s: float = BLIND_AFTER_S
) -> WhatIf:
    """Say when a rule would have been active.

    Args:
        values: What it is about, in order of time; readings as they came, or means over a minute.
            Values that go back in time are left out.
        rule: What would have been watched for; whether it latches does not matter.
        blind_after_s: Longest time between two values; more is a time without pictures. Give
            more than the spacing of the values.

    Returns:
        Every time that it would have been active, if nobody had acknowledged or shelved it.
    """
    rule = replace(rule, is_latching=False, realarm_after_s=0.0)
    player = _Player(rule, blind_after_s)
    for one in values:
        player.take(one)
    return player.finish()


def time_to_limit(values: Sequence[PastValue], rule: Rule) -> Forecast | None:
    """Say when a rule's limit may be reached if the last ten minutes go on.

    Args:
        values: What it is about, in order of time.
        rule: What is watched for.

    Returns:
        The answer, which may be that it is not within 30 minutes; None where too little is known
        of the last ten minutes.
    """
    if not values:
        return None
    last_utc = values[-1].at_utc
    known = [
        (-(last_utc - one.at_utc).total_seconds(), one.value)
        for one in values
        if one.value is not None and sight_of(rule, one.quality) is not Sight.BLIND
    ]
    recent = [(at_s, value) for at_s, value in known if at_s >= -FORECAST_FROM_S]
    return forecast(recent, rule.limit, is_low=rule.level is Level.LOW)


_LOOKS_EVERY_S = 0.5
"""Time between two looks of the live alarm while no value comes, as the engine has it."""


class _Player:
    """Steps a watch through the past, also at the moments between values when a delay runs out."""

    def __init__(self, rule: Rule, blind_after_s: float) -> None:
        self._rule, self._blind_after_s = rule, blind_after_s
        self._watch = Watch()
        self._sight = Sight.BLIND
        self._first_utc: datetime | None = None
        self._now_s = 0.0
        self._judged_s = 0.0
        self._since_utc: datetime | None = None
        self._worst = 0.0
        self._ringings: list[Ringing] = []

    def take(self, one: PastValue) -> None:
        """Let time pass up to a value, and judge it."""
        if self._first_utc is None:
            self._first_utc = one.at_utc
        at_s = (one.at_utc - self._first_utc).total_seconds()
        if at_s < self._now_s:
            return
        sight = Sight.BLIND if one.value is None else sight_of(self._rule, one.quality)
        if sight is Sight.BLIND:
            # The live alarm last looked before sight was lost; what came after does not count.
            looked_s = max(self._now_s, at_s - _LOOKS_EVERY_S)
            self._pass(looked_s)
            self._step(None, looked_s)
        else:
            self._pass(at_s)
        self._sight = sight
        self._step(None if one.value is None else Measured(one.value, one.variance), at_s)

    def finish(self) -> WhatIf:
        """Give what happened."""
        if self._since_utc is not None:
            self._ringings.append(Ringing(self._since_utc, None, self._worst))
        return WhatIf(tuple(self._ringings), self._judged_s)

    def _pass(self, until_s: float) -> None:
        """Let time pass without a value: a delay may run out, or the pictures be missing."""
        if self._watch.judged_s is None:
            return
        seen_s = min(until_s, self._now_s + self._blind_after_s)
        self._judged_s += seen_s - self._now_s
        is_reached = self._watch.is_reached
        delay_s = self._rule.on_delay_s if is_reached else self._rule.off_delay_s
        due_s = self._now_s + delay_s - self._watch.held_s
        if self._now_s < due_s <= seen_s and due_s < until_s:  # else the value itself decides
            self._step(None, due_s)
        if until_s > seen_s:
            self._sight = Sight.BLIND
            self._step(None, seen_s)

    def _step(self, found: Measured | None, at_s: float) -> None:
        before = self._watch.state
        self._watch = advance(self._watch, found, self._rule, sight=self._sight, now_s=at_s)
        self._now_s = at_s
        rings = self._watch.state is AlarmState.UNACKNOWLEDGED
        was_ringing = before is AlarmState.UNACKNOWLEDGED
        value = 0.0 if self._watch.value is None else self._watch.value
        if rings:
            farther = min if self._rule.level is Level.LOW else max
            self._worst = farther(self._worst, value) if was_ringing else value
        if rings and not was_ringing:
            self._since_utc = self._utc(at_s)
        elif was_ringing and not rings and self._since_utc is not None:
            self._ringings.append(Ringing(self._since_utc, self._utc(at_s), self._worst))
            self._since_utc = None

    def _utc(self, at_s: float) -> datetime | None:
        return None if self._first_utc is None else self._first_utc + timedelta(seconds=at_s)
