"""How much the alarms ask of the people in the room: read from the journal.

An alarm that nobody can answer is worse than none: it teaches people to switch alarms off. What is
counted here is what ISA-18.2 / EN 62682 and EEMUA 191 count; the bounds are those usually quoted
from them.
"""

import csv
import io
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.rule import Priority

ACCEPTABLE_PER_HOUR = 6.0
"""New alarms an hour that one person can well answer."""
MANAGEABLE_PER_HOUR = 12.0
"""New alarms an hour that one person can just answer."""
FLOOD_ALARMS = 10
FLOOD_WINDOW = timedelta(minutes=10)
"""More than 10 new alarms in 10 minutes are a flood: nobody can look at each of them."""
CHATTER_ALARMS = 3
CHATTER_WINDOW = timedelta(minutes=1)
"""An alarm that rings 3 times within a minute chatters: its dead band or delays are too small."""

_RINGS = AlarmState.UNACKNOWLEDGED
_WAITS = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Flood:
    """A time in which more alarms came than anybody can answer."""

    start_utc: datetime
    """First alarm of the ten minutes in which it became one."""
    end_utc: datetime
    """Last alarm of it."""
    alarms: int


@dataclass(frozen=True, slots=True)
class AlarmCount:
    """How often one alarm rang."""

    alarm_id: str
    rang: int
    chatters: bool
    """Whether it rang three times within some minute."""


@dataclass(frozen=True, slots=True)
class AlarmLoad:
    """What the alarms of a time asked of the people in the room."""

    start_utc: datetime
    stop_utc: datetime
    rang: int
    """Times that an alarm began to ring."""
    by_hour: tuple[tuple[datetime, int], ...]
    """Every hour of the time from its start on, quiet ones too, and how often alarms rang in it."""
    by_alarm: tuple[AlarmCount, ...]
    """The most frequent first; a few of them usually make most of the load."""
    by_priority: tuple[tuple[Priority, int], ...]
    floods: tuple[Flood, ...]
    acknowledge_median_s: float | None
    """Half of the alarms were acknowledged within this time; None: none was."""
    acknowledge_p95_s: float | None
    """95 % of them were; None with fewer than two."""
    unacknowledged: int
    """Times that an alarm rang and nobody said that they knew."""
    shelved: int
    """Times that an alarm was put aside."""

    @property
    def per_hour(self) -> float:
        """New alarms an hour, on average."""
        hours = (self.stop_utc - self.start_utc) / timedelta(hours=1)
        return self.rang / hours if hours > 0 else 0.0

    @property
    def busiest_hour(self) -> int:
        """New alarms in the worst hour."""
        return max((number for _, number in self.by_hour), default=0)


def alarm_load(events: Sequence[AlarmEvent], start_utc: datetime, stop_utc: datetime) -> AlarmLoad:
    """Sum up the journal of a time.

    Args:
        events: All of the journal of that time, in the order of writing.
        start_utc: From this moment on.
        stop_utc: Up to but without this moment; after the start.

    Returns:
        The load.

    Raises:
        ValueError: If the time is empty.
    """
    if stop_utc <= start_utc:
        raise ValueError(f"no time lies between {start_utc} and {stop_utc}")
    inside = [one for one in events if start_utc <= one.at_utc < stop_utc]
    new = [one for one in inside if one.is_new_alarm]
    waited_s, unanswered = _answers(inside)
    priorities = Counter(one.priority for one in new)
    return AlarmLoad(
        start_utc=start_utc,
        stop_utc=stop_utc,
        rang=len(new),
        by_hour=_by_hour(new, start_utc, stop_utc),
        by_alarm=_by_alarm(new),
        by_priority=tuple((one, priorities[one]) for one in reversed(Priority)),
        floods=_floods(new),
        acknowledge_median_s=median(waited_s) if waited_s else None,
        acknowledge_p95_s=quantiles(waited_s, n=20, method="inclusive")[-1]
        if len(waited_s) > 1
        else None,
        unacknowledged=unanswered,
        shelved=sum(_is_shelving(one) for one in inside),
    )


def _is_shelving(event: AlarmEvent) -> bool:
    return event.after is AlarmState.SHELVED and event.before is not event.after


