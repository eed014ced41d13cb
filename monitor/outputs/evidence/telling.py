"""What a pack says of its alarm: `alarm.json` for programs, `README.txt` for people."""

import json
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from monitor import __version__
from monitor.core.alarm import AlarmEvent
from monitor.core.privacy import Privacy
from monitor.core.reading import Reading
from monitor.core.rule import Rule
from monitor.outputs.evidence.clips import ClipTerms, why_no_clip
from monitor.outputs.evidence.facts import ModelFacts, SeenArea, SeenCamera


@dataclass(frozen=True, slots=True)
class Happening:
    """An alarm that began to ring, with all that was known then."""

    event: AlarmEvent
    rule: Rule | None
    """What was watched for; None where it was taken away in the same moment."""
    place: SeenCamera | SeenArea | None
    """The camera or area; None where it was taken away in the same moment."""
    cameras: tuple[SeenCamera, ...]
    """The camera, or those that see the area."""
    age_s: float | None
    """How old the counted picture was; None: nothing was counted."""


_Document = dict[str, Any]
"""A JSON document: its values are of many kinds."""


def alarm_json(
    happening: Happening, model: ModelFacts, privacy: Privacy, clip: ClipTerms | None = None
) -> bytes:
    """Write down what rang, by which rule, counted by what.

    Args:
        happening: The alarm.
        model: What counted.
        privacy: What was done to the pictures.
        clip: How much video is wished for; None: none.

    Returns:
        JSON; no address in it holds a password.
    """
    document: _Document = {
        "alarm": _event(happening.event),
        "rule": None if happening.rule is None else _rule(happening.rule),
        "place": None if happening.place is None else _place(happening),
        "cameras": [
            {"name": one.name, "source": one.source_label, "quality": one.quality.value}
            for one in happening.cameras
        ],
        "pictures": privacy.value,
        "clip": _clip(clip, privacy),
        "model": {
            "name": model.name,
            "file": model.file_name,
            "file_sha256": model.file_sha256,
            "provider": model.provider,
        },
        "program": {
            "name": "crowd-monitor",
            "version": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
        },
        "notice": "Decision support, not a safety system. Counts are estimates.",
    }
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def readme_text(
    event: AlarmEvent,
    privacy: Privacy,
    *,
    before_s: float,
    after_s: float,
    clip: ClipTerms | None = None,
) -> bytes:
    """Say in plain words what lies in the folder."""
    pictures = {
        Privacy.AS_THEY_ARE: "Pictures are stored as they came.",
        Privacy.BLUR_PEOPLE: "Wherever the model saw people the pictures are made coarse. Whom it "
        "did not see can be seen: this is no anonymisation.",
        Privacy.BLUR_ALL: "The pictures are made coarse as a whole.",
        Privacy.NO_PICTURES: "No picture is stored: heat.png is drawn from the counts alone.",
    }
    text = f"""What was known when the alarm {event.alarm_id} rang at {_time(event.at_utc)}.

alarm.json         the alarm, its rule, the camera, the model and the program
picture.jpg        the picture that was counted
overlay.jpg        the same with the heat map and the count
heat.png           the heat map alone
people.csv         people in each block of the picture
counts-before.csv  every count of the {before_s / 60:g} minutes before
model.json         what the model says of itself
manifest.json      SHA-256 of every file here
after/             every count of the {after_s / 60:g} minutes after, written when they were over
{_clip_line(clip, privacy)}
{pictures[privacy]}
Counts are estimates; this program supports decisions and is no safety system.

To see whether anything was changed: crowd-monitor evidence verify FOLDER
The alarm journal holds the SHA-256 of manifest.json; compare it with what that command shows.
A file with the name KEEP, put here, keeps this folder from being thrown away.
"""
    return text.encode("utf-8", "replace")


def _clip(clip: ClipTerms | None, privacy: Privacy) -> _Document | None:
    if clip is None:
        return None
    why_not = why_no_clip(privacy)
    if why_not:
        return {"is_kept": False, "why_not": why_not}
    return {"is_kept": True, "before_s": clip.before_s, "after_s": clip.after_s}


def _clip_line(clip: ClipTerms | None, privacy: Privacy) -> str:
    if clip is None:
        return ""
    if why_not := why_no_clip(privacy):
        return f"\nNo video is kept: {why_not}."
    span = f"{clip.before_s:g} s before and {clip.after_s:g} s after"
    return (
        f"clip/              the video of the {span}, as the camera sent it;\n"
        "                   clip.json says what it shows; written when they were over\n"
    )


def _event(event: AlarmEvent) -> _Document:
    return {
        "alarm_id": event.alarm_id,
        "at_utc": _time(event.at_utc),
        "before": event.before.value,
        "after": event.after.value,
        "priority": event.priority.value,
        "value": event.value,
        "limit": event.limit,
        "unit": event.unit,
        "note": event.note,
    }


def _rule(rule: Rule) -> _Document:
    fields = (
        "name", "measure", "level", "limit", "zone", "priority", "dead_band", "on_delay_s",
        "off_delay_s", "is_latching", "realarm_after_s", "confidence",
    )  # fmt: skip
    values = {name: getattr(rule, name) for name in fields}
    plain = {k: one.value if isinstance(one, StrEnum) else one for k, one in values.items()}
    return {**plain, "unit": rule.unit, "returns_at": rule.returns_at}


def _place(happening: Happening) -> _Document:
    place = happening.place
    assert place is not None, "asked for by the caller"
    return {
        "name": place.name,
        "quality": place.quality.value,
        "picture_age_s": happening.age_s,
        "reading": None if place.reading is None else _reading(place.reading),
    }


def _reading(reading: Reading) -> _Document:
    crowding = reading.crowding
    return {
        "captured_at_utc": _time(reading.at_utc),
        "count": reading.count,
        "low": reading.low,
        "high": reading.high,
        "smoothed": reading.smoothed,
        "quality": reading.quality.value,
        "per_minute": reading.per_minute,
        "density_mean_m2": None if crowding is None else crowding.mean_m2,
        "density_peak_m2": None if crowding is None else crowding.peak_m2,
        "zones": [
            {"name": one.name, "count": one.count, "low": one.low, "high": one.high,
             "smoothed": one.smoothed}
            for one in reading.zones
        ],
    }  # fmt: skip


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
