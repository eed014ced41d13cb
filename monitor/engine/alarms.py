"""The alarms of one camera or area, for every thread: what is done to them goes to the journal."""

from collections.abc import Callable, Sequence
from threading import Lock

from monitor.alarms.board import AlarmBoard
from monitor.core.alarm import AlarmEvent, AlarmStatus
from monitor.core.clock import Clock
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Rule


class Alarms:
    """All alarms of one camera or area. Every method is for any thread and returns at once."""

    def __init__(
        self,
        name: str,
        rules: Sequence[Rule],
        own: Rule | None,
        *,
        clock: Clock,
        on_event: Callable[[AlarmEvent], None],
    ) -> None:
        """Begin to watch.

        Args:
            name: Of the camera or area.
            rules: What a person set; names differ.
            own: The rule that there must be a count at all; None: another count of the same
                camera watches that.
            clock: Where time comes from.
            on_event: Called with every transition, in order, under a lock.
        """
        self._clock = clock
        self._on_event = on_event
        self._lock = Lock()
        self._board = AlarmBoard(name, rules, own, now_s=clock.monotonic_s(), now_utc=clock.utc())

    @property
    def statuses(self) -> tuple[AlarmStatus, ...]:
        """Where each alarm stands: the rules in their order, the stream's own last."""
        with self._lock:
            return self._board.statuses

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What a person set, without the rule that there must be a count at all."""
        with self._lock:
            return self._board.rules

    def has(self, alarm_id: str) -> bool:
        """Say whether there is such an alarm here."""
        return any(one.alarm_id == alarm_id for one in self.statuses)

    def step(
        self, reading: Reading | None, *, quality: Quality, now_s: float, is_over: bool = False
    ) -> None:
        """Judge a new reading, or only let time pass; see `AlarmBoard.step`."""
        now_utc = self._clock.utc()
        with self._lock:
            self._pass_on(
                self._board.step(
                    reading, quality=quality, now_s=now_s, now_utc=now_utc, is_over=is_over
                )
            )

    def acknowledge(self, alarm_id: str, who: str, note: str) -> bool:
        """Say that a person knows of an alarm; see `AlarmBoard.acknowledge`."""
        now_s, now_utc = self._clock.monotonic_s(), self._clock.utc()
        with self._lock:
            return self._pass_on(
                self._board.acknowledge(alarm_id, who, note, now_s=now_s, now_utc=now_utc)
            )

    def shelve(self, alarm_id: str, who: str, *, duration_s: float, reason: str) -> None:
        """Put an alarm aside for a time; see `AlarmBoard.shelve`."""
        now_s, now_utc = self._clock.monotonic_s(), self._clock.utc()
        with self._lock:
            self._pass_on(
                self._board.shelve(
                    alarm_id,
                    who,
                    duration_s=duration_s,
                    reason=reason,
                    now_s=now_s,
                    now_utc=now_utc,
                )
            )

    def unshelve(self, alarm_id: str, who: str) -> bool:
        """Bring an alarm back before its time; see `AlarmBoard.unshelve`."""
        with self._lock:
            return self._pass_on(self._board.unshelve(alarm_id, who, now_utc=self._clock.utc()))

    def change_rules(self, rules: Sequence[Rule], who: str, *, own: Rule | None = None) -> None:
        """Watch by other rules from now on; see `AlarmBoard.change_rules`."""
        with self._lock:
            self._pass_on(self._board.change_rules(rules, who, own=own, now_utc=self._clock.utc()))

    def end(self, who: str) -> None:
        """Close what stands in the journal: the camera or area is taken away."""
        with self._lock:
            self._pass_on(self._board.end(who, now_utc=self._clock.utc()))

    def _pass_on(self, events: tuple[AlarmEvent, ...]) -> bool:
        for event in events:
            self._on_event(event)
        return bool(events)
