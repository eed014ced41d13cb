"""What a person is told of an alarm, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from monitor.core.alarm import AlarmEvent
from monitor.core.reading import Reading
from monitor.core.rule import STREAM_RULE_NAME, Measure, Rule
from monitor.core.series import PEOPLE, thing_of, unit_for
from monitor.core.zone import ZoneReading


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a person."""

    title: str
    body: str
    is_good_news: bool = False
    """Whether it tells that an alarm is over."""


@dataclass(frozen=True, slots=True)
class Ring:
    """An alarm that began to ring, and what was known then."""

    event: AlarmEvent
    rule: Rule | None
    """What it watches for; None where the rule is not known any more."""
    reading: Reading | None
    """Newest reading of its camera; None where there is none."""


def alarm_notice(ring: Ring, *, waited_s: float = 0.0, left_out: int = 0) -> Notice:
    """Tell that an alarm rings.

    Args:
        ring: The alarm.
        waited_s: Seconds that nobody has answered; 0: it has just begun.
        left_out: Alarms before it that were not told, because there were too many.

    Returns:
        Where, what, how sure, since when, and what to do.
    """
    event = ring.event
    title = f"{event.priority.value.upper()} alarm: {event.camera}, {event.rule_name or 'limit'}"
    if waited_s > 0:
        title = f"UNANSWERED {title}"
    lines = [_what(ring), *_how_many(ring), f"Since {_clock(event)}."]
    if waited_s > 0:
        lines.append(f"Nobody has acknowledged it for {_duration(waited_s)}.")
    if event.note:
        lines.append(f"Condition: {event.note}.")
    if left_out:
        lines.append(_left_out(left_out))
    return Notice(title, "\n".join(lines))


def end_notice(event: AlarmEvent, *, left_out: int = 0) -> Notice:
    """Tell that an alarm is over."""
    title = f"Over: {event.camera}, {event.rule_name or 'limit'}"
    lines = [f"The alarm at {event.camera} has returned to normal at {_clock(event)}."]
    if left_out:
        lines.append(_left_out(left_out))
    return Notice(title, "\n".join(lines), is_good_news=True)


def _what(ring: Ring) -> str:
    event, rule = ring.event, ring.rule
    if event.rule_name == STREAM_RULE_NAME:
        return f"{event.camera} cannot be counted: its stream gives no count to rely on."
    thing = thing_of(event.camera)
    unit = unit_for(PEOPLE if rule is None else rule.unit, thing)
    place = event.camera if rule is None or rule.zone is None else f"{event.camera}, {rule.zone}"
    measure = "" if rule is None or rule.measure is Measure.COUNT else f" ({rule.measure.value})"
    value = "an unknown number of" if event.value is None else _number(event.value, unit)
    return f"{place}{measure}: {value} {unit}, limit {_number(event.limit, unit)}."


def _how_many(ring: Ring) -> Sequence[str]:
    """Give the newest count with its interval, of the zone if the alarm watches one."""
    reading, rule = ring.reading, ring.rule
    if reading is None or ring.event.rule_name == STREAM_RULE_NAME:
        return ()
    zone_name = None if rule is None else rule.zone
    part: Reading | ZoneReading | None = reading if zone_name is None else reading.zone(zone_name)
    if part is None:
        return ()
    bounds = ""
    if part.low is not None and part.high is not None:
        bounds = f", 90 % sure between {part.low:.0f} and {part.high:.0f}"
    count = f"{part.count:.0f} {reading.counts}"
    return (f"Newest count: {count}{bounds}; quality {reading.quality.value}.",)


def _number(value: float, unit: str) -> str:
    return f"{value:.1f}" if unit == "people/m²" else f"{value:.0f}"


def _left_out(number: int) -> str:
    messages = "1 message was" if number == 1 else f"{number} messages were"
    return f"{messages} left out before this one, because there were too many."


def _clock(event: AlarmEvent) -> str:
    return event.at_utc.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _duration(seconds: float) -> str:
    minute_s = 60
    if seconds < 2 * minute_s:
        return f"{seconds:.0f} s"
    return f"{seconds / minute_s:.0f} min"
