"""The alarm of one rule: the machine, with the names and words that the journal keeps."""

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.alarms.alarm import Watch, acknowledged, advance, unshelved
from monitor.alarms.condition import Measured, Sight
from monitor.core.alarm import AlarmEvent, AlarmState, AlarmStatus, alarm_id_of
from monitor.core.rule import Level, Measure, Rule

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
