"""What the window does again and again: read the engine's state, show it, and sound the alarm.

Nothing is sent to the window for each frame: what cannot be shown in time would pile up. The window
reads when it is ready to, and sees the newest.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from PyQt6.QtCore import QCoreApplication, QObject, QTimer

from monitor.alarms.forecast import RuleOutlook, limit_outlook
from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.core.worker import WorkerHealth
from monitor.engine.area import AreaSnapshot
from monitor.engine.delivery import DeliveryStatus
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.history.history import History
from monitor.outputs.outbox import OutboxHealth
from monitor.ui.alarm_strip import StripView, strip_of
from monitor.ui.alarms.entries import Watched
from monitor.ui.language import written
from monitor.ui.session import CameraSession
from monitor.ui.view import CameraView, view_of

TICK_MS = 33
"""How often new pictures are shown: 30 times a second, as often as an eye looks."""
_REFRESH_EVERY_S = 0.09  # every third tick: nobody reads words and numbers faster
_PLOT_EVERY_S = 0.25
_STATUS_EVERY_S = 1.0
_BLINK_S = 0.5  # once a second: calls for attention, and harms nobody who cannot bear flicker
_NO_OUTPUTS: Mapping[str, OutboxHealth] = {}
_NO_WORKERS: Mapping[str, WorkerHealth] = {}


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The bottom line of the window."""

    text: str
    is_trouble: bool
    """Whether it tells of something that does not work."""


class RefreshTarget(Protocol):
    """What is refreshed: the window. Every method is called on the GUI thread and never waits."""

    @property
    def trouble(self) -> str:
        """What it knows itself not to work; empty where all is well."""
        ...

    def load_past(self, name: str, session: CameraSession) -> None:
        """Have the counts of a new camera read that are older than the window."""
        ...

    def show_cameras(self, names: Sequence[str]) -> None:
        """Show other cameras than before."""
        ...

    def show_camera(
        self, snapshot: CameraSnapshot, view: CameraView, *, is_counted: bool, now_s: float
    ) -> None:
        """Show one camera; `is_counted`: there is a new count."""
        ...

    def show_alarm(self, view: StripView, *, is_ringing: bool, is_lit: bool) -> None:
        """Show the most urgent alarm, and sound it."""
        ...

    def take_event(self, event: AlarmEvent) -> None:
        """Take in what happened to an alarm."""
        ...

    def show_lists(
        self, snapshots: Sequence[CameraSnapshot], areas: Sequence[AreaSnapshot], now_utc: datetime
    ) -> None:
        """Show the lists of alarms, and the counts over time."""
        ...

    def show_rendered(self, now_s: float) -> None:
        """Show the pictures that were rendered since the last refresh."""
        ...

    def show_status(self, status: StatusLine, now_utc: datetime) -> None:
        """Show the bottom line, and what else changes once a second."""
        ...

    def collect(self) -> None:
        """Hand over what background tasks have brought."""
        ...


class LimitForecasts:
    """When each camera may reach a limit; works out one camera at a time, some 4 ms."""

    def __init__(self) -> None:
        self._found: dict[str, RuleOutlook | None] = {}
        self._next = 0

    def of(self, name: str) -> RuleOutlook | None:
        """Give what was found of a camera last; None: nothing to tell."""
        return self._found.get(name)

    def refresh(
        self, snapshots: Sequence[CameraSnapshot], sessions: Mapping[str, CameraSession]
    ) -> None:
        """Work out the forecast of the next camera in turn.

        Args:
            snapshots: All cameras now.
            sessions: What the window remembers of each.
        """
        if not snapshots:
            return
        self._next = (self._next + 1) % len(snapshots)
        snapshot = snapshots[self._next]
        session = sessions.get(snapshot.name)
        readings = () if session is None else tuple(session.recent)
        self._found[snapshot.name] = limit_outlook(readings, snapshot.rules)


