"""The window: reads the newest state of the engine many times a second and shows it.

Nothing is sent to it for each frame: what cannot be shown in time would pile up. It looks when it
is ready to look, and sees the newest.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QApplication, QMainWindow

from monitor.clock import Clock
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.records.alarm import AlarmEvent
from monitor.records.rule import Rule
from monitor.store.history import History
from monitor.ui.actions import Actions
from monitor.ui.alarm_strip import AlarmStrip
from monitor.ui.alarms.desk import AlarmDesk
from monitor.ui.alarms.entries import Watched
from monitor.ui.bell import Bell
from monitor.ui.charting import Charting
from monitor.ui.commands import window_commands
from monitor.ui.darkroom import Darkroom
from monitor.ui.errands import Errands
from monitor.ui.frame_layout import fill_window, restore_place, save_place
from monitor.ui.header import Header
from monitor.ui.labels import make_label, set_kind, set_text
from monitor.ui.limit_link import LimitLink
from monitor.ui.memory import WindowMemory
from monitor.ui.plot import CountPlot
from monitor.ui.rules.desk import RuleDesk
from monitor.ui.saving import Saving
from monitor.ui.session import CameraSession
from monitor.ui.side import SidePanel
from monitor.ui.stage import Stage
from monitor.ui.strip import strip_of
from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, Theme, apply_theme
from monitor.ui.trouble import calm_text, trouble_text
from monitor.ui.view import view_of
from monitor.ui.zones.desk import ZoneDesk

TICK_MS = 33
"""How often pictures are hung: 30 times a second, as often as an eye looks."""
_LOOK_EVERY_S = 0.09  # every third tick: nobody reads words and numbers faster

_PLOT_EVERY_S = 0.25
_SLOW_EVERY_S = 1.0
_BLINK_S = 0.5  # once a second: calls for attention, and harms nobody who cannot bear flicker
_STOP_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """What a window is told once."""

    title: str
    model_note: str
    """What the model was trained on and how far it can be trusted."""
    operator: str
    """Who sits here; goes into the journal."""
    theme: Theme = DARK
    is_large_type: bool = False


class MonitorWindow(QMainWindow):
    """All cameras of an engine; lives on the GUI thread."""

    def __init__(
        self,
        engine: Engine,
        settings: WindowSettings,
        *,
        bell: Bell,
        clock: Clock,
        store: History | None = None,
        memory: WindowMemory | None = None,
    ) -> None:
        """Build the window; it looks at the engine from `begin` on.

        Args:
            engine: What is shown; started and stopped by the caller.
            settings: What the window is told once.
            bell: What rings; closed with the window.
            clock: Where time comes from.
            store: The history, for what was before and how writing goes; None: there is none.
            memory: What outlives the window; None: nothing does.
        """
        super().__init__()
        self._engine = engine
        self.settings = settings
        self._theme = settings.theme
        self._is_large_type = settings.is_large_type
        self._bell = bell
        bell.setParent(self)
        self.clock = clock
        self._store = store
        self._memory = memory
        self._events: deque[AlarmEvent] = deque()
        self._names = [one.name for one in engine.snapshots()]
        self._sessions = {name: CameraSession() for name in self._names}
        self._chosen = ""
        self._darkroom = Darkroom()
        self.errands = Errands()
        self._plotted_s = self._slow_s = self._looked_s = float("-inf")
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self._build_parts()
        fill_window(self, self._state)
        self._connect()
        self.actions_table.add(
            *self.alarm_desk.commands(),
            *self.rule_desk.commands(self.open_rules),
            *window_commands(self),
            *self.zone_desk.commands(self.draw_zones),
        )
        self.header.set_menu(self.actions_table.menu)
        self._show_names()
        restore_place(self, memory)

    @property
    def chosen(self) -> str:
        """Name of the camera that is looked at; empty while there is none."""
        return self._chosen

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cameras, in the order of the site."""
        return tuple(self._names)

    @property
    def state_text(self) -> str:
        """What is said in the bottom line."""
        return self._state.text()

    @property
    def theme(self) -> Theme:
        """The colours that are used."""
        return self._theme

    @property
    def is_large_type(self) -> bool:
        """Whether letters are larger than usual."""
        return self._is_large_type

    def begin(self) -> None:
        """Start looking at the engine."""
        self._engine.subscribe("window", on_event=self._events.append)
        self._darkroom.start()
        self.errands.start()
        for name, session in self._sessions.items():
            self.charting.load(name, session, self.clock.utc())
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Show the engine as it is now."""
        snapshots = self._engine.snapshots()
        now_s, now_utc = self.clock.monotonic_s(), self.clock.utc()
        self._looked_s = now_s
        if [one.name for one in snapshots] != self._names:
            self._on_cameras_changed(snapshots)
        for snapshot in snapshots:
            self._show_camera(snapshot, now_s, now_utc)
        self.strip.show_view(strip_of(snapshots))
        self._ring(snapshots, now_s=now_s)
        while self._events:
            event = self._events.popleft()
            self.journal.entries.add(event)
            self.alarm_desk.take(event)
            if event.camera in self._sessions:
                self._sessions[event.camera].events.append(event)
        if now_s - self._plotted_s >= _PLOT_EVERY_S:
            self._plotted_s = now_s
            self.alarm_desk.show((*snapshots, *self._engine.areas()), now_utc)
            self.charting.draw(self._rules_of(self._chosen), now_utc)
        if now_s - self._slow_s >= _SLOW_EVERY_S:
            self._slow_s = now_s
            self._show_slow(now_utc)
        self.errands.collect()

    def _on_tick(self) -> None:
        """Look, or between two looks only hang what the darkroom has made meanwhile."""
        now_s = self.clock.monotonic_s()
        if not 0 <= now_s - self._looked_s < _LOOK_EVERY_S:
            self.look()
            return
        is_alone = not self.stage.shows_wall
        self.stage.hang_prints(self.snapshot_of(self._chosen) if is_alone else None, now_s)
        self.errands.collect()

    def choose_camera(self, name: str) -> None:
        """Look at another camera."""
        self._chosen = name
        self.zone_desk.end()
        self.stage.choose(name)
        self.charting.choose(name, self._sessions[name])
        self.limits.choose(name, self._rules_of(name))
        self._plotted_s = float("-inf")

    def open_camera(self, name: str) -> None:
        """Look at one camera alone."""
        self.choose_camera(name)
        self.header.wall_button.setChecked(False)
        self.stage.picture.setFocus()

    def snapshot_of(self, name: str) -> CameraSnapshot | None:
        """Give a camera as it is now; None: there is none of that name."""
        return next((one for one in self._engine.snapshots() if one.name == name), None)

    def open_rules(self) -> None:
        """Edit the rules of the camera that is looked at."""
        if (snapshot := self.snapshot_of(self._chosen)) is not None:
            self.limits.finish()
            self.rule_desk.open(snapshot, self._theme, self)

    def draw_zones(self) -> None:
        """Edit the zones of the camera that is looked at."""
        if (snapshot := self.snapshot_of(self._chosen)) is not None:
            self.open_camera(snapshot.name)
            self.zone_desk.begin(snapshot.name, snapshot.zones)

    def acknowledge(self) -> None:
        """Acknowledge the alarm that the strip shows."""
        self.strip.acknowledge()

    def switch_theme(self) -> None:
        """Change between dark and light."""
        self._theme = LIGHT if self._theme.name == DARK.name else DARK
        self._apply_looks()

    def switch_type(self) -> None:
        """Change between usual and large letters."""
        self._is_large_type = not self._is_large_type
        self._apply_looks()

    def tell(self, sentence: str) -> None:
        """Say something in the bottom line until there is something else to say."""
        self._told = sentence
        set_text(self._state, sentence)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the words on the right their share."""
        self._fit_side()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop looking, drawing and ringing."""
        self._timer.stop()
        self.limits.finish()
        save_place(self, self._memory)
        self._bell.close()
        self._darkroom.stop(_STOP_TIMEOUT_S)
        self.errands.stop(_STOP_TIMEOUT_S)
        super().closeEvent(event)

    def _show_camera(self, snapshot: CameraSnapshot, now_s: float, now_utc: datetime) -> None:
        session = self._sessions[snapshot.name]
        if session.take(snapshot) and snapshot.prediction is not None:
            self.stage.take_count(snapshot.prediction, now_s)
        view = view_of(snapshot, session.errors, now_utc)
        is_chosen = snapshot.name == self._chosen
        self.stage.show_camera(snapshot, view, is_chosen=is_chosen, now_s=now_s)
        if is_chosen:
            self.readout.show_view(view)
            self.limits.show(snapshot.rules)

    def _on_cameras_changed(self, snapshots: tuple[CameraSnapshot, ...]) -> None:
        self._names = [one.name for one in snapshots]
        self._sessions = {name: self._sessions.get(name, CameraSession()) for name in self._names}
        self.stage.set_names(self._names)
        self._show_names()

    def _show_names(self) -> None:
        """Look at a camera that there is, and offer the wall where there are several."""
        has_many = len(self._names) > 1
        if self._names and self._chosen not in self._names:
            self.choose_camera(self._names[0])
            self.header.wall_button.setChecked(has_many)
        self.header.show_wall_button(has_many)
        self.strip.set_many_cameras(has_many)
        if not has_many:
            self.header.wall_button.setChecked(False)

    def _rules_of(self, name: str) -> tuple[Rule, ...]:
        snapshot = self.snapshot_of(name)
        return () if snapshot is None else snapshot.rules

    def _ring(self, snapshots: tuple[CameraSnapshot, ...], *, now_s: float) -> None:
        watched: tuple[Watched, ...] = (*snapshots, *self._engine.areas())
        is_ringing = any(alarm.is_ringing for one in watched for alarm in one.alarms)
        self._bell.set_ringing(is_ringing)
        self.strip.set_lit(not is_ringing or int(now_s / _BLINK_S) % 2 == 0)

    def _show_slow(self, now_utc: datetime) -> None:
        """Show what need not be watched closely."""
        self.header.show_time(now_utc)
        self.header.show_sound(self._bell.description, is_audible=self._bell.is_audible)
        kept = self._store.health if self._store is not None else None
        trouble = trouble_text(
            is_drawing=self._darkroom.is_working,
            kept=kept,
            deliveries=self._engine.status().deliveries,
        )
        set_kind(self._state, "warning" if trouble else "muted")
        set_text(self._state, trouble or self._told or calm_text(kept))

    def _on_acknowledged(self, alarm_id: str, note: str) -> None:
        self._engine.acknowledge(alarm_id, self.settings.operator, note)
        self.look()

    def _change_rules(self, camera: str, rules: Sequence[Rule]) -> None:
        self._engine.change_rules(camera, rules, self.settings.operator)

    def _apply_looks(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            scale = LARGE_TYPE if self._is_large_type else 1.0
            apply_theme(application, self._theme, type_scale=scale)
        for part in (self.strip, self.stage, self.plot, self.readout, self._side.alarm_panel):
            part.set_theme(self._theme)
        self._fit_side()

    def _fit_side(self) -> None:
        scale = LARGE_TYPE if self._is_large_type else 1.0
        self._side.fit_to(self.width(), type_scale=scale)

    def _build_parts(self) -> None:
        settings = self.settings
        self.setWindowTitle(settings.title)
        self._told = ""
        self._state = make_label("muted")
        self.header = Header(settings.title, settings.operator)
        self.strip = AlarmStrip(self._theme)
        self.stage = Stage(self._names, self._darkroom, self._theme)
        self.plot = CountPlot(self._theme)
        self._side = SidePanel(settings.model_note, self._theme)
        self.readout = self._side.readout
        self.limit_editor = self._side.limit_editor
        self.journal = self._side.journal
        self.charting = Charting(self.plot, self.errands, self._store, self)
        self.limits = LimitLink(self.limit_editor, self.plot, self._change_rules, self)
        self.saving = Saving(self.errands, self, self.tell)
        panel = self._side.alarm_panel
        self.alarm_desk = AlarmDesk(self._engine, settings.operator, panel, self.tell, self)
        self.rule_desk = RuleDesk(self._change_rules, self.errands, self._store, self.clock, self)
        self.zone_desk = ZoneDesk(self.stage.picture, self._engine.change_zones, self)
        self.stage.add_row(self.zone_desk.panel)
        self.actions_table = Actions(self)

    @property
    def side(self) -> SidePanel:
        """The column of words, to which other parts add panels."""
        return self._side

    def _connect(self) -> None:
        self.header.wall_toggled.connect(self.stage.show_wall)
        self.header.wall_toggled.connect(self.zone_desk.end)
        self.header.sound_test_wanted.connect(self._bell.try_out)
        self.strip.acknowledged.connect(self._on_acknowledged)
        self.strip.camera_wanted.connect(self.open_camera)
        self.alarm_desk.changed.connect(self._on_alarms_changed)
        self._side.rules_button.clicked.connect(self.open_rules)
        self._side.alarm_panel.camera_wanted.connect(self._on_camera_wanted)
        self.stage.camera_chosen.connect(self.choose_camera)
        self.stage.camera_opened.connect(self.open_camera)
        self.plot.span_changed.connect(self._on_span_changed)

    def _on_alarms_changed(self) -> None:
        self._plotted_s = float("-inf")
        self.look()

    def _on_camera_wanted(self, name: str) -> None:
        if name in self._sessions:  # an area has no picture of its own
            self.open_camera(name)

    def _on_span_changed(self) -> None:
        self.charting.forget()
        self._plotted_s = float("-inf")
