"""The alarm of one rule: calm enough that nobody switches it off, and never quiet by mistake.

The limit is a switch with a dead band: the condition begins at the limit and ends beyond the dead
band. The alarm follows the condition after an on-delay and an off-delay, both in seconds of the
monotonic clock. What a person sees are the states of ISA-18.2 / EN 62682:

                  reached for on_delay             acknowledge
    NORMAL ───────────────────────▶ UNACKNOWLEDGED ───────────▶ ACKNOWLEDGED ──▶ NORMAL
      ▲ ▲                              │        ▲ ▲  realarm_after    │     gone for off_delay
      │ │     gone for off_delay       ▼        │ └──────────────────┘
      │ └──── acknowledge ──── RETURNED_UNACKNOWLEDGED
      ▼                          (never, if it latches: it rings on)
    SUPPRESSED   (no trustworthy picture, or none yet)

    any state ── shelve ──▶ SHELVED ── time is up, or unshelve ──▶ UNACKNOWLEDGED where it stands,
                                                                   NORMAL or SUPPRESSED where not

Without a trustworthy picture the limit cannot be judged. An alarm that is active then stays as it
is and goes on ringing; time without pictures counts for no delay. When pictures come back, an
on-delay goes on from where it stood, so that a bad connection cannot keep a full place quiet, and
an off-delay starts again, so that it cannot calm an alarm either. Doubtful pictures count for the
on-delay alone. A shelved alarm is judged all the while, so that it is up to date when it is back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alarms.condition import Measured, Sight, is_reached
from monitor.core.alarm import AlarmEvent, AlarmState, AlarmStatus, alarm_id_of
from monitor.core.rule import Level, Measure, Rule

_ACTIVE = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Watch:
    """All that an alarm remembers between two steps."""

    state: AlarmState = AlarmState.SUPPRESSED
    """Where it stands, or would stand if it were not shelved; never SHELVED."""
    is_reached: bool = False
    """Whether the condition holds: the limit was reached and the dead band not yet left."""
    held_s: float = 0.0
    """Seconds of trustworthy pictures for which `is_reached` has been what it is."""
    judged_s: float | None = None
    """Monotonic clock up to which `held_s` counts; None: blind since, or nothing judged yet."""
    value: float | None = None
    """Value that was judged last."""
    acknowledged_s: float = 0.0
    """Monotonic clock at the last acknowledgement."""
    shelved_until_s: float | None = None
    """Monotonic clock at which it comes back; None: it is not shelved."""

    @property
    def shown(self) -> AlarmState:
        """Where it stands for a person."""
        return self.state if self.shelved_until_s is None else AlarmState.SHELVED


def advance(
    watch: Watch, found: Measured | None, rule: Rule, *, sight: Sight, now_s: float
) -> Watch:
    """Move an alarm on to now.

    Args:
        watch: The alarm before.
        found: What a new reading says; None: none has come since the last step.
        rule: What is watched for.
        sight: How well the rule can be judged now.
        now_s: Monotonic clock, seconds; going backwards counts as standing still.

    Returns:
        The alarm now; what it shows differs by at most one transition.
    """
    watch = _follow(watch, found, rule, sight=sight, now_s=now_s)
    if watch.shelved_until_s is not None and now_s >= watch.shelved_until_s:
        return unshelved(watch)
    return watch


def acknowledged(watch: Watch, *, now_s: float) -> Watch:
    """Note that a person knows; changes nothing where there is nothing to acknowledge."""
    if watch.shown is AlarmState.UNACKNOWLEDGED:
        return replace(watch, state=AlarmState.ACKNOWLEDGED, acknowledged_s=now_s)
    if watch.shown is AlarmState.RETURNED_UNACKNOWLEDGED:
        return replace(watch, state=AlarmState.NORMAL)
    return watch


def unshelved(watch: Watch) -> Watch:
    """Bring an alarm back: it rings if it stands, whoever knew of it before."""
    state = watch.state
    if state is AlarmState.ACKNOWLEDGED:
        state = AlarmState.UNACKNOWLEDGED
    elif state is AlarmState.RETURNED_UNACKNOWLEDGED:
        state = AlarmState.SUPPRESSED if watch.judged_s is None else AlarmState.NORMAL
    return replace(watch, state=state, shelved_until_s=None)


def _follow(
    watch: Watch, found: Measured | None, rule: Rule, *, sight: Sight, now_s: float
) -> Watch:
    if sight is Sight.BLIND:
        return _go_blind(watch)
    if found is None and watch.judged_s is None:
        return watch  # pictures are back, a count is not
    watch = _judge(watch, found, rule, sight=sight, now_s=now_s)
    delay_s = rule.on_delay_s if watch.is_reached else rule.off_delay_s
    if watch.is_reached != (watch.state in _ACTIVE) and watch.held_s >= delay_s:
        return replace(watch, state=_after_delay(watch.state, rule))
    if watch.state is AlarmState.SUPPRESSED:
        return replace(watch, state=AlarmState.NORMAL)
    is_due = 0 < rule.realarm_after_s <= now_s - watch.acknowledged_s
    if watch.state is AlarmState.ACKNOWLEDGED and watch.is_reached and is_due:
        return replace(watch, state=AlarmState.UNACKNOWLEDGED)
    return watch


def _go_blind(watch: Watch) -> Watch:
    """Hold what is active, suppress what is normal, and forget a running off-delay."""
    state = AlarmState.SUPPRESSED if watch.state is AlarmState.NORMAL else watch.state
    held_s = watch.held_s if watch.is_reached else 0.0
    return replace(watch, state=state, held_s=held_s, judged_s=None)


def _judge(
    watch: Watch, found: Measured | None, rule: Rule, *, sight: Sight, now_s: float
) -> Watch:
    """Count the time that has passed under the old condition, then look at the new reading."""
    elapsed_s = 0.0 if watch.judged_s is None else max(0.0, now_s - watch.judged_s)
    if sight is Sight.DOUBTFUL and not watch.is_reached:
        elapsed_s = 0.0  # calms nothing
    watch = replace(watch, held_s=watch.held_s + elapsed_s, judged_s=now_s)
    if found is None:
        return watch
    watch = replace(watch, value=found.value)
    reached = is_reached(found, rule, was_reached=watch.is_reached)
    if reached == watch.is_reached or (sight is Sight.DOUBTFUL and not reached):
        return watch
    return replace(watch, is_reached=reached, held_s=0.0)


def _after_delay(state: AlarmState, rule: Rule) -> AlarmState:
    """Say where a delay that has run out leads."""
    if state is AlarmState.UNACKNOWLEDGED:
        return state if rule.is_latching else AlarmState.RETURNED_UNACKNOWLEDGED
    if state is AlarmState.ACKNOWLEDGED:
        return AlarmState.NORMAL
    return AlarmState.UNACKNOWLEDGED


SHELVE_MAX_S = 8 * 3600.0
"""Longest time for which an alarm can be put aside at once: a shift."""


class RuleAlarm:
    """The alarm of one rule of one camera. Not safe to share: its owner holds a lock.

    It starts suppressed: before the first count nothing can be judged. The alarm of the stream
    itself starts normal.
    """

    def __init__(self, camera: str, rule: Rule, now_utc: datetime) -> None:
        state = AlarmState.NORMAL if rule.measure is Measure.STREAM else AlarmState.SUPPRESSED
        self._camera = camera
        self._watch = Watch(state=state)
        self._status = AlarmStatus(alarm_id_of(camera, rule.name), state, now_utc, rule)

    @property
    def status(self) -> AlarmStatus:
        """Where the alarm stands now."""
        return self._status

    def step(
        self,
        found: Measured | None,
        *,
        sight: Sight,
        now_s: float,
        now_utc: datetime,
        reason: str = "",
    ) -> tuple[AlarmEvent, ...]:
        """Judge a new value, or only let time pass.

        Args:
            found: What the newest reading says, once; None: none has come since the last step.
            sight: How well the rule can be judged now.
            now_s: Monotonic clock, seconds; every delay is measured on it.
            now_utc: Time of day; it is only written down.
            reason: What hinders judging, in words, for the journal.

        Returns:
            The transition, if there was one.
        """
        watch = advance(self._watch, found, self._status.rule, sight=sight, now_s=now_s)
        note = self._note(watch, reason)
        return self._move_to(watch, now_utc=now_utc, note=note)

    def acknowledge(
        self, who: str, note: str, *, now_s: float, now_utc: datetime
    ) -> tuple[AlarmEvent, ...]:
        """Write down that a person knows; does nothing where there is nothing to acknowledge.

        Args:
            who: Name of the person.
            note: What they wrote; may be empty.
            now_s: Monotonic clock, seconds.
            now_utc: Time of day.

        Returns:
            The transition, if there was one.

        Raises:
            ValueError: If `who` is empty: a journal without a name is none.
        """
        _need(who, "an acknowledgement needs a name")
        watch = acknowledged(self._watch, now_s=now_s)
        return self._move_to(watch, now_utc=now_utc, who=who, note=note)

    def shelve(
        self, who: str, *, duration_s: float, reason: str, now_s: float, now_utc: datetime
    ) -> tuple[AlarmEvent, ...]:
        """Put the alarm aside for a time, or for another time than before.

        Args:
            who: Name of the person.
            duration_s: Seconds from now, more than 0 and at most `SHELVE_MAX_S`.
            reason: Why; not empty.
            now_s: Monotonic clock, seconds.
            now_utc: Time of day.

        Returns:
            One entry for the journal.

        Raises:
            ValueError: If name or reason is empty, or the time too long.
        """
        _need(who, "shelving needs a name")
        _need(reason, "shelving needs a reason")
        if not 0 < duration_s <= SHELVE_MAX_S:
            raise ValueError(
                f"an alarm is shelved for up to {SHELVE_MAX_S / 3600:g} h, not {duration_s:g} s"
            )
        watch = replace(self._watch, shelved_until_s=now_s + duration_s)
        note = f"for {duration_s / 60:g} min: {reason.strip()}"
        if self._watch.shown is AlarmState.SHELVED:
            self._watch = watch
            events = [self._event(watch.shown, now_utc=now_utc, who=who, note=note)]
        else:
            events = [*self._move_to(watch, now_utc=now_utc, who=who, note=note)]
        until_utc = now_utc + timedelta(seconds=duration_s)
        self._status = replace(
            self._status, shelved_until_utc=until_utc, shelved_by=who, shelved_reason=reason.strip()
        )
        return tuple(replace(one, until_utc=until_utc) for one in events)

    def unshelve(self, who: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Bring the alarm back before its time; does nothing where it is not shelved.

        Args:
            who: Name of the person.
            now_utc: Time of day.

        Returns:
            The transition, if there was one.

        Raises:
            ValueError: If `who` is empty.
        """
        _need(who, "unshelving needs a name")
        if self._watch.shown is not AlarmState.SHELVED:
            return ()
        return self._move_to(unshelved(self._watch), now_utc=now_utc, who=who, note="unshelved")

    def change_rule(self, rule: Rule, who: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Watch for another limit from now on; the state stays until a value is judged by it.

        A delay that is running goes on with the seconds it has.

        Args:
            rule: What to watch for, of the same name.
            who: Name of the person who changed it.
            now_utc: Time of day.

        Returns:
            One entry for the journal, whose state before and after is the same; none where the
            rule is the one that there was.
        """
        old = self._status.rule
        if rule == old:
            return ()
        self._status = replace(self._status, rule=rule)
        note = f"limit changed from {old.limit:g} to {rule.limit:g}"
        if rule.limit == old.limit:
            note = f"settings of limit {rule.limit:g} changed"
        return (self._event(self._watch.shown, now_utc=now_utc, who=who, note=note),)

    def begin(self, who: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Give the first entry of an alarm whose rule somebody has added while others watch."""
        rule = self._status.rule
        side = "less" if rule.level is Level.LOW else "more"
        note = f"rule added: rings at {rule.limit:g} {self._status.unit} or {side}"
        return (self._event(self._watch.shown, now_utc=now_utc, who=who, note=note),)

    def end(self, who: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Give the last entry of an alarm whose rule or camera somebody takes away."""
        return (self._event(AlarmState.NORMAL, now_utc=now_utc, who=who, note="rule removed"),)

    def _move_to(
        self, watch: Watch, *, now_utc: datetime, note: str, who: str = ""
    ) -> tuple[AlarmEvent, ...]:
        """Take on a new state, and give the event if it differs from the old one."""
        before, self._watch = self._watch, watch
        self._status = replace(self._status, value=watch.value)
        if watch.shown is before.shown:
            return ()
        event = self._event(watch.shown, now_utc=now_utc, who=who, note=note)
        self._status = replace(self._status, state=watch.shown, since_utc=now_utc)
        if watch.shown is not AlarmState.SHELVED:
            self._status = replace(
                self._status, shelved_until_utc=None, shelved_by="", shelved_reason=""
            )
        return (event,)

    def _event(self, after: AlarmState, *, now_utc: datetime, who: str, note: str) -> AlarmEvent:
        status = self._status
        return AlarmEvent(
            camera=self._camera,
            at_utc=now_utc,
            before=status.state,
            after=after,
            value=status.value,
            limit=status.limit,
            who=who,
            note=note,
            alarm_id=status.alarm_id,
            priority=status.priority,
            measure=status.rule.measure,
        )

    def _note(self, after: Watch, reason: str) -> str:
        """Say why the program moved the alarm from one state to another."""
        rule, before = self._status.rule, self._watch
        if before.shown is AlarmState.SHELVED:
            return "time of shelving is over"
        if after.state is AlarmState.SUPPRESSED:
            return f"no count to judge by: {reason}"
        is_low = rule.level is Level.LOW
        if before.state is AlarmState.ACKNOWLEDGED and after.is_reached:
            return f"still there {rule.realarm_after_s:g} s after it was acknowledged"
        if after.state is AlarmState.UNACKNOWLEDGED:
            if rule.measure is Measure.STREAM:
                return f"no count to rely on for {rule.limit:g} s: {reason}"
            side = "less" if is_low else "more"
            return f"at {rule.limit:g} or {side} for {rule.on_delay_s:g} s"
        if before.state is AlarmState.SUPPRESSED:
            return "pictures are being counted"
        if rule.measure is Measure.STREAM:
            return f"counted again for {rule.off_delay_s:g} s"
        side = "above" if is_low else "below"
        return f"{side} {rule.returns_at:g} for {rule.off_delay_s:g} s"


def _need(text: str, message: str) -> None:
    if not text.strip():
        raise ValueError(message)