class RefreshLoop(QObject):
    """Refreshes the window from `begin` to `end`; lives on the GUI thread."""

    def __init__(
        self,
        target: RefreshTarget,
        engine: Engine,
        clock: Clock,
        store: History | None,
        *,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            target: What shows the engine.
            engine: What is shown.
            clock: Where time comes from.
            store: The history, for how writing goes; None: there is none.
            parent: Owner.
        """
        super().__init__(parent)
        self._target = target
        self._engine = engine
        self._clock = clock
        self._store = store
        self._events: deque[AlarmEvent] = deque()
        self._names = [one.name for one in engine.snapshots()]
        self.sessions = {name: CameraSession() for name in self._names}
        self._every_second: list[Callable[[], None]] = []
        self._outputs: Callable[[], Mapping[str, OutboxHealth]] = dict
        self._workers: Callable[[], Mapping[str, WorkerHealth]] = dict
        self._forecasts = LimitForecasts()
        self._plotted_s = self._status_s = self._refreshed_s = float("-inf")
        self._told = ""
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cameras, in the order of the site."""
        return tuple(self._names)

    @property
    def is_going(self) -> bool:
        """Whether it refreshes at all."""
        return self._timer.isActive()

    def begin(self) -> None:
        """Start refreshing."""
        self._engine.subscribe("window", on_event=self._events.append)
        for name, session in self.sessions.items():
            self._target.load_past(name, session)
        self._timer.start()
        self.refresh()

    def end(self) -> None:
        """Stop refreshing."""
        self._timer.stop()

    def watch_outputs(self, outputs: Callable[[], Mapping[str, OutboxHealth]]) -> None:
        """Show in the bottom line how outputs are doing; called once a second."""
        self._outputs = outputs

    def watch_workers(self, workers: Callable[[], Mapping[str, WorkerHealth]]) -> None:
        """Show in the bottom line how the window's own threads are doing."""
        self._workers = workers

    def every_second(self, work: Callable[[], None]) -> None:
        """Have something done once a second; it must return at once."""
        self._every_second.append(work)

    def plot_soon(self) -> None:
        """Draw the plot and the lists at the next refresh."""
        self._plotted_s = float("-inf")

    def tell(self, sentence: str) -> None:
        """Say something in the bottom line until there is something else to say."""
        self._told = sentence

    def refresh(self) -> None:
        """Show the engine as it is now.

        Alarms come first: whatever fails after them is logged and shown by the owner of the
        program's exception hook, and an alarm must sound all the same.
        """
        target, snapshots, areas = self._target, self._engine.snapshots(), self._engine.areas()
        now_s, now_utc = self._clock.monotonic_s(), self._clock.utc()
        self._refreshed_s = now_s
        self._show_alarm(snapshots, areas, now_s)
        if [one.name for one in snapshots] != self._names:
            self._on_cameras_changed(snapshots)
        for snapshot in snapshots:
            self._show_camera(snapshot, now_s, now_utc)
        self._take_events()
        if now_s - self._plotted_s >= _PLOT_EVERY_S:
            self._plotted_s = now_s
            target.show_lists(snapshots, areas, now_utc)
        if now_s - self._status_s >= _STATUS_EVERY_S:
            self._status_s = now_s
            self._forecasts.refresh(snapshots, self.sessions)
            for work in self._every_second:
                work()
            target.show_status(self._status(), now_utc)
        target.collect()

    def _on_tick(self) -> None:
        """Refresh, or between two refreshes only show what was rendered meanwhile."""
        now_s = self._clock.monotonic_s()
        if not 0 <= now_s - self._refreshed_s < _REFRESH_EVERY_S:
            self.refresh()
            return
        self._target.show_rendered(now_s)
        self._target.collect()

    def _show_alarm(
        self, snapshots: Sequence[CameraSnapshot], areas: Sequence[AreaSnapshot], now_s: float
    ) -> None:
        watched: tuple[Watched, ...] = (*snapshots, *areas)
        is_ringing = any(alarm.is_ringing for one in watched for alarm in one.alarms)
        is_lit = not is_ringing or int(now_s / _BLINK_S) % 2 == 0
        view = strip_of(snapshots, areas=areas)
        self._target.show_alarm(view, is_ringing=is_ringing, is_lit=is_lit)

    def _take_events(self) -> None:
        while self._events:
            event = self._events.popleft()
            if event.camera in self.sessions:
                self.sessions[event.camera].events.append(event)
            self._target.take_event(event)

    def _show_camera(self, snapshot: CameraSnapshot, now_s: float, now_utc: datetime) -> None:
        session = self.sessions[snapshot.name]
        is_counted = session.take(snapshot)
        outlook = self._forecasts.of(snapshot.name)
        view = view_of(snapshot, session.errors, now_utc, outlook=outlook)
        self._target.show_camera(snapshot, view, is_counted=is_counted, now_s=now_s)

    def _on_cameras_changed(self, snapshots: Sequence[CameraSnapshot]) -> None:
        self._names = [one.name for one in snapshots]
        before, self.sessions = self.sessions, {}
        for name in self._names:
            self.sessions[name] = before.get(name) or CameraSession()
            if name not in before:
                self._target.load_past(name, self.sessions[name])
        self._target.show_cameras(self._names)

    def _status(self) -> StatusLine:
        kept = self._store.health if self._store is not None else None
        outputs = self._outputs()
        trouble = trouble_text(
            workers=self._workers(),
            kept=kept,
            deliveries=self._engine.status().deliveries,
            outputs=outputs,
        )
        trouble = trouble or self._target.trouble
        return StatusLine(trouble or self._told or calm_text(kept, outputs), bool(trouble))


def trouble_text(
    *,
    workers: Mapping[str, WorkerHealth] = _NO_WORKERS,
    kept: OutboxHealth | None,
    deliveries: Sequence[DeliveryStatus],
    outputs: Mapping[str, OutboxHealth] = _NO_OUTPUTS,
) -> str:
    """Say what does not work, the worst first.

    Args:
        workers: The window's own threads, by what they are called.
        kept: How the history is being written; None: there is none.
        deliveries: How readings get to whoever wants them.
        outputs: How each output is doing, by name.

    Returns:
        One sentence; empty where all is well.
    """
    for name, worker in workers.items():
        if worker.is_failing:
            words = _tr("{name} is failing ({what}): restart the program if this goes on")
            return words.format(name=name, what=worker.last_error or _tr("its thread has ended"))
    if kept is not None and kept.is_failing:
        return _tr("History not saved: {what}").format(what=_failing_words(kept))
    failing = [(name, one) for name, one in outputs.items() if one.is_failing]
    if failing:
        name, health = failing[0]
        told = _named(name, _failing_words(health))
        more = _tr("; {others} more failing").format(others=len(failing) - 1)
        return told + more if len(failing) > 1 else told
    broken = [one for one in deliveries if one.message]
    if broken:
        return _named(broken[0].name, broken[0].message)
    return next((_named(name, one.message) for name, one in outputs.items() if one.message), "")


def calm_text(kept: OutboxHealth | None, outputs: Mapping[str, OutboxHealth] = _NO_OUTPUTS) -> str:
    """Say that all is well, and what this program is not; and what was lost before it was."""
    parts = []
    if kept is not None:
        parts.append(
            _tr("{number} readings and alarms saved.").format(number=written(kept.written))
        )
    lost = [
        _tr("{number} lost by {name}").format(number=written(one.lost), name=name)
        for name, one in outputs.items()
        if one.lost
    ]
    if lost:
        parts.append(_tr("Since the start: {lost}.").format(lost=", ".join(lost)))
    return "  ".join([*parts, _tr("Decision support, not a safety system.")])


def _failing_words(health: OutboxHealth) -> str:
    waiting = written(health.waiting)
    if health.lost:
        words = _tr("{message} ({waiting} waiting, {lost} lost)")
        return words.format(message=health.message, waiting=waiting, lost=written(health.lost))
    return _tr("{message} ({waiting} waiting)").format(message=health.message, waiting=waiting)


def _named(name: str, message: str) -> str:
    """Begin a message with what it is about, unless it does so by itself."""
    return message if message.casefold().startswith(f"{name}:".casefold()) else f"{name}: {message}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Trouble", text)
