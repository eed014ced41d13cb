"""The alarm on a count: calm enough that nobody switches it off, and never quiet by mistake.

The limit is a switch with a dead band: the condition begins at the limit and ends below the dead
band. The alarm follows the condition after an on-delay and an off-delay, both in seconds of the
monotonic clock. What a person sees are the states of ISA-18.2 / EN 62682:

                  reached for on_delay             acknowledge
    NORMAL ───────────────────────▶ UNACKNOWLEDGED ───────────▶ ACKNOWLEDGED ──▶ NORMAL
      ▲ ▲                              │        ▲                     gone for off_delay
      │ │     gone for off_delay       ▼        │ reached for on_delay
      │ └──── acknowledge ──── RETURNED_UNACKNOWLEDGED
      ▼
    SUPPRESSED   (no trustworthy picture, or none yet)

Without a trustworthy picture the limit cannot be judged. An alarm that is active then stays as it
is and goes on ringing; time without pictures counts for no delay. When pictures come back, an
on-delay goes on from where it stood, so that a bad connection cannot keep a full place quiet, and
an off-delay starts again, so that it cannot calm an alarm either.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from monitor.contract.interval import probability_at_least
from monitor.records.alarm import AlarmEvent, AlarmState, AlarmStatus, Limit
from monitor.records.reading import Quality, Reading

_BLIND = frozenset({Quality.STALE, Quality.LOST})
_ACTIVE = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED})
_AFTER_ACKNOWLEDGE = {
    AlarmState.UNACKNOWLEDGED: AlarmState.ACKNOWLEDGED,
    AlarmState.RETURNED_UNACKNOWLEDGED: AlarmState.NORMAL,
}


@dataclass(frozen=True, slots=True)
class Watch:
    """All that an alarm remembers between two steps."""

    state: AlarmState = AlarmState.SUPPRESSED
    is_reached: bool = False
    """Whether the condition holds: the limit was reached and the dead band not yet left."""
    held_s: float = 0.0
    """Seconds of trustworthy pictures for which `is_reached` has been what it is."""
    judged_s: float | None = None
    """Monotonic clock up to which `held_s` counts; None: blind since, or nothing judged yet."""
    value: float | None = None
    """Smoothed count that was judged last, people."""


def is_reached(reading: Reading, limit: Limit, *, was_reached: bool) -> bool:
    """Say whether the condition of a limit holds.

    Args:
        reading: Newest reading.
        limit: What is watched for. Its confidence is ignored where the model gives no variance:
            an alarm that is too eager is better than none.
        was_reached: Whether the condition held before.

    Returns:
        True from the reading that is at the limit (with the confidence asked for) until one that
        is below the dead band (and no longer has that confidence even in the dead band's edge).
    """
    edge = limit.returns_below if was_reached else limit.high
    by_count = reading.smoothed >= edge
    if limit.confidence is None or reading.variance is None:
        return by_count
    probability = probability_at_least(edge, count=reading.smoothed, variance=reading.variance)
    is_sure = probability >= limit.confidence
    return (by_count or is_sure) if was_reached else is_sure


def advance(
    watch: Watch, reading: Reading | None, limit: Limit, *, quality: Quality, now_s: float
) -> Watch:
    """Move an alarm on to now.

    Args:
        watch: The alarm before.
        reading: A new reading; None: none has come since the last step.
        limit: What is watched for.
        quality: How far the newest count can be trusted now.
        now_s: Monotonic clock, seconds; going backwards counts as standing still.

    Returns:
        The alarm now; its state differs by at most one transition.
    """
    if quality in _BLIND:
        return _go_blind(watch)
    if reading is None and watch.judged_s is None:
        return watch  # pictures are back, a count is not
    watch = _judge(watch, reading, limit, now_s=now_s)
    delay_s = limit.on_delay_s if watch.is_reached else limit.off_delay_s
    if watch.is_reached != (watch.state in _ACTIVE) and watch.held_s >= delay_s:
        return replace(watch, state=_after_delay(watch.state))
    if watch.state is AlarmState.SUPPRESSED:
        return replace(watch, state=AlarmState.NORMAL)
    return watch


def _go_blind(watch: Watch) -> Watch:
    """Hold what is active, suppress what is normal, and forget a running off-delay."""
    state = AlarmState.SUPPRESSED if watch.state is AlarmState.NORMAL else watch.state
    held_s = watch.held_s if watch.is_reached else 0.0
    return replace(watch, state=state, held_s=held_s, judged_s=None)


def _judge(watch: Watch, reading: Reading | None, limit: Limit, *, now_s: float) -> Watch:
    """Count the time that has passed under the old condition, then look at the new reading."""
    elapsed_s = 0.0 if watch.judged_s is None else max(0.0, now_s - watch.judged_s)
    watch = replace(watch, held_s=watch.held_s + elapsed_s, judged_s=now_s)
    if reading is None:
        return watch
    watch = replace(watch, value=reading.smoothed)
    reached = is_reached(reading, limit, was_reached=watch.is_reached)
    if reached == watch.is_reached:
        return watch
    return replace(watch, is_reached=reached, held_s=0.0)


def _after_delay(state: AlarmState) -> AlarmState:
    """Say where a delay that has run out leads."""
    if state is AlarmState.UNACKNOWLEDGED:
        return AlarmState.RETURNED_UNACKNOWLEDGED
    if state is AlarmState.ACKNOWLEDGED:
        return AlarmState.NORMAL
    return AlarmState.UNACKNOWLEDGED


class CountAlarm:
    """The alarm of one camera; every method may be called from any thread.

    It starts suppressed: before the first count nothing can be judged.
    """

    def __init__(self, camera: str, limit: Limit, now_utc: datetime) -> None:
        self._camera = camera
        self._watch = Watch()
        self._status = AlarmStatus(state=self._watch.state, since_utc=now_utc, limit=limit)
        self._lock = Lock()

    @property
    def status(self) -> AlarmStatus:
        """Where the alarm stands now."""
        return self._status

    def step(
        self, reading: Reading | None, *, quality: Quality, now_s: float, now_utc: datetime
    ) -> tuple[AlarmEvent, ...]:
        """Judge a new reading, or only let time pass.

        Args:
            reading: The newest reading, once; None: none has come since the last step.
            quality: How far the newest count can be trusted now.
            now_s: Monotonic clock, seconds; every delay is measured on it.
            now_utc: Time of day; it is only written down.

        Returns:
            The transition, if there was one.
        """
        with self._lock:
            limit = self._status.limit
            watch = advance(self._watch, reading, limit, quality=quality, now_s=now_s)
            note = _reason(self._watch.state, watch.state, limit, quality)
            return self._move_to(watch, now_utc=now_utc, note=note)

    def acknowledge(self, who: str, note: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Write down that a person knows; does nothing where there is nothing to acknowledge.

        Args:
            who: Name of the person.
            note: What they wrote; may be empty.
            now_utc: Time of day.

        Returns:
            The transition, if there was one.

        Raises:
            ValueError: If `who` is empty: a journal without a name is none.
        """
        if not who.strip():
            raise ValueError("an acknowledgement needs a name")
        with self._lock:
            after = _AFTER_ACKNOWLEDGE.get(self._watch.state, self._watch.state)
            watch = replace(self._watch, state=after)
            return self._move_to(watch, now_utc=now_utc, who=who, note=note)

    def change_limit(self, limit: Limit, who: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Watch for another limit from now on; the state stays until a reading is judged by it.

        A delay that is running goes on with the seconds it has.

        Args:
            limit: What to watch for.
            who: Name of the person who changed it.
            now_utc: Time of day.

        Returns:
            One entry for the journal, whose state before and after is the same; none where the
            limit is the one that there was.
        """
        with self._lock:
            old = self._status.limit
            if limit == old:
                return ()
            self._status = replace(self._status, limit=limit)
            state = self._watch.state
            note = f"limit changed from {old.high:g} to {limit.high:g}"
            if limit.high == old.high:
                note = f"settings of limit {limit.high:g} changed"
            value = self._watch.value
            event = AlarmEvent(self._camera, now_utc, state, state, value, limit.high, who, note)
            return (event,)

    def _move_to(
        self, watch: Watch, *, now_utc: datetime, note: str, who: str = ""
    ) -> tuple[AlarmEvent, ...]:
        """Take on a new state, and give the event if it differs from the old one."""
        before = self._watch.state
        self._watch = watch
        if watch.state is before:
            self._status = replace(self._status, value=watch.value)
            return ()
        limit = self._status.limit
        self._status = AlarmStatus(watch.state, now_utc, limit, watch.value)
        return (
            AlarmEvent(
                self._camera, now_utc, before, watch.state, watch.value, limit.high, who, note
            ),
        )


def _reason(before: AlarmState, after: AlarmState, limit: Limit, quality: Quality) -> str:
    """Say why the program moved an alarm from one state to another."""
    if after is AlarmState.SUPPRESSED:
        return f"no count to judge by: {quality.value}"
    if after is AlarmState.UNACKNOWLEDGED:
        return f"at {limit.high:g} or more for {limit.on_delay_s:g} s"
    if before is AlarmState.SUPPRESSED:
        return "pictures are being counted"
    return f"below {limit.returns_below:g} for {limit.off_delay_s:g} s"