def _by_hour(
    new: Sequence[AlarmEvent], start_utc: datetime, stop_utc: datetime
) -> tuple[tuple[datetime, int], ...]:
    hour = timedelta(hours=1)
    counts = Counter((one.at_utc - start_utc) // hour for one in new)
    hours = -((start_utc - stop_utc) // hour)
    return tuple((start_utc + index * hour, counts[index]) for index in range(hours))


def _by_alarm(new: Sequence[AlarmEvent]) -> tuple[AlarmCount, ...]:
    moments: dict[str, list[datetime]] = {}
    for one in new:
        moments.setdefault(one.alarm_id or one.camera, []).append(one.at_utc)
    counts = [
        AlarmCount(alarm_id, len(times), _chatters(sorted(times)))
        for alarm_id, times in moments.items()
    ]
    return tuple(sorted(counts, key=lambda one: (-one.rang, one.alarm_id)))


def _chatters(times: Sequence[datetime]) -> bool:
    later = times[CHATTER_ALARMS - 1 :]
    return any(b - a <= CHATTER_WINDOW for a, b in zip(times, later, strict=False))


def _floods(new: Sequence[AlarmEvent]) -> tuple[Flood, ...]:
    """Find the stretches in which every alarm is one of more than ten within ten minutes."""
    window: deque[datetime] = deque()
    members: set[int] = set()
    times = sorted(one.at_utc for one in new)
    for index, moment in enumerate(times):
        window.append(moment)
        while moment - window[0] >= FLOOD_WINDOW:
            window.popleft()
        if len(window) > FLOOD_ALARMS:
            members.update(range(index - len(window) + 1, index + 1))
    floods: list[Flood] = []
    last = -2
    for index in sorted(members):
        if index != last + 1:
            floods.append(Flood(times[index], times[index], 0))
        floods[-1] = Flood(floods[-1].start_utc, times[index], floods[-1].alarms + 1)
        last = index
    return tuple(floods)


def _answers(events: Sequence[AlarmEvent]) -> tuple[list[float], int]:
    """Give the seconds from ringing to acknowledgement, and how often there was none."""
    rang: dict[str, datetime] = {}
    waited_s: list[float] = []
    unanswered = 0
    for one in events:
        if one.is_new_alarm:
            unanswered += one.alarm_id in rang
            rang[one.alarm_id] = one.at_utc
        elif one.before in _WAITS and one.after not in _WAITS and one.alarm_id in rang:
            began_utc = rang.pop(one.alarm_id)
            if one.who:
                waited_s.append((one.at_utc - began_utc).total_seconds())
            else:
                unanswered += 1
    return waited_s, unanswered + len(rang)


_HEADER = ("kind", "what", "alarms", "note")


def alarm_load_csv(load: AlarmLoad) -> str:
    """Write a load as CSV: one line for each number, times in UTC.

    Args:
        load: What the alarms asked of the people in the room.

    Returns:
        Lines with the columns kind, what, alarms, note; `kind` is total, hour, alarm, priority,
        flood, acknowledgement.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    span = f"{load.start_utc.isoformat()} to {load.stop_utc.isoformat()}"
    writer.writerow(("total", span, load.rang, f"{load.per_hour:.2f} an hour"))
    for hour, number in load.by_hour:
        writer.writerow(("hour", hour.isoformat(), number, ""))
    for one in load.by_alarm:
        note = "chatters" if one.chatters else ""
        writer.writerow(("alarm", _harmless(one.alarm_id), one.rang, note))
    for priority, number in load.by_priority:
        writer.writerow(("priority", priority.value, number, ""))
    for flood in load.floods:
        note = f"until {flood.end_utc.isoformat()}"
        writer.writerow(("flood", flood.start_utc.isoformat(), flood.alarms, note))
    for what, seconds in (
        ("median", load.acknowledge_median_s),
        ("95 %", load.acknowledge_p95_s),
    ):
        note = "" if seconds is None else f"{seconds:.1f} s"
        writer.writerow(("acknowledgement", what, "", note))
    writer.writerow(("acknowledgement", "never", load.unacknowledged, ""))
    writer.writerow(("shelved", "", load.shelved, ""))
    return text.getvalue()


def _harmless(name: str) -> str:
    """Keep a spreadsheet from taking a camera's name for a formula."""
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name
