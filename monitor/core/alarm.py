"""Where an alarm stands, and what happened to it: the records of alarms.

The words are those of ISA-18.2 / EN 62682, which control rooms know. The machine that moves an
alarm between its states is `monitor.alarms.machine`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.rule import Measure, Priority, Rule
from monitor.core.series import thing_of, unit_for


class AlarmState(StrEnum):
    """Where an alarm stands, in the words of ISA-18.2."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    """The limit is reached and nobody has said that they know: it rings."""
    ACKNOWLEDGED = "acknowledged"
    """The limit is reached and somebody knows."""
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"
    """The limit is no longer reached, but nobody has said that they knew."""
    SHELVED = "shelved"
    """Somebody has put it aside for a stated time and reason; it comes back by itself."""
    SUPPRESSED = "suppressed"
    """The stream is not live, so the limit cannot be judged; the stream's own alarm stands."""


def alarm_id_of(camera: str, rule: str) -> str:
    """Give the name by which an alarm is known everywhere, from those of camera and rule."""
    return f"{camera}/{rule}"


@dataclass(frozen=True, slots=True)
class AlarmStatus:
    """Where one alarm stands now."""

    alarm_id: str
    """`<camera>/<rule>`; the same from one start to the next."""
    state: AlarmState
    since_utc: datetime
    """When this state was entered."""
    rule: Rule
    value: float | None = None
    """Value that was judged last, in the rule's unit; None before the first."""
    shelved_until_utc: datetime | None = None
    """When it comes back by itself; None: it is not shelved."""
    shelved_by: str = ""
    shelved_reason: str = ""

    @property
    def limit(self) -> float:
        """The rule's limit, in its unit."""
        return self.rule.limit

    @property
    def priority(self) -> Priority:
        """How soon somebody must act."""
        return self.rule.priority

    @property
    def unit(self) -> str:
        """Unit of value and limit: of what is counted there."""
        return unit_for(self.rule.unit, thing_of(self.alarm_id.rpartition("/")[0]))

    @property
    def is_ringing(self) -> bool:
        """Whether the alarm calls for a person now."""
        return self.state is AlarmState.UNACKNOWLEDGED

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether somebody must still say that they know."""
        return self.state in {AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """One transition of one alarm, or one change of its rule, as the journal keeps it."""

    camera: str
    at_utc: datetime
    before: AlarmState
    after: AlarmState
    """The same as `before` where only the rule or the time of shelving was changed."""
    value: float | None
    """Value at the transition, in the rule's unit; None where there was none."""
    limit: float
    """The limit then, in the rule's unit."""
    who: str = ""
    """Who caused it; empty where the count or the clock did."""
    note: str = ""
    """What they wrote, or why the program did it."""
    alarm_id: str = ""
    """Which alarm; empty in journals that were written when a camera had only one."""
    priority: Priority = Priority.MEDIUM
    measure: Measure = Measure.COUNT
    """What `value` and `limit` are; it has their unit."""
    until_utc: datetime | None = None
    """When the alarm comes back by itself, where this entry put it aside."""

    @property
    def rule_name(self) -> str:
        """Name of the rule, without the camera's."""
        return self.alarm_id.removeprefix(alarm_id_of(self.camera, ""))

    @property
    def unit(self) -> str:
        """Unit of value and limit: of what is counted there."""
        return unit_for(self.measure.unit, thing_of(self.camera))

    @property
    def is_new_alarm(self) -> bool:
        """Whether it begins to ring here."""
        return self.after is AlarmState.UNACKNOWLEDGED and self.before is not self.after
