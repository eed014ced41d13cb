"""Every word and number of the window that has to be worked out, as pure functions.

A count that is not known is a dash, never 0: nobody should have to guess whether a place is empty
or a camera is dead.
"""

import math
from datetime import datetime, tzinfo

from monitor.engine.health import Health, StreamState
from monitor.records.alarm import AlarmEvent, AlarmState, AlarmStatus
from monitor.records.reading import Quality
from monitor.records.rule import Measure
from monitor.records.series import thing_of

UNKNOWN = "–"
"""Stands for a number that is not known."""

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400
_TENTHS_UP_TO_S = 10.0  # a tenth of a second says nothing about what is older

_STREAM_SENTENCES = {
    StreamState.CONNECTING: "Connecting to the camera.",
    StreamState.LIVE: "The stream is live.",
    StreamState.STALE: "No new picture comes.",
    StreamState.UNAUTHORISED: "The camera refuses the user name or password.",
    StreamState.UNREACHABLE: "The camera does not answer.",
    StreamState.FAILED: "What answers is no video.",
    StreamState.ENDED: "Played to its end.",
    StreamState.STOPPED: "This camera is no longer read.",
}

_QUALITY_EXPLANATIONS = {
    Quality.GOOD: "The stream is live and its pictures are whole.",
    Quality.DEGRADED: "Pictures come damaged or too seldom: take the count with care.",
    Quality.UNCALIBRATED: "The camera has moved: zones and people per m² are not where they were.",
    Quality.OUT_OF_DISTRIBUTION: "The model has never seen a scene like this: do not rely on it.",
    Quality.STALE: "The count is of the past: no newer picture could be counted.",
    Quality.LOST: "There is no picture to count.",
}

_STATE_WORDS = {
    AlarmState.NORMAL: "Normal",
    AlarmState.UNACKNOWLEDGED: "Alarm",
    AlarmState.ACKNOWLEDGED: "Acknowledged",
    AlarmState.RETURNED_UNACKNOWLEDGED: "Over, not acknowledged",
    AlarmState.SHELVED: "Shelved",
    AlarmState.SUPPRESSED: "Not judged",
}


def count_text(count: float | None) -> str:
    """Give a number of people, rounded; a dash where it is not known."""
    if count is None or not math.isfinite(count):
        return UNKNOWN
    return f"{round(count):,}"


def interval_text(low: float | None, high: float | None) -> str:
    """Give the bounds of a count, rounded outwards, so that what is shown holds what is meant."""
    if low is None or high is None:
        return "no interval from this model"
    return f"{math.floor(low):,} to {math.ceil(high):,}"


