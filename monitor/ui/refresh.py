"""What the window does again and again: read the engine's state, show it, and sound the alarm.

Nothing is sent to the window for each frame: what cannot be shown in time would pile up. The window
reads when it is ready to, and sees the newest.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QObject, QTimer

from monitor.alarms.outlook import RuleOutlook, limit_outlook
from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.engine.delivery import DeliveryStatus
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.history.history import History
from monitor.outputs.outbox import OutboxHealth
from monitor.ui.alarm_strip import strip_of
from monitor.ui.alarms.entries import Watched
from monitor.ui.bell import Bell
from monitor.ui.language import written
from monitor.ui.session import CameraSession
from monitor.ui.view import view_of
from monitor.ui.widgets import set_kind, set_text

if TYPE_CHECKING:
    from monitor.ui.main_window import MonitorWindow


_NO_OUTPUTS: Mapping[str, OutboxHealth] = {}


def trouble_text(
    *,
    is_drawing: bool,
    kept: OutboxHealth | None,
    deliveries: Sequence[DeliveryStatus],
    outputs: Mapping[str, OutboxHealth] = _NO_OUTPUTS,
) -> str:
    """Say what does not work, the worst first.

    Args:
        is_drawing: Whether pictures are still being drawn.
        kept: How the history is being written; None: there is none.
        deliveries: How readings get to whoever wants them.
        outputs: How each output is doing, by name.

    Returns:
        One sentence; empty where all is well.
    """
    if not is_drawing:
        return _tr("Pictures are no longer drawn, by a mistake of the program: restart it.")
    if kept is not None and kept.is_failing:
        return _tr("Not kept: {what}").format(what=_failing_words(kept))
    failing = [(name, one) for name, one in outputs.items() if one.is_failing]
    if failing:
        name, health = failing[0]
        told = _named(name, _failing_words(health))
        more = _tr("; and {others} more do not work").format(others=len(failing) - 1)
        return told + more if len(failing) > 1 else told
    broken = [one for one in deliveries if one.message]
    if broken:
        return _named(broken[0].name, broken[0].message)
    return next((_named(name, one.message) for name, one in outputs.items() if one.message), "")


def calm_text(kept: OutboxHealth | None, outputs: Mapping[str, OutboxHealth] = _NO_OUTPUTS) -> str:
    """Say that all is well, and what this program is not; and what was lost before it was."""
    parts = []
    if kept is not None:
        parts.append(_tr("{number} readings and alarms kept.").format(number=written(kept.written)))
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


TICK_MS = 33
"""How often pictures are hung: 30 times a second, as often as an eye looks."""
_LOOK_EVERY_S = 0.09  # every third tick: nobody reads words and numbers faster
_PLOT_EVERY_S = 0.25
_SLOW_EVERY_S = 1.0
_BLINK_S = 0.5  # once a second: calls for attention, and harms nobody who cannot bear flicker


class LimitForecasts:
    """The outlook of each camera; lives on the GUI thread, and takes it some 4 ms at a time."""

    def __init__(self) -> None:
        self._found: dict[str, RuleOutlook | None] = {}
        self._next = 0

    def of(self, name: str) -> RuleOutlook | None:
        """Give what was found of a camera last; None: nothing to tell."""
        return self._found.get(name)

    def look(
        self, snapshots: Sequence[CameraSnapshot], sessions: Mapping[str, CameraSession]
    ) -> None:
        """Look at the next camera in turn.

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
    """Goes its rounds from `begin` to `end`; lives on the GUI thread."""

    def __init__(
        self,
        window: "MonitorWindow",
        engine: Engine,
        bell: Bell,
        clock: Clock,
        store: History | None,
    ) -> None:
        """Prepare.

        Args:
            window: Whose parts show what is found.
            engine: What is looked at.
            bell: What rings.
            clock: Where time comes from.
            store: The history, for how writing goes; None: there is none.
        """
        super().__init__(window)
        self._window = window
        self._engine = engine
        self._bell = bell
        self._clock = clock
        self._store = store
        self._events: deque[AlarmEvent] = deque()
        self._names = [one.name for one in engine.snapshots()]
        self.sessions = {name: CameraSession() for name in self._names}
        self._slow: list[Callable[[], None]] = []
        self._outputs: Callable[[], Mapping[str, OutboxHealth]] = dict
        self.outlooks = LimitForecasts()
        self._plotted_s = self._slow_s = self._looked_s = float("-inf")
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
        """Whether it looks at all."""
        return self._timer.isActive()

    def begin(self) -> None:
        """Start looking."""
        self._engine.subscribe("window", on_event=self._events.append)
        for name, session in self.sessions.items():
            self._window.charting.load(name, session, self._clock.utc())
        self._timer.start()
        self.look()

    def end(self) -> None:
        """Stop looking."""
        self._timer.stop()

    def ask_outputs(self, outputs: Callable[[], Mapping[str, OutboxHealth]]) -> None:
        """Show in the bottom line how outputs are doing; called once a second."""
        self._outputs = outputs

    def do_now_and_then(self, work: Callable[[], None]) -> None:
        """Have something done once a second; it must return at once."""
        self._slow.append(work)

    def plot_soon(self) -> None:
        """Draw the plot and the lists at the next look."""
        self._plotted_s = float("-inf")

    def tell(self, sentence: str) -> None:
        """Say something in the bottom line until there is something else to say."""
        self._told = sentence
        set_text(self._window.state, sentence)

    def look(self) -> None:
        """Show the engine as it is now."""
        window, snapshots = self._window, self._engine.snapshots()
        now_s, now_utc = self._clock.monotonic_s(), self._clock.utc()
        self._looked_s = now_s
        if [one.name for one in snapshots] != self._names:
            self._on_cameras_changed(snapshots)
        for snapshot in snapshots:
            self._show_camera(snapshot, now_s, now_utc)
        window.strip.show_view(strip_of(snapshots, areas=self._engine.areas()))
        self._ring(snapshots, now_s=now_s)
        self._take_events()
        if now_s - self._plotted_s >= _PLOT_EVERY_S:
            self._plotted_s = now_s
            window.alarm_desk.show((*snapshots, *self._engine.areas()), now_utc)
            window.charting.draw(window.rules_of(window.chosen), now_utc)
        if now_s - self._slow_s >= _SLOW_EVERY_S:
            self._slow_s = now_s
            self.outlooks.look(snapshots, self.sessions)
            self._show_slow(now_utc)
        window.errands.collect()

    def _on_tick(self) -> None:
        """Look, or between two looks only hang what the darkroom has made meanwhile."""
        window, now_s = self._window, self._clock.monotonic_s()
        if not 0 <= now_s - self._looked_s < _LOOK_EVERY_S:
            self.look()
            return
        is_alone = not window.stage.shows_wall
        window.second.hang_prints()
        window.stage.hang_prints(window.snapshot_of(window.chosen) if is_alone else None, now_s)
        window.errands.collect()

    def _take_events(self) -> None:
        window = self._window
        while self._events:
            event = self._events.popleft()
            window.journal.entries.add(event)
            window.alarm_desk.take(event)
            window.evidence_desk.take(event)
            if event.camera in self.sessions:
                self.sessions[event.camera].events.append(event)

    def _show_camera(self, snapshot: CameraSnapshot, now_s: float, now_utc: datetime) -> None:
        window, session = self._window, self.sessions[snapshot.name]
        if session.take(snapshot) and snapshot.prediction is not None:
            window.stage.take_count(snapshot.prediction, now_s)
        view = view_of(snapshot, session.errors, now_utc, outlook=self.outlooks.of(snapshot.name))
        is_chosen = snapshot.name == window.chosen
        window.stage.show_camera(snapshot, view, is_chosen=is_chosen, now_s=now_s)
        window.second.show_camera(snapshot, view, now_s)
        if is_chosen:
            window.readout.show_view(view, place=window.site_desk.place_of(snapshot.name))
            window.limits.show(snapshot.rules)

    def _on_cameras_changed(self, snapshots: tuple[CameraSnapshot, ...]) -> None:
        self._names = [one.name for one in snapshots]
        before, self.sessions = self.sessions, {}
        for name in self._names:
            self.sessions[name] = before.get(name) or CameraSession()
            if name not in before:
                self._window.charting.load(name, self.sessions[name], self._clock.utc())
        self._window.stage.set_names(self._names)
        self._window.second.set_names(self._names)
        self._window.show_names()

    def _ring(self, snapshots: tuple[CameraSnapshot, ...], *, now_s: float) -> None:
        watched: tuple[Watched, ...] = (*snapshots, *self._engine.areas())
        is_ringing = any(alarm.is_ringing for one in watched for alarm in one.alarms)
        self._bell.set_ringing(is_ringing)
        self._window.strip.set_lit(not is_ringing or int(now_s / _BLINK_S) % 2 == 0)

    def _show_slow(self, now_utc: datetime) -> None:
        """Show what need not be watched closely."""
        window = self._window
        for work in self._slow:
            work()
        window.header.show_time(now_utc)
        window.header.show_sound(self._bell.description, is_audible=self._bell.is_audible)
        kept = self._store.health if self._store is not None else None
        outputs = self._outputs()
        trouble = trouble_text(
            is_drawing=window.is_drawing,
            kept=kept,
            deliveries=self._engine.status().deliveries,
            outputs=outputs,
        )
        trouble = trouble or window.site_desk.trouble
        set_kind(window.state, "warning" if trouble else "muted")
        set_text(window.state, trouble or self._told or calm_text(kept, outputs))
