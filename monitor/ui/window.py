"""The window: reads the newest state of the engine 30 times a second and shows it.

Nothing is sent to it for each frame: what cannot be shown in time would pile up. It looks when it
is ready to look, and sees the newest.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QSplitter, QVBoxLayout, QWidget

from monitor.clock import Clock
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.records.alarm import AlarmEvent
from monitor.records.rule import Rule
from monitor.store.history import History
from monitor.ui.alarm_strip import AlarmStrip
from monitor.ui.bell import Bell
from monitor.ui.darkroom import Darkroom
from monitor.ui.header import Header
from monitor.ui.journal import JournalTable
from monitor.ui.labels import make_label, make_panel, set_kind, set_text
from monitor.ui.limit_editor import LimitEditor
from monitor.ui.limits import edited_limit
from monitor.ui.past import PastLoader
from monitor.ui.plot import CountPlot
from monitor.ui.readout import CountReadout
from monitor.ui.session import CameraSession
from monitor.ui.stage import Stage
from monitor.ui.strip import strip_of
from monitor.ui.theme import DARK, LIGHT, Theme, apply_theme
from monitor.ui.trouble import calm_text, trouble_text
from monitor.ui.view import view_of

TICK_MS = 33
"""How often the window looks: 30 times a second, as often as an eye does."""

_PLOT_EVERY_S = 0.25
_SLOW_EVERY_S = 1.0
_BLINK_S = 0.5  # once a second: calls for attention, and harms nobody who cannot bear flicker
_SIDE_SHARE = 0.24
_SIDE_NARROWEST, _SIDE_WIDEST = 384, 520
_PICTURE_TO_PLOT = (800, 200)
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
    ) -> None:
        """Build the window; it looks at the engine from `begin` on.

        Args:
            engine: What is shown; started and stopped by the caller.
            settings: What the window is told once.
            bell: What rings; closed with the window.
            clock: Where time comes from.
            store: The history, for what was before and how writing goes; None: there is none.
        """
        super().__init__()
        self._engine = engine
        self._settings = settings
        self._theme = settings.theme
        self._bell = bell
        bell.setParent(self)
        self._clock = clock
        self._store = store
        self._events: deque[AlarmEvent] = deque()
        names = [one.name for one in engine.snapshots()]
        self._sessions = {name: CameraSession() for name in names}
        self._chosen = names[0]
        self._darkroom = Darkroom()
        self._past = PastLoader(store, names, clock.utc()) if store is not None else None
        self._plotted_s = self._slow_s = float("-inf")
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.look)
        self.header = Header(settings.title, settings.operator)
        self.strip = AlarmStrip(self._theme, has_many_cameras=len(names) > 1)
        self.stage = Stage(names, self._darkroom, self._theme)
        self.plot = CountPlot(self._theme)
        self.readout = CountReadout(settings.model_note, self._theme)
        self.limit_editor = LimitEditor()
        self.journal = JournalTable()
        self._state = make_label("muted")
        self._side = QWidget()
        self._build()
        self._connect()
        self.choose_camera(names[0])
        self.header.wall_button.setVisible(len(names) > 1)
        self.header.wall_button.setChecked(len(names) > 1)

    @property
    def chosen(self) -> str:
        """Name of the camera that is looked at."""
        return self._chosen

    @property
    def state_text(self) -> str:
        """What is said in the bottom line."""
        return self._state.text()

    def begin(self) -> None:
        """Start looking at the engine."""
        self._engine.subscribe("window", on_event=self._events.append)
        self._darkroom.start()
        if self._past is not None:
            self._past.start()
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Show the engine as it is now."""
        snapshots = self._engine.snapshots()
        now_s, now_utc = self._clock.monotonic_s(), self._clock.utc()
        for snapshot in snapshots:
            session = self._sessions[snapshot.name]
            if session.take(snapshot) and snapshot.prediction is not None:
                self.stage.take_count(snapshot.prediction.density, now_s)
            view = view_of(snapshot, session.errors, now_utc)
            is_chosen = snapshot.name == self._chosen
            self.stage.show_camera(snapshot, view, is_chosen=is_chosen, now_s=now_s)
            if is_chosen:
                self.readout.show_view(view)
                self.limit_editor.show_limit(snapshot.alarm.rule if snapshot.alarm else None)
        self.strip.show_view(strip_of(snapshots))
        self._ring(snapshots, now_s=now_s)
        while self._events:
            self.journal.entries.add(self._events.popleft())
        if now_s - self._plotted_s >= _PLOT_EVERY_S:
            self._plotted_s = now_s
            self._draw_plot(now_utc)
        if now_s - self._slow_s >= _SLOW_EVERY_S:
            self._slow_s = now_s
            self._show_slow(now_utc)

    def choose_camera(self, name: str) -> None:
        """Look at another camera."""
        self.limit_editor.finish()
        self._chosen = name
        self.stage.choose(name)
        self.limit_editor.show_other_limit(self._limit_of(name))
        self._plotted_s = float("-inf")

    def acknowledge(self) -> None:
        """Acknowledge the alarm that the strip shows."""
        self.strip.acknowledge()

    def switch_theme(self) -> None:
        """Change between dark and light."""
        self._theme = LIGHT if self._theme.name == DARK.name else DARK
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, self._theme)
        for part in (self.strip, self.stage, self.plot, self.readout):
            part.set_theme(self._theme)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the words on the right their share."""
        width = round(self.width() * _SIDE_SHARE)
        self._side.setFixedWidth(min(_SIDE_WIDEST, max(_SIDE_NARROWEST, width)))
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop looking, drawing and ringing."""
        self._timer.stop()
        self.limit_editor.finish()
        self._bell.close()
        self._darkroom.stop(_STOP_TIMEOUT_S)
        if self._past is not None:
            self._past.stop(_STOP_TIMEOUT_S)
        super().closeEvent(event)

    def _limit_of(self, name: str) -> Rule | None:
        for one in self._engine.snapshots():
            if one.name == name and one.alarm is not None:
                return one.alarm.rule
        return None

    def _ring(self, snapshots: tuple[CameraSnapshot, ...], *, now_s: float) -> None:
        is_ringing = any(one.alarm is not None and one.alarm.is_ringing for one in snapshots)
        self._bell.set_ringing(is_ringing)
        self.strip.set_lit(not is_ringing or int(now_s / _BLINK_S) % 2 == 0)

    def _draw_plot(self, now_utc: datetime) -> None:
        now_s = now_utc.timestamp()
        limit = self._limit_of(self._chosen)
        self.plot.show_limit(limit.limit if limit else None)
        start_s = now_s - self.plot.span_s
        series = self._sessions[self._chosen].series
        self.plot.show_data(series.window(start_s, now_s, points_max=self.plot.points_max), now_s)

    def _show_slow(self, now_utc: datetime) -> None:
        """Show what need not be watched closely."""
        self.header.show_time(now_utc)
        self.header.show_sound(self._bell.description, is_audible=self._bell.is_audible)
        if self._past is not None:
            for name, points in self._past.collect().items():
                self._sessions[name].series.add_past(points)
        kept = self._store.health if self._store is not None else None
        trouble = trouble_text(
            is_drawing=self._darkroom.is_working,
            kept=kept,
            deliveries=self._engine.status().deliveries,
        )
        set_kind(self._state, "warning" if trouble else "muted")
        set_text(self._state, trouble or calm_text(kept))

    def _on_acknowledged(self, camera: str, note: str) -> None:
        for one in self._engine.snapshots():
            if one.name == camera and one.alarm is not None:
                self._engine.acknowledge(one.alarm.alarm_id, self._settings.operator, note)
        self.look()

    def _on_limit_edited(self, high: float, on_delay_s: float) -> None:
        self._change_limit(high, on_delay_s)

    def _on_limit_dragged(self, high: float) -> None:
        limit = self._limit_of(self._chosen)
        if limit is not None:
            self._change_limit(high, limit.on_delay_s)
            self.limit_editor.show_other_limit(self._limit_of(self._chosen))

    def _change_limit(self, high: float, on_delay_s: float) -> None:
        before = self._limit_of(self._chosen)
        after = edited_limit(before, high=high, on_delay_s=on_delay_s)
        (camera,) = (one for one in self._engine.snapshots() if one.name == self._chosen)
        kept = [one for one in camera.rules if one != before]
        self._engine.change_rules(self._chosen, [after, *kept], self._settings.operator)

    def _on_camera_opened(self, name: str) -> None:
        self.choose_camera(name)
        self.header.wall_button.setChecked(False)

    def _connect(self) -> None:
        self.header.wall_toggled.connect(self.stage.show_wall)
        self.header.theme_wanted.connect(self.switch_theme)
        self.header.sound_test_wanted.connect(self._bell.try_out)
        self.strip.acknowledged.connect(self._on_acknowledged)
        self.strip.camera_wanted.connect(self._on_camera_opened)
        self.stage.camera_chosen.connect(self.choose_camera)
        self.stage.camera_opened.connect(self._on_camera_opened)
        self.plot.limit_dragged.connect(self._on_limit_dragged)
        self.plot.span_box.currentIndexChanged.connect(lambda: self._draw_plot(self._clock.utc()))
        self.limit_editor.limit_edited.connect(self._on_limit_edited)
        for keys, slot in (
            ("A", self.acknowledge),
            ("Space", self.acknowledge),
            ("G", self._switch_wall),
            ("F11", self._switch_full_screen),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _switch_wall(self) -> None:
        if len(self._sessions) > 1:
            self.header.wall_button.toggle()

    def _switch_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def _build(self) -> None:
        self.setWindowTitle(self._settings.title)
        middle = QSplitter(Qt.Orientation.Vertical)
        middle.addWidget(self.stage)
        middle.addWidget(self.plot)
        middle.setStretchFactor(0, 1)
        middle.setStretchFactor(1, 1)
        middle.setSizes(list(_PICTURE_TO_PLOT))
        middle.setChildrenCollapsible(False)
        columns = QHBoxLayout()
        columns.setSpacing(8)
        columns.addWidget(middle, 1)
        columns.addWidget(self._build_side())
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(8)
        layout.addWidget(self.header)
        layout.addWidget(self.strip)
        layout.addLayout(columns, 1)
        layout.addWidget(self._state)
        self.setCentralWidget(body)

    def _build_side(self) -> QWidget:
        side = self._side
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.readout)
        limit, limit_layout = make_panel("Alarm")
        limit_layout.addWidget(self.limit_editor)
        layout.addWidget(limit)
        journal, journal_layout = make_panel("Alarm journal")
        journal_layout.addWidget(self.journal)
        layout.addWidget(journal, 1)
        return side
