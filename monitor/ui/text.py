"""Every word and number of the window that has to be worked out, as pure functions.

A count that is not known is a dash, never 0: nobody should have to guess whether a place is empty
or a camera is dead.
"""

import math
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Literal

from monitor.alarms.forecast import RuleOutlook
from monitor.core.alarm import AlarmEvent, AlarmState, AlarmStatus
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Level, Measure
from monitor.core.series import thing_of
from monitor.core.zone import Crowding, ZoneReading
from monitor.engine.health import Health, StreamState
from monitor.scene.levels import Scale
from monitor.ui.language import translate, written

UNKNOWN = "–"
"""Stands for a number that is not known."""

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400
_TENTHS_UP_TO_S = 10.0  # a tenth of a second says nothing about what is older


def count_text(count: float | None) -> str:
    """Give a number of people, rounded; a dash where it is not known."""
    if count is None or not math.isfinite(count):
        return UNKNOWN
    return written(round(count))


def interval_text(low: float | None, high: float | None) -> str:
    """Give the bounds of a count, rounded outwards, so that what is shown holds what is meant."""
    if low is None or high is None:
        return _tr("this model gives no interval")
    return _tr("{low} to {high}").format(
        low=written(math.floor(low)), high=written(math.ceil(high))
    )


def short_interval_text(low: float | None, high: float | None) -> str:
    """Give the bounds of a count for a place with little room; empty where there are none."""
    if low is None or high is None:
        return ""
    return f"{written(math.floor(low))}–{written(math.ceil(high))}"


