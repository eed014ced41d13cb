"""Who is told of what, and when: pure rules, no network and no clock of their own.

A target is told at once, or only if nobody has answered for a time (escalation). Nobody is told
more often than they can read: what is left out is counted and told with the next message. Each
priority has an allowance of its own, so that many small alarms never hide a great one.
"""

from collections import deque
from dataclasses import dataclass, field

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.rule import Priority
from monitor.outputs.notify.text import Notice, Ring, alarm_notice, end_notice

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What one target wants to be told."""

    name: str
    """How people call it."""
    priorities: frozenset[Priority] = frozenset(Priority)
    after_s: float = 0.0
    """Seconds that an alarm must ring unanswered; 0: told at once."""
    per_hour: int = 20
    """Most messages in any hour, for each priority."""
    tells_end: bool = False
    """Whether it is told when an alarm is over."""


@dataclass(slots=True)
class _Waiting:
    """An alarm that rings, on its way to a target."""

    ring: Ring
    began_s: float


@dataclass(slots=True)
class _Ledger:
    """What one target was told."""

    waiting: dict[str, _Waiting] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    sent_s: dict[Priority, deque[float]] = field(default_factory=dict)
    left_out: int = 0


class Plan:
    """Decides for one target; lives on one thread."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._ledger = _Ledger()
        self._left_out_ever = 0

    @property
    def left_out(self) -> int:
        """Messages that were not sent because there were too many; since the start."""
        return self._left_out_ever

    def inherit(self, former: "Plan") -> None:
        """Go on where another plan for the same person ended: whom they know of, and how often."""
        self._ledger = former._ledger
        self._left_out_ever = former._left_out_ever

    def take(self, ring: Ring, *, now_s: float) -> list[Notice]:
        """Take in a transition of an alarm.

        Args:
            ring: The transition and what was known then.
            now_s: Monotonic clock.

        Returns:
            What to send now.
        """
        event, ledger = ring.event, self._ledger
        if event.priority not in self._terms.priorities or event.before is event.after:
            return []
        if event.is_new_alarm:
            ledger.waiting[event.alarm_id] = _Waiting(ring, now_s)
            return self.pass_time(now_s=now_s)
        # Answered, gone, put aside or suppressed: nobody needs to be called any more.
        if event.after is not AlarmState.RETURNED_UNACKNOWLEDGED:
            ledger.waiting.pop(event.alarm_id, None)
        if event.after is AlarmState.NORMAL:
            return self._end(event, now_s)
        return []

    def pass_time(self, *, now_s: float) -> list[Notice]:
        """Let time pass: give what is to be sent because nobody has answered."""
        notices = []
        for alarm_id, one in list(self._ledger.waiting.items()):
            waited_s = now_s - one.began_s
            if waited_s < self._terms.after_s:
                continue
            del self._ledger.waiting[alarm_id]
            if not self._may_send(one.ring.event.priority, now_s):
                continue
            self._ledger.told.add(alarm_id)
            shown_s = waited_s if self._terms.after_s > 0 else 0.0
            notices.append(alarm_notice(one.ring, waited_s=shown_s, left_out=self._settle()))
        return notices

    def _end(self, event: AlarmEvent, now_s: float) -> list[Notice]:
        was_told = event.alarm_id in self._ledger.told
        self._ledger.told.discard(event.alarm_id)
        if not (was_told and self._terms.tells_end and self._may_send(event.priority, now_s)):
            return []
        return [end_notice(event, left_out=self._settle())]

    def _may_send(self, priority: Priority, now_s: float) -> bool:
        """Count a message against the hour; False, and counted as left out, where it is full."""
        sent_s = self._ledger.sent_s.setdefault(priority, deque())
        while sent_s and now_s - sent_s[0] >= _HOUR_S:
            sent_s.popleft()
        if len(sent_s) >= self._terms.per_hour:
            self._ledger.left_out += 1
            self._left_out_ever += 1
            return False
        sent_s.append(now_s)
        return True

    def _settle(self) -> int:
        left_out, self._ledger.left_out = self._ledger.left_out, 0
        return left_out
