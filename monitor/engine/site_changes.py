"""What a change of the site means: for the cameras that run, and in the words of the alarm journal.

Rules tell of themselves; the journal's entries here are for all else that decides what is counted.
After an accident somebody will ask why a zone was smaller on that day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core.alarm import AlarmEvent, AlarmState, alarm_id_of
from monitor.core.rule import STREAM_RULE_NAME, Measure
from monitor.core.series import camera_of
from monitor.engine.snapshot import CameraSnapshot
from monitor.settings import CameraSettings, SiteSettings

_OF_THE_SCENE = {
    "zone", "ground", "limit", "rule", "stream_alarm_after_s", "stream_alarm_priority", "count",
    "place",
}  # fmt: skip
"""Settings that can change while the pictures go on coming."""


@dataclass(frozen=True, slots=True)
class CameraChanges:
    """Names of cameras, each in exactly one of five places."""

    kept: tuple[str, ...] = ()
    """Their settings are the same: they notice nothing."""
    added: tuple[str, ...] = ()
    adjusted: tuple[str, ...] = ()
    """Only what is made of their pictures differs (zones, ground, rules): they go on."""
    replaced: tuple[str, ...] = ()
    """Their settings differ: they begin anew under the same name."""
    removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = {
            "added": self.added,
            "adjusted": self.adjusted,
            "changed": self.replaced,
            "removed": self.removed,
        }
        told = [f"{word} {', '.join(names)}" for word, names in parts.items() if names]
        return "; ".join(told) or "no camera changed"


def compare(before: Sequence[CameraSettings], after: Sequence[CameraSettings]) -> CameraChanges:
    """Compare two lists of cameras by their names.

    Args:
        before: The cameras that run; names differ.
        after: Those that are wanted; names differ.

    Returns:
        What becomes of each of them.
    """
    old = {one.name: one for one in before}
    common = [one for one in after if one.name in old]
    wanted = {one.name for one in after}
    return CameraChanges(
        kept=tuple(one.name for one in common if one == old[one.name]),
        added=tuple(one.name for one in after if one.name not in old),
        adjusted=tuple(one.name for one in common if _is_adjusted(old[one.name], one)),
        replaced=tuple(one.name for one in common if not _has_same_stream(old[one.name], one)),
        removed=tuple(one.name for one in before if one.name not in wanted),
    )


def _has_same_stream(one: CameraSettings, other: CameraSettings) -> bool:
    return one.model_dump(exclude=_OF_THE_SCENE) == other.model_dump(exclude=_OF_THE_SCENE)


def _is_adjusted(one: CameraSettings, other: CameraSettings) -> bool:
    return one != other and _has_same_stream(one, other)


_WORDS = {"zone": "zones changed", "ground": "ground changed", "count": "what is counted changed"}


def entries_of(
    changes: CameraChanges,
    *,
    before: SiteSettings,
    after: SiteSettings,
    snapshots: Sequence[CameraSnapshot],
    who: str,
    now_utc: datetime,
) -> tuple[AlarmEvent, ...]:
    """Give the entries that a change makes.

    Args:
        changes: What became of each camera.
        before: The settings that held.
        after: Those that hold.
        snapshots: The cameras now, for the state of their own alarms.
        who: Who changed them.
        now_utc: Time of day.

    Returns:
        One entry for each camera or area that is another one now; under the camera's own alarm,
        whose state before and after is the same.
    """
    states = {
        camera_of(one.name): alarm.state
        for one in snapshots
        for alarm in one.alarms
        if alarm.rule.name == STREAM_RULE_NAME
    }
    told = [*_of_cameras(changes, before, after), *_of_areas(before, after)]
    return tuple(
        AlarmEvent(
            camera=name,
            at_utc=now_utc,
            before=states.get(name, AlarmState.NORMAL),
            after=states.get(name, AlarmState.NORMAL),
            value=None,
            limit=limit_s,
            who=who,
            note=note,
            alarm_id=alarm_id_of(name, STREAM_RULE_NAME),
            measure=Measure.STREAM,
        )
        for name, limit_s, note in told
    )


def _of_cameras(
    changes: CameraChanges, before: SiteSettings, after: SiteSettings
) -> Iterator[tuple[str, float, str]]:
    old = {one.name: one for one in before.camera}
    new = {one.name: one for one in after.camera}
    for names, cameras, note in (
        (changes.added, new, "camera added"),
        (changes.replaced, new, "camera changed"),
        (changes.removed, old, "camera taken away"),
    ):
        for name in names:
            yield name, cameras[name].stream_alarm_after_s, note
    for name in changes.adjusted:
        if note := _adjusted(old[name], new[name]):
            yield name, new[name].stream_alarm_after_s, note


def _adjusted(old: CameraSettings, new: CameraSettings) -> str:
    changed = [words for key, words in _WORDS.items() if getattr(old, key) != getattr(new, key)]
    return "; ".join(changed)


def _of_areas(before: SiteSettings, after: SiteSettings) -> Iterator[tuple[str, float, str]]:
    old = {one.name: one for one in before.area}
    new = {one.name: one for one in after.area}
    for name, area in new.items():
        if name not in old:
            yield name, area.stream_alarm_after_s, "area added"
        elif (area.member, area.combine) != (old[name].member, old[name].combine):
            yield name, area.stream_alarm_after_s, "area changed"
    for name, area in old.items():
        if name not in new:
            yield name, area.stream_alarm_after_s, "area taken away"