def age_text(age_s: float | None) -> str:
    """Give an age or a duration as people say it.

    Args:
        age_s: Seconds; None: not known. A negative one is a clock's fault and shows as 0.

    Returns:
        For example `0.3 s`, `42 s`, `3 min 12 s`, `2 h 05 min`, `3 days`.
    """
    if age_s is None or not math.isfinite(age_s):
        return UNKNOWN
    seconds = max(0.0, age_s)
    # Cut, not rounded: 59.97 s must not read "60 s", nor 9.96 s "10.0 s".
    if seconds < _TENTHS_UP_TO_S:
        return _tr("{seconds} s").format(seconds=written(math.floor(seconds * 10) / 10, ".1f"))
    if seconds < _MINUTE_S:
        return _tr("{seconds} s").format(seconds=int(seconds))
    if seconds < _HOUR_S:
        minutes, rest = divmod(int(seconds), _MINUTE_S)
        return _tr("{minutes} min {seconds} s").format(minutes=minutes, seconds=f"{rest:02d}")
    if seconds < 2 * _DAY_S:
        hours, rest = divmod(int(seconds) // _MINUTE_S, 60)
        return _tr("{hours} h {minutes} min").format(hours=hours, minutes=f"{rest:02d}")
    return _tr("{days} days").format(days=int(seconds) // _DAY_S)


def ago_text(age_s: float | None) -> str:
    """Say how long ago something was; a dash where it never was."""
    return UNKNOWN if age_s is None else _tr("{age} ago").format(age=age_text(age_s))


def clock_text(moment: datetime, zone: tzinfo | None = None) -> str:
    """Give the time of day where the window stands; `zone` None: the zone of this machine."""
    return moment.astimezone(zone).strftime("%H:%M:%S")


def rate_text(rate_hz: float, what: Literal["count", "picture"]) -> str:
    """Say how often something happens.

    Args:
        rate_hz: Times a second.
        what: What happens: counts or pictures.

    Returns:
        For example `2.0 counts/s`, `a count every 4.0 s`, `no counts`.
    """
    is_count = what == "count"
    if rate_hz <= 0 or not math.isfinite(rate_hz):
        return _tr("no counts") if is_count else _tr("no pictures")
    if rate_hz < 1:
        words = _tr("a count every {time} s") if is_count else _tr("a picture every {time} s")
        return words.format(time=written(1 / rate_hz, ".1f"))
    words = _tr("{rate} counts/s") if is_count else _tr("{rate} pictures/s")
    return words.format(rate=written(rate_hz, ".1f"))


def stream_sentence(health: Health) -> str:
    """Say what a camera's stream is doing; the engine's own words where it has some."""
    if health.message:
        return health.message
    return {
        StreamState.CONNECTING: _tr("Connecting to the camera."),
        StreamState.LIVE: _tr("The stream is live."),
        StreamState.STALE: _tr("No new pictures are arriving."),
        StreamState.UNAUTHORIZED: _tr("The camera rejected the user name or password."),
        StreamState.UNREACHABLE: _tr("The camera does not answer."),
        StreamState.FAILED: _tr("The address does not provide video."),
        StreamState.ENDED: _tr("Playback has ended."),
        StreamState.STOPPED: _tr("This camera is stopped."),
    }[health.state]


def stream_details(health: Health) -> str:
    """Give the numbers of a stream, for whoever looks for a fault."""
    parts = [_tr("{number} pictures").format(number=written(health.frames_received))]
    if health.frames_damaged:
        parts.append(_tr("{number} damaged").format(number=written(health.frames_damaged)))
    if health.reconnects == 1:
        parts.append(_tr("disconnected once"))
    elif health.reconnects:
        parts.append(_tr("disconnected {number} times").format(number=written(health.reconnects)))
    if health.decoder:
        parts.append(_tr("decode: {decoder}").format(decoder=health.decoder))
    return ", ".join(parts)


def quality_explanation(quality: Quality) -> str:
    """Say what a quality means for whoever acts on the count."""
    return {
        Quality.GOOD: _tr("The stream is live and its pictures are intact."),
        Quality.DEGRADED: _tr("Pictures are damaged or too rare: treat the count with caution."),
        Quality.UNCALIBRATED: _tr(
            "The camera has moved: zones and ground no longer match the picture."
        ),
        Quality.OUT_OF_DISTRIBUTION: _tr(
            "Unlike the scenes the model was trained on: do not rely on the count."
        ),
        Quality.STALE: _tr("The count is out of date: no newer picture could be counted."),
        Quality.LOST: _tr("There is no picture to count."),
    }[quality]


def state_word(state: AlarmState) -> str:
    """Give the word for where an alarm stands."""
    return {
        AlarmState.NORMAL: _tr("Normal"),
        AlarmState.UNACKNOWLEDGED: _tr("Alarm"),
        AlarmState.ACKNOWLEDGED: _tr("Acknowledged"),
        AlarmState.RETURNED_UNACKNOWLEDGED: _tr("Cleared, unacknowledged"),
        AlarmState.SHELVED: _tr("Shelved"),
        AlarmState.SUPPRESSED: _tr("Suppressed"),
    }[state]


def quality_word(quality: Quality) -> str:
    """Give the one word for a quality that a badge has room for."""
    return {
        Quality.GOOD: _tr("good"),
        Quality.DEGRADED: _tr("degraded"),
        Quality.UNCALIBRATED: _tr("uncalibrated"),
        Quality.OUT_OF_DISTRIBUTION: _tr("out of distribution"),
        Quality.STALE: _tr("stale"),
        Quality.LOST: _tr("lost"),
    }[quality]


def signal_text(
    health: Health, lost_since: datetime | None, zone: tzinfo | None = None
) -> tuple[str, str] | None:
    """Give what is written across a picture that is not of now.

    Args:
        health: How the stream is doing.
        lost_since: When the newest picture came; None: none ever did.
        zone: Zone of the window; None: the zone of this machine.

    Returns:
        A headline and a sentence; None where the picture is live.
    """
    if health.state is StreamState.LIVE:
        return None
    if health.state is StreamState.ENDED:
        return _tr("ENDED"), stream_sentence(health)
    if health.state is StreamState.STOPPED:
        return _tr("STOPPED"), stream_sentence(health)
    if lost_since is not None:
        since = _tr("NO SIGNAL since {time}").format(time=clock_text(lost_since, zone))
        return since, stream_sentence(health)
    is_first_try = health.state is StreamState.CONNECTING and not health.message
    return _tr("CONNECTING") if is_first_try else _tr("NO SIGNAL"), stream_sentence(health)


def difference_text(count: float, truth: float) -> str:
    """Compare a count with the true number, both as they are shown."""
    # Rounded first, or 10.4 beside 9.6 would read "10, true 10, 1 too high".
    difference = round(count) - round(truth)
    if difference == 0:
        return _tr("exact")
    words = _tr("{number} too high") if difference > 0 else _tr("{number} too low")
    return words.format(number=written(abs(difference)))


def mean_error_text(mean_error: float | None, counts: int) -> str:
    """Give the mean absolute error of a session; a dash before the first known truth."""
    if mean_error is None:
        return UNKNOWN
    error = written(mean_error, ".1f")
    if counts == 1:
        return _tr("{error} people over 1 count").format(error=error)
    return _tr("{error} people over {counts} counts").format(error=error, counts=written(counts))


def alarm_sentence(camera: str, status: AlarmStatus, zone: tzinfo | None = None) -> str:
    """Say where an alarm that can be judged stands, as it is written in the alarm strip."""
    limit = value_text(status.limit, status.rule.measure, status.unit)
    limit = limit.removesuffix(f" {unit_text(thing_of(camera))}")
    since = clock_text(status.since_utc, zone)
    value = value_text(status.value, status.rule.measure, status.unit)
    match status.state:
        case AlarmState.UNACKNOWLEDGED:
            words = _tr("{camera}: {value}, limit {limit}, since {since}")
        case AlarmState.ACKNOWLEDGED:
            words = _tr("{camera}: {value}, limit {limit}, acknowledged at {since}")
        case AlarmState.RETURNED_UNACKNOWLEDGED:
            words = _tr("{camera}: below the limit of {limit} again since {since}")
        case _:
            words = _tr("{camera}: below the limit of {limit}")
    return words.format(camera=camera, value=value, limit=limit, since=since)


def value_text(value: float | None, measure: Measure, unit: str = "") -> str:
    """Give a value or a limit of a rule with its unit: people whole, people per m² with a tenth.

    Args:
        value: The value; None: it is not known.
        measure: What it is.
        unit: Its unit where something else than people is counted; empty: that of the measure.

    Returns:
        For example `12 people`.
    """
    is_density = measure in {Measure.DENSITY, Measure.PEAK_DENSITY}
    words = written(value, ".1f") if is_density and value is not None else count_text(value)
    return f"{words} {unit_text(unit or measure.unit)}"


def unit_text(unit: str) -> str:
    """Give a unit as it is written; what somebody has typed as a thing to count stays so."""
    known = {
        "people": _tr("people"),
        "people/m²": _tr("people/m²"),
        "people/min": _tr("people/min"),
        "s": _tr("s"),
    }
    return known.get(unit, unit)


def measure_word(measure: Measure) -> str:
    """Give the word for what a rule compares with its limit."""
    return {
        Measure.COUNT: _tr("count"),
        Measure.DENSITY: _tr("density"),
        Measure.PEAK_DENSITY: _tr("peak density"),
        Measure.RATE: _tr("rate of change"),
        Measure.STREAM: _tr("stream"),
    }[measure]


def level_word(level: Level) -> str:
    """Give the word for the side on which the danger lies."""
    return {
        Level.LOW: _tr("low"),
        Level.HIGH: _tr("high"),
        Level.HIGH_HIGH: _tr("high-high"),
    }[level]


def event_text(event: AlarmEvent) -> str:
    """Say what happened to an alarm, as it is written in the journal."""
    if event.before is event.after:
        return event.note or _tr("limit {limit}").format(limit=count_text(event.limit))
    words = state_word(event.after)
    if event.after is AlarmState.UNACKNOWLEDGED:
        value = value_text(event.value, event.measure, event.unit)
        words = _tr("{state} at {value}").format(state=words, value=value)
    return f"{words}: {event.note}" if event.note else words


_HUNDREDTHS_UP_TO_M2 = 0.1  # below, a tenth would read 0.0 where somebody is
_FEW_UNSURE = 0.05  # of the people: fewer change no decision


def crowding_text(crowding: Crowding | None) -> str:
    """Say how closely people stand.

    Args:
        crowding: What is known; None: there is no ground plane.

    Returns:
        For example `2.1 people/m², peak 3.4, level D`; empty where nothing is known.
    """
    if crowding is None:
        return ""
    words = [_tr("{mean} people/m²").format(mean=density_text(crowding.mean_m2))]
    if crowding.peak_m2 is not None:
        words.append(_tr("peak {peak}").format(peak=density_text(crowding.peak_m2)))
    words.append(_tr("level {level}").format(level=crowding.level))
    told = ", ".join(words)
    if crowding.unsure_share > _FEW_UNSURE:
        far = _tr("{share} too far away to measure")
        return f"{told}; {far.format(share=f'{crowding.unsure_share:.0%}')}"
    return told


def density_text(density_m2: float) -> str:
    """Give people per m² with a tenth, or hundredths where they are few."""
    digits = 2 if 0 < density_m2 < _HUNDREDTHS_UP_TO_M2 else 1
    return written(density_m2, f".{digits}f")


def scale_tip(scale: Scale) -> str:
    """Give the levels of a scale with what they mean, and where they come from."""
    lines = [scale.source] if scale.source else []
    halves = [(_tr("standing"), scale.standing), (_tr("moving"), scale.moving)]
    if scale.standing == scale.moving:
        halves = [(_tr("standing and moving"), scale.standing)]
    for heading, bands in halves:
        lines.append(f"{heading}:")
        for one in bands:
            meaning = f": {one.meaning}" if one.meaning else ""
            least = _tr("{level} from {density}/m²")
            lines.append(
                f"  {least.format(level=one.name, density=written(one.from_m2, '.2f'))}{meaning}"
            )
    return "\n".join(lines)


def trend_text(reading: Reading | None) -> str:
    """Say where the count is going; empty where it is not known."""
    if reading is None or reading.per_minute is None:
        return ""
    trend = trend_of(reading.smoothed, reading.per_minute)
    if trend is Trend.STEADY:
        return trend_words(trend)
    change = _tr("{change} per minute").format(change=f"{round(reading.per_minute):+,}")
    return f"{trend_words(trend)}, {change}"


def zones_text(zones: tuple[ZoneReading, ...]) -> str:
    """Say how many are in each zone, one line each; empty where there are no zones."""
    return "\n".join(_zone_line(one) for one in zones)


def _zone_line(zone: ZoneReading) -> str:
    bounds = short_interval_text(zone.low, zone.high)
    words = f"{zone.name}: {count_text(zone.count)}" + (f" ({bounds})" if bounds else "")
    crowding = zone.crowding
    if crowding is None:
        return words
    words += f", {density_text(crowding.mean_m2)}/m²"
    if crowding.peak_m2 is not None:
        words += ", " + _tr("peak {peak}").format(peak=density_text(crowding.peak_m2))
    manner = _tr("moving") if zone.is_moving else _tr("standing")
    return f"{words}, {crowding.level} {manner}"


STEADY_SHARE = 0.05
"""Change in a minute, as a share of the count, below which a crowd is called steady."""
FAST_SHARE = 0.25
"""Change in a minute, as a share of the count, from which a change is called fast."""
_STEADY_PEOPLE = 2.0  # a small crowd changes by one or two people all the time


class Trend(StrEnum):
    """Where a count is going; the values are what is drawn."""

    FALLING_FAST = "↓"
    FALLING = "↘"
    STEADY = "→"
    RISING = "↗"
    RISING_FAST = "↑"
    UNKNOWN = ""
    """Not watched for long enough."""


def trend_of(count: float, per_minute: float | None) -> Trend:
    """Say where a count is going.

    Args:
        count: Running count, people.
        per_minute: How many more than a minute ago; None: not known.

    Returns:
        STEADY within 5 % of the count or 2 people, fast from 25 % on.
    """
    if per_minute is None:
        return Trend.UNKNOWN
    size = abs(per_minute)
    if size < max(_STEADY_PEOPLE, STEADY_SHARE * count):
        return Trend.STEADY
    # Compared with the count before or now, whichever is larger, so that both ways are alike.
    is_fast = size >= FAST_SHARE * max(count, count - per_minute)
    if per_minute > 0:
        return Trend.RISING_FAST if is_fast else Trend.RISING
    return Trend.FALLING_FAST if is_fast else Trend.FALLING


def trend_words(trend: Trend) -> str:
    """Say a trend in words, for a tool tip and for a screen reader; empty while not known."""
    return {
        Trend.FALLING_FAST: _tr("falling fast"),
        Trend.FALLING: _tr("falling"),
        Trend.STEADY: _tr("steady"),
        Trend.RISING: _tr("rising"),
        Trend.RISING_FAST: _tr("rising fast"),
        Trend.UNKNOWN: "",
    }[trend]


def outlook_text(found: RuleOutlook | None) -> str:
    """Say when a limit may be reached.

    Args:
        found: What was found; None: nothing to tell.

    Returns:
        For example `limit 180 people in about 4 min (2 to 9)`; empty where there is nothing.
    """
    if found is None:
        return ""
    rule = found.rule
    words = (
        _tr("limit {limit} in {zone} {when}")
        if rule.zone is not None
        else _tr("limit {limit} {when}")
    )
    limit = value_text(rule.limit, rule.measure)
    return words.format(limit=limit, zone=rule.zone, when=_when(found))


def short_outlook_text(found: RuleOutlook | None) -> str:
    """Say so in a place with little room; empty where there is nothing."""
    return "" if found is None else _tr("limit {when}").format(when=_when(found))


def _when(found: RuleOutlook) -> str:
    outlook = found.outlook
    about, soonest = _minutes(outlook.in_s), _minutes(outlook.soonest_s)
    if outlook.latest_s is None:
        words = _tr("in about {about} min ({soonest} or more)")
        return words.format(about=about, soonest=soonest)
    latest = _minutes(outlook.latest_s)
    if soonest == about == latest:
        return _tr("in about {about} min").format(about=about)
    words = _tr("in about {about} min ({soonest} to {latest})")
    return words.format(about=about, soonest=soonest, latest=latest)


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / _MINUTE_S))


def _tr(text: str) -> str:
    return translate("Text", text)
