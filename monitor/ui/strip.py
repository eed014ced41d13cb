"""What the alarm strip says: of all cameras the one that needs a person most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from monitor.engine.snapshot import CameraSnapshot
from monitor.records.alarm import AlarmState
from monitor.records.reading import Quality
from monitor.ui.text import alarm_sentence, stream_sentence


class StripKind(StrEnum):
    """How urgent the strip is, the most urgent first; the words are its headline."""

    RINGING = "ALARM"
    RETURNED = "ALARM OVER"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    NO_COUNT = "NO COUNT"
    """Nothing can be said of a camera, so nothing can ring for it."""
    CALM = "NO ALARM"
    NO_LIMIT = "NO LIMIT SET"


_KINDS = {
    AlarmState.UNACKNOWLEDGED: StripKind.RINGING,
    AlarmState.RETURNED_UNACKNOWLEDGED: StripKind.RETURNED,
    AlarmState.ACKNOWLEDGED: StripKind.ACKNOWLEDGED,
}
_WITHOUT_COUNT = frozenset({Quality.STALE, Quality.LOST})
_URGENCY = tuple(StripKind)


@dataclass(frozen=True, slots=True)
class StripView:
    """The alarm strip, in words."""

    kind: StripKind
    camera: str
    """Which camera it is about; empty where it is about all."""
    sentence: str
    others: str
    """How many more are like it; empty where none are."""

    @property
    def needs_person(self) -> bool:
        """Whether there is something to acknowledge."""
        return self.kind in {StripKind.RINGING, StripKind.RETURNED}


def strip_of(snapshots: Sequence[CameraSnapshot], zone: tzinfo | None = None) -> StripView:
    """Choose what the strip shows: the most urgent camera, of equal ones the oldest.

    Args:
        snapshots: All cameras, 1 or more.
        zone: Zone of the window; None: the zone of this machine.

    Returns:
        What to show.
    """
    kinds = {one.name: kind_of(one) for one in snapshots}
    kind = min(kinds.values(), key=_URGENCY.index)
    alike = [one for one in snapshots if kinds[one.name] is kind]
    first = min(alike, key=_since)
    if kind is StripKind.NO_LIMIT:
        return StripView(kind, "", "Set one to be told when too many people are there.", "")
    if kind is StripKind.CALM and len(alike) > 1:
        return StripView(kind, "", f"{len(alike)} cameras are below their limits.", "")
    others = f"and {len(alike) - 1} more" if len(alike) > 1 else ""
    return StripView(kind, first.name, _sentence(first, kind, zone), others)


def kind_of(snapshot: CameraSnapshot) -> StripKind:
    """Say how urgent one camera is."""
    state = snapshot.alarm.state if snapshot.alarm is not None else None
    if state in _KINDS:
        return _KINDS[state]
    if state is AlarmState.SUPPRESSED or snapshot.quality in _WITHOUT_COUNT:
        return StripKind.NO_COUNT
    return StripKind.NO_LIMIT if state is None else StripKind.CALM


def _since(snapshot: CameraSnapshot) -> float:
    return snapshot.alarm.since_utc.timestamp() if snapshot.alarm is not None else 0.0


def _sentence(snapshot: CameraSnapshot, kind: StripKind, zone: tzinfo | None) -> str:
    if snapshot.alarm is not None and kind is not StripKind.NO_COUNT:
        sentence = alarm_sentence(snapshot.name, snapshot.alarm, zone)
        return f"{sentence}, no count now" if snapshot.quality in _WITHOUT_COUNT else sentence
    told = f"{snapshot.name}: {stream_sentence(snapshot.health)}"
    return f"{told} The limit cannot be judged." if snapshot.alarm is not None else told
