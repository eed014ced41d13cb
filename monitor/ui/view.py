"""What is shown of one camera: every word decided, nothing left for a widget to work out."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from monitor.alarms.forecast import RuleOutlook
from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality, Reading
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.language import translate
from monitor.ui.marks import most_urgent
from monitor.ui.session import ErrorTally
from monitor.ui.text import (
    UNKNOWN,
    Trend,
    ago_text,
    count_text,
    crowding_text,
    difference_text,
    interval_text,
    mean_error_text,
    outlook_text,
    quality_explanation,
    quality_word,
    rate_text,
    scale_tip,
    short_interval_text,
    short_outlook_text,
    signal_text,
    state_word,
    stream_details,
    stream_sentence,
    trend_of,
    trend_text,
    trend_words,
    unit_text,
    zones_text,
)

_RELIED_ON = frozenset({Quality.GOOD, Quality.UNCALIBRATED})


@dataclass(frozen=True, slots=True)
class CountView:
    """The count of one camera, in words."""

    count: str
    """A dash where there is none; never 0 for a camera that is lost."""
    is_old: bool
    """Whether the count is of the past: it is shown struck out."""
    interval: str
    interval_short: str
    """For little room; empty where there is none."""
    age: str
    running: str
    """The smoothed count, which the alarm goes by."""


@dataclass(frozen=True, slots=True)
class TruthView:
    """The count beside the known number of people, in words."""

    truth: str
    difference: str
    """How the count compares."""
    mean_error: str


@dataclass(frozen=True, slots=True)
class CameraView:
    """One camera now, in words."""

    name: str
    source: str
    quality: Quality
    counts: str
    """What is counted, in the plural."""
    count: CountView
    truth: TruthView | None
    """None for every real camera."""
    stream: str
    stream_details: str
    picture_age: str
    rates: str
    signal: tuple[str, str] | None
    """What is written across the picture; None while it is live."""
    alarm: AlarmState | None
    """The most urgent of its alarms; None: it has none."""
    trend: Trend
    level: str
    """Level of service; empty where the ground is not known."""
    picture_rate: str
    trend_words: str
    """Where the count is going; empty where it is not known."""
    crowding: str
    """How closely people stand; empty where the ground is not known."""
    zones: str
    """One line for each zone; empty where there are none."""
    outlook: str
    """When a limit may be reached; empty where no trend says so."""
    outlook_short: str
    """For little room."""
    spoken: str
    """What a screen reader says."""
    tip: str
    """What is shown to whoever points at the camera."""
    crowding_tip: str = ""
    """What the levels of service mean and who says so; empty where the ground is not known."""


def view_of(
    snapshot: CameraSnapshot,
    errors: ErrorTally,
    now_utc: datetime,
    zone: tzinfo | None = None,
    *,
    outlook: RuleOutlook | None = None,
) -> CameraView:
    """Put a camera into words.

    Args:
        snapshot: The camera now.
        errors: Its mean error since the window was opened.
        now_utc: Time of day.
        zone: Zone of the window; None: the zone of this machine.
        outlook: The limit that may be reached first; not shown while the count cannot be relied
            on. None: no trend says so.

    Returns:
        What to show.
    """
    if snapshot.quality not in _RELIED_ON:
        outlook = None
    reading = None if snapshot.quality is Quality.LOST else snapshot.reading
    age_s = snapshot.picture_age_s
    seen_utc = None if age_s is None else now_utc - timedelta(seconds=age_s)
    trend = trend_of(reading.smoothed, reading.per_minute) if reading else Trend.UNKNOWN
    count = _count_view(reading, snapshot)
    alarm = most_urgent(snapshot.alarms)
    picture_rate = rate_text(snapshot.health.rate_hz, "picture")
    return CameraView(
        name=snapshot.name,
        source=snapshot.source_label,
        quality=snapshot.quality,
        counts=snapshot.counts,
        count=count,
        truth=_truth_view(reading, errors),
        stream=stream_sentence(snapshot.health),
        stream_details=stream_details(snapshot.health),
        picture_age=ago_text(age_s),
        rates=f"{rate_text(snapshot.counts_hz, 'count')}, {picture_rate}",
        signal=signal_text(snapshot.health, seen_utc, zone),
        alarm=alarm,
        trend=trend,
        level=reading.crowding.level if reading and reading.crowding else "",
        picture_rate=picture_rate,
        trend_words=trend_text(reading),
        crowding=crowding_text(reading.crowding) if reading else "",
        zones=zones_text(reading.zones) if reading else "",
        outlook=outlook_text(outlook),
        outlook_short=short_outlook_text(outlook),
        spoken=_spoken(snapshot, count, trend, alarm),
        tip=f"{snapshot.name}\n{quality_explanation(snapshot.quality)}\n"
        f"{stream_sentence(snapshot.health)}",
        crowding_tip="" if snapshot.ground is None else scale_tip(snapshot.ground.scale),
    )


def _spoken(
    snapshot: CameraSnapshot, count: CountView, trend: Trend, alarm: AlarmState | None
) -> str:
    people = f"{count.count} {unit_text(snapshot.counts)}"
    parts = [people, quality_word(snapshot.quality), trend_words(trend)]
    if alarm is AlarmState.UNACKNOWLEDGED:
        parts.append(translate("View", "alarm: unacknowledged"))
    elif alarm is not None and alarm is not AlarmState.NORMAL:
        parts.append(translate("View", "alarm: {state}").format(state=state_word(alarm)))
    return ", ".join(part for part in parts if part)


def _count_view(reading: Reading | None, snapshot: CameraSnapshot) -> CountView:
    if reading is None:
        age = ago_text(snapshot.reading_age_s)
        return CountView(UNKNOWN, False, UNKNOWN, "", age, UNKNOWN)
    return CountView(
        count=count_text(reading.count),
        is_old=snapshot.quality is Quality.STALE,
        interval=interval_text(reading.low, reading.high),
        interval_short=short_interval_text(reading.low, reading.high),
        age=ago_text(snapshot.reading_age_s),
        running=count_text(reading.smoothed),
    )


def _truth_view(reading: Reading | None, errors: ErrorTally) -> TruthView | None:
    mean_error = mean_error_text(errors.mean, errors.counts)
    if reading is not None and reading.truth is not None:
        difference = difference_text(reading.count, reading.truth)
        return TruthView(count_text(reading.truth), difference, mean_error)
    return TruthView(UNKNOWN, "", mean_error) if errors.counts else None