def short_interval_text(low: float | None, high: float | None) -> str:
    """Give the bounds of a count for a place with little room; empty where there are none."""
    if low is None or high is None:
        return ""
    return f"{math.floor(low):,}–{math.ceil(high):,}"


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
        return f"{math.floor(seconds * 10) / 10:.1f} s"
    if seconds < _MINUTE_S:
        return f"{int(seconds)} s"
    if seconds < _HOUR_S:
        return f"{int(seconds) // _MINUTE_S} min {int(seconds) % _MINUTE_S:02d} s"
    if seconds < 2 * _DAY_S:
        minutes = int(seconds) // _MINUTE_S
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{int(seconds) // _DAY_S} days"


def ago_text(age_s: float | None) -> str:
    """Say how long ago something was; a dash where it never was."""
    return UNKNOWN if age_s is None else f"{age_text(age_s)} ago"


def clock_text(moment: datetime, zone: tzinfo | None = None) -> str:
    """Give the time of day where the window stands; `zone` None: the zone of this machine."""
    return moment.astimezone(zone).strftime("%H:%M:%S")


def rate_text(rate_hz: float, what: str) -> str:
    """Say how often something happens.

    Args:
        rate_hz: Times a second.
        what: What happens, in the singular: `count`.

    Returns:
        For example `2.0 counts/s`, `a count every 4.0 s`, `no counts`.
    """
    if rate_hz <= 0 or not math.isfinite(rate_hz):
        return f"no {what}s"
    if rate_hz < 1:
        return f"a {what} every {1 / rate_hz:.1f} s"
    return f"{rate_hz:.1f} {what}s/s"


def stream_sentence(health: Health) -> str:
    """Say what a camera's stream is doing; the engine's own words where it has some."""
    return health.message or _STREAM_SENTENCES[health.state]


def stream_details(health: Health) -> str:
    """Give the numbers of a stream, for whoever looks for a fault."""
    parts = [f"{health.frames_received:,} pictures"]
    if health.frames_damaged:
        parts.append(f"{health.frames_damaged:,} damaged")
    if health.reconnects:
        lost = "once" if health.reconnects == 1 else f"{health.reconnects:,} times"
        parts.append(f"lost {lost}")
    if health.decoder:
        parts.append(f"decode: {health.decoder}")
    return ", ".join(parts)


def quality_explanation(quality: Quality) -> str:
    """Say what a quality means for whoever acts on the count."""
    return _QUALITY_EXPLANATIONS[quality]


def state_word(state: AlarmState) -> str:
    """Give the word for where an alarm stands."""
    return _STATE_WORDS[state]


def quality_word(quality: Quality) -> str:
    """Give the one word for a quality that a badge has room for."""
    return "unfamiliar" if quality is Quality.OUT_OF_DISTRIBUTION else quality.value


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
        return "ENDED", stream_sentence(health)
    if health.state is StreamState.STOPPED:
        return "STOPPED", stream_sentence(health)
    if lost_since is not None:
        return f"NO SIGNAL since {clock_text(lost_since, zone)}", stream_sentence(health)
    is_first_try = health.state is StreamState.CONNECTING and not health.message
    return ("CONNECTING" if is_first_try else "NO SIGNAL"), stream_sentence(health)


def difference_text(count: float, truth: float) -> str:
    """Compare a count with the true number, both as they are shown."""
    # Rounded first, or 10.4 beside 9.6 would read "10, true 10, 1 too high".
    difference = round(count) - round(truth)
    if difference == 0:
        return "exact"
    return f"{abs(difference):,} too {'high' if difference > 0 else 'low'}"


def mean_error_text(mean_error: float | None, counts: int) -> str:
    """Give the mean absolute error of a session; a dash before the first known truth."""
    if mean_error is None:
        return UNKNOWN
    return f"{mean_error:.1f} people over {counts:,} {'count' if counts == 1 else 'counts'}"


def alarm_sentence(camera: str, status: AlarmStatus, zone: tzinfo | None = None) -> str:
    """Say where an alarm that can be judged stands, as it is written in the alarm strip."""
    limit = value_text(status.limit, status.rule.measure, status.unit)
    limit = limit.removesuffix(f" {thing_of(camera)}")
    since = clock_text(status.since_utc, zone)
    value = value_text(status.value, status.rule.measure, status.unit)
    match status.state:
        case AlarmState.UNACKNOWLEDGED:
            return f"{camera}: {value}, limit {limit}, since {since}"
        case AlarmState.ACKNOWLEDGED:
            return f"{camera}: {value}, limit {limit}, acknowledged at {since}"
        case AlarmState.RETURNED_UNACKNOWLEDGED:
            return f"{camera}: below the limit of {limit} again since {since}"
        case _:
            return f"{camera}: below the limit of {limit}"


def value_text(value: float | None, measure: Measure, unit: str = "") -> str:
    """Give a value or a limit of a rule with its unit: people whole, people per m² with a tenth.

    Args:
        value: The value; None: it is not known.
        measure: What it is.
        unit: Its unit where something else than people is counted; empty: that of the measure.

    Returns:
        For example `12 people`.
    """
    if measure in {Measure.DENSITY, Measure.PEAK_DENSITY} and value is not None:
        return f"{value:.1f} {unit or measure.unit}"
    return f"{count_text(value)} {unit or measure.unit}"


def event_text(event: AlarmEvent) -> str:
    """Say what happened to an alarm, as it is written in the journal."""
    if event.before is event.after:
        return event.note or f"limit {count_text(event.limit)}"
    words = _STATE_WORDS[event.after]
    if event.after is AlarmState.UNACKNOWLEDGED:
        words = f"{words} at {value_text(event.value, event.measure, event.unit)}"
    return f"{words}: {event.note}" if event.note else words
