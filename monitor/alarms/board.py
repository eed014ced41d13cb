"""All alarms of one camera: those of its rules, and the one that it can no longer be counted."""

from collections.abc import Callable, Sequence
from datetime import datetime

from monitor.alarms.condition import Measured, Sight, measured, sight_of
from monitor.alarms.machine import RuleAlarm
from monitor.core.alarm import AlarmEvent, AlarmState, AlarmStatus
from monitor.core.reading import Quality, Reading
from monitor.core.rule import STREAM_RULE_NAME, Measure, Rule

STARTUP_GRACE_S = 10.0
"""Seconds that a camera has to give its first count before that counts against it."""
_UNRELIABLE = frozenset({
    Quality.STALE,
    Quality.LOST,
    Quality.UNCALIBRATED,
    Quality.OUT_OF_DISTRIBUTION,
})  # fmt: skip

_AT_REST = frozenset({AlarmState.NORMAL, AlarmState.SUPPRESSED})


class AlarmBoard:
    """The alarms of one camera. Not safe to share: its owner holds a lock."""

    def __init__(
        self,
        camera: str,
        rules: Sequence[Rule],
        own: Rule | None,
        *,
        now_s: float,
        now_utc: datetime,
    ) -> None:
        """Begin to watch.

        Args:
            camera: Name of the camera.
            rules: What a person set; names differ.
            own: The rule of the stream itself; None: another count of the same camera watches it.
            now_s: Monotonic clock, seconds.
            now_utc: Time of day.

        Raises:
            ValueError: If two rules have one name, or one has that of the stream's own.
        """
        _check_names(rules)
        self._camera = camera
        every = rules if own is None else (*rules, own)
        self._alarms = [RuleAlarm(camera, rule, now_utc) for rule in every]
        self._relied_s = now_s + STARTUP_GRACE_S

    @property
    def statuses(self) -> tuple[AlarmStatus, ...]:
        """Where each alarm stands: the rules in their order, the stream's own last."""
        return tuple(one.status for one in self._alarms)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What a person set, without the stream's own rule."""
        return tuple(one.status.rule for one in self._alarms if not _is_own(one))

    def step(
        self,
        reading: Reading | None,
        *,
        quality: Quality,
        now_s: float,
        now_utc: datetime,
        is_over: bool = False,
    ) -> tuple[AlarmEvent, ...]:
        """Judge a new reading by every rule, or only let time pass.

        Args:
            reading: The newest reading, once; None: none has come since the last step.
            quality: How far the newest count can be trusted now.
            now_s: Monotonic clock, seconds; every delay is measured on it.
            now_utc: Time of day; it is only written down.
            is_over: Whether no count is to be expected any more: a file was played to its end.

        Returns:
            The transitions, one for an alarm at most.
        """
        if is_over or quality not in _UNRELIABLE:
            self._relied_s = now_s
        silent = Measured(max(0.0, now_s - self._relied_s))
        events: list[AlarmEvent] = []
        for alarm in self._alarms:
            rule = alarm.status.rule
            found = silent if rule.measure is Measure.STREAM else _found(reading, rule)
            sight, reason = sight_of(rule, quality), quality.value
            if reading is not None and found is None and sight is not Sight.BLIND:
                sight, reason = Sight.BLIND, f"no {rule.measure.value} is known"
            events += alarm.step(found, sight=sight, now_s=now_s, now_utc=now_utc, reason=reason)
        return tuple(events)

    def acknowledge(
        self, alarm_id: str, who: str, note: str, *, now_s: float, now_utc: datetime
    ) -> tuple[AlarmEvent, ...]:
        """Write down that a person knows of an alarm; see `RuleAlarm.acknowledge`."""
        return self._on(
            alarm_id, lambda one: one.acknowledge(who, note, now_s=now_s, now_utc=now_utc)
        )

    def shelve(
        self,
        alarm_id: str,
        who: str,
        *,
        duration_s: float,
        reason: str,
        now_s: float,
        now_utc: datetime,
    ) -> tuple[AlarmEvent, ...]:
        """Put an alarm aside for a time; see `RuleAlarm.shelve`."""
        return self._on(
            alarm_id,
            lambda one: one.shelve(
                who, duration_s=duration_s, reason=reason, now_s=now_s, now_utc=now_utc
            ),
        )

    def unshelve(self, alarm_id: str, who: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Bring an alarm back before its time; see `RuleAlarm.unshelve`."""
        return self._on(alarm_id, lambda one: one.unshelve(who, now_utc=now_utc))

    def change_rules(
        self, rules: Sequence[Rule], who: str, *, now_utc: datetime, own: Rule | None = None
    ) -> tuple[AlarmEvent, ...]:
        """Watch by other rules from now on; those that stay keep their state.

        A rule stays if its name, measure, level and zone do; the stream's own stays always.

        Args:
            rules: What to watch for; names differ.
            who: Name of the person who changed them.
            now_utc: Time of day.
            own: Rule of the stream itself; None: the one that there is, if any.

        Returns:
            One entry for the journal for every rule that was added, changed or taken away.

        Raises:
            ValueError: If two rules have one name, or one has that of the stream's own.
        """
        _check_names(rules)
        streams = [one for one in self._alarms if _is_own(one)]
        staying = {_identity(one.status.rule): one for one in self._alarms if not _is_own(one)}
        events: list[AlarmEvent] = []
        after: list[RuleAlarm] = []
        for rule in rules:
            alarm = staying.pop(_identity(rule), None)
            if alarm is None:
                alarm = RuleAlarm(self._camera, rule, now_utc)
                events += alarm.begin(who, now_utc=now_utc)
            else:
                events += alarm.change_rule(rule, who, now_utc=now_utc)
            after.append(alarm)
        for gone in staying.values():
            events += gone.end(who, now_utc=now_utc)
        if own is not None:
            for stream in streams:
                events += stream.change_rule(own, who, now_utc=now_utc)
            streams = streams or [RuleAlarm(self._camera, own, now_utc)]
        self._alarms = [*after, *streams]
        return tuple(events)

    def end(self, who: str, *, now_utc: datetime) -> tuple[AlarmEvent, ...]:
        """Give the last entries of alarms that stand while their camera is taken away.

        Args:
            who: Name of the person who does it; empty: nobody.
            now_utc: Time of day.

        Returns:
            One entry for the journal for every alarm that is neither normal nor suppressed.
        """
        standing = [one for one in self._alarms if one.status.state not in _AT_REST]
        return tuple(event for one in standing for event in one.end(who, now_utc=now_utc))

    def _on(
        self, alarm_id: str, do: Callable[[RuleAlarm], tuple[AlarmEvent, ...]]
    ) -> tuple[AlarmEvent, ...]:
        for alarm in self._alarms:
            if alarm.status.alarm_id == alarm_id:
                return do(alarm)
        raise KeyError(f"there is no alarm {alarm_id!r}")


def _is_own(alarm: RuleAlarm) -> bool:
    return alarm.status.rule.name == STREAM_RULE_NAME


def _found(reading: Reading | None, rule: Rule) -> Measured | None:
    return None if reading is None else measured(reading, rule)


def _identity(rule: Rule) -> tuple[str, str, str, str | None]:
    return rule.name, rule.measure, rule.level, rule.zone


def _check_names(rules: Sequence[Rule]) -> None:
    names = [one.name for one in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two rules have the name {', '.join(twice)}; names must differ")
    if STREAM_RULE_NAME in names:
        raise ValueError(f"{STREAM_RULE_NAME!r} is the name of the stream's own alarm")
