"""One alarm: calm enough that nobody switches it off, and never quiet by mistake.

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

from monitor.alarms.condition import Measured, Sight, is_reached
from monitor.core.alarm import AlarmState
from monitor.core.rule import Rule

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
