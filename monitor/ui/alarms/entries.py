"""What the alarm panel lists, in which order and in which words, as pure functions."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from PyQt6.QtCore import QCoreApplication

from monitor.alarms.load import FLOOD_ALARMS, FLOOD_WINDOW
from monitor.core.alarm import AlarmEvent, AlarmState, AlarmStatus
from monitor.core.rule import STREAM_RULE_NAME, Level, Measure, Priority
from monitor.ui.text import clock_text, state_word, unit_text, value_text

PRIORITIES = (Priority.HIGH, Priority.MEDIUM, Priority.LOW)
"""The one that must be answered first, first."""


class Watched(Protocol):
    """A camera or an area now."""

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    @property
    def alarms(self) -> tuple[AlarmStatus, ...]:
        """Where each of its alarms stands."""
        ...


@dataclass(frozen=True, slots=True)
class AlarmEntry:
    """One alarm of one camera or area."""

    place: str
    """Name of the camera or area."""
    status: AlarmStatus

    @property
    def alarm_id(self) -> str:
        """Which alarm it is."""
        return self.status.alarm_id

    @property
    def urgency(self) -> tuple[int, datetime, str]:
        """Place in the list: by priority, then first come, first served."""
        return PRIORITIES.index(self.status.priority), self.status.since_utc, self.alarm_id

    @property
    def heading(self) -> str:
        """Camera, zone and rule."""
        rule = self.status.rule
        is_own = rule.name == STREAM_RULE_NAME  # every camera has it without being asked
        parts = (self.place, rule.zone or "", _tr("stream") if is_own else rule.name)
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class AlarmLists:
    """The three lists of the panel, each in the order of urgency."""

    active: tuple[AlarmEntry, ...] = ()
    """What rings, is known of, or is over without anybody having known."""
    shelved: tuple[AlarmEntry, ...] = ()
    suppressed: tuple[AlarmEntry, ...] = ()


def lists_of(watched: Iterable[Watched]) -> AlarmLists:
    """Sort every alarm that is not normal into its list.

    Args:
        watched: Cameras and areas now.

    Returns:
        The lists.
    """
    entries = sorted(
        (AlarmEntry(one.name, status) for one in watched for status in one.alarms),
        key=lambda entry: entry.urgency,
    )
    apart = {AlarmState.NORMAL, AlarmState.SHELVED, AlarmState.SUPPRESSED}
    return AlarmLists(
        active=tuple(one for one in entries if one.status.state not in apart),
        shelved=tuple(one for one in entries if one.status.state is AlarmState.SHELVED),
        suppressed=tuple(one for one in entries if one.status.state is AlarmState.SUPPRESSED),
    )


def value_words(status: AlarmStatus) -> str:
    """Give the value that was judged last, with its unit."""
    return value_text(status.value, status.rule.measure, status.unit)


def limit_words(status: AlarmStatus) -> str:
    """Give the limit with the side on which the danger lies; the unit stands at the value."""
    rule = status.rule
    number = value_text(rule.limit, rule.measure).removesuffix(f" {unit_text(rule.unit)}")
    if rule.measure is Measure.STREAM:
        return _tr("limit {limit} s").format(limit=number)
    word = _tr("lower limit {limit}") if rule.level is Level.LOW else _tr("limit {limit}")
    return word.format(limit=number)


def state_words(status: AlarmStatus, zone: tzinfo | None = None) -> str:
    """Say in which state an alarm is, since when, and for shelved ones until when, by whom, why."""
    if status.state is AlarmState.SHELVED and status.shelved_until_utc is not None:
        return _tr("Shelved until {until} by {who}: {reason}").format(
            until=clock_text(status.shelved_until_utc, zone),
            who=status.shelved_by,
            reason=status.shelved_reason,
        )
    since = clock_text(status.since_utc, zone)
    return _tr("{state} since {since}").format(state=state_word(status.state), since=since)


def priority_words(priority: Priority) -> str:
    """Give the one word for a priority."""
    words = {
        Priority.HIGH: _tr("high"),
        Priority.MEDIUM: _tr("medium"),
        Priority.LOW: _tr("low"),
    }
    return words[priority]


def spoken_words(entry: AlarmEntry, zone: tzinfo | None = None) -> str:
    """Say all of an entry in one sentence, for screen readers and for whoever points at it."""
    status = entry.status
    priority = _tr("{word} priority").format(word=priority_words(status.priority))
    parts = (entry.heading, priority, state_words(status, zone))
    return ", ".join((*parts, value_words(status), limit_words(status)))


class FloodWatch:
    """Counts the alarms of the last ten minutes; lives on the GUI thread."""

    def __init__(self) -> None:
        self._rang: deque[datetime] = deque()

    def take(self, event: AlarmEvent) -> None:
        """Take in what happened; only alarms that begin to ring count."""
        if event.is_new_alarm:
            self._rang.append(event.at_utc)

    def alarms(self, now_utc: datetime) -> int:
        """Give how many alarms began to ring in the last ten minutes."""
        while self._rang and now_utc - self._rang[0] > FLOOD_WINDOW:
            self._rang.popleft()
        return len(self._rang)

    def words(self, now_utc: datetime) -> str:
        """Say that there are more alarms than anybody can answer; empty while there are not."""
        alarms = self.alarms(now_utc)
        if alarms <= FLOOD_ALARMS:
            return ""
        minutes = round(FLOOD_WINDOW.total_seconds() / 60)
        return _tr("{alarms} new alarms in {minutes} minutes: answer high-priority alarms first")\
            .format(alarms=alarms, minutes=minutes)  # fmt: skip


def camera_of(entries: Sequence[AlarmEntry], alarm_id: str) -> str:
    """Give the camera or area of an alarm; empty where it is not in the list."""
    return next((one.place for one in entries if one.alarm_id == alarm_id), "")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Alarms", text)
