"""The main window: its parts, how they are connected, and its commands beside their methods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.core.rule import Rule
from monitor.core.series import camera_of
from monitor.core.worker import WorkerHealth
from monitor.engine.area import AreaSnapshot
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.history.history import History
from monitor.ui.actions import Actions, Command, command, commands_of
from monitor.ui.alarm_strip import AlarmStrip, StripView
from monitor.ui.alarms.controller import AlarmController, EvidenceController
from monitor.ui.alarms.load import AlarmLoadController
from monitor.ui.background import BackgroundTasks
from monitor.ui.bell import Bell
from monitor.ui.charting import Charting
from monitor.ui.editors.areas import AreaController
from monitor.ui.editors.ground import GroundController
from monitor.ui.editors.prompts import PromptController
from monitor.ui.editors.rules import RuleController
from monitor.ui.editors.zones import ZoneController
from monitor.ui.header import Header
from monitor.ui.help import Page, about_text, guide_text, installed_libraries, keys_html
from monitor.ui.language import later
from monitor.ui.limit_editor import LimitLink
from monitor.ui.memory import WindowMemory
from monitor.ui.outside import Outside
from monitor.ui.plot import CountPlot
from monitor.ui.refresh import RefreshLoop, StatusLine
from monitor.ui.render import RenderThread
from monitor.ui.saving import Saving
from monitor.ui.session import CameraSession
from monitor.ui.setup.controller import SetUpController
from monitor.ui.side import SidePanel
from monitor.ui.span import SPANS, CustomRange
from monitor.ui.stage import Stage
from monitor.ui.text import clock_text
from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, Theme, apply_theme
from monitor.ui.view import CameraView
from monitor.ui.wall_window import SecondScreen
from monitor.ui.widgets import make_label, set_kind, set_text
from monitor.ui.zoom import STEP_ZOOM, WHOLE

ALARMS = later("Commands", "Alarms")
CAMERAS = later("Commands", "Cameras")
PICTURE = later("Commands", "Picture")
PLOT = later("Commands", "Count over time")
WINDOW = later("Commands", "Window")
HELP = later("Commands", "Help")

_STOP_TIMEOUT_S = 2.0
_FAULT_SHOWN_S = 600.0
"""How long the bottom line tells of a fault of the window that did not come again."""
_PICTURE_TO_PLOT = (800, 200)
_SIZE_WH = (1280, 800)
_GEOMETRY, _SPLITTER = "place", "picture_to_plot"
_OPACITY_STEP = 10
_NUMBERED = 9


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
        """Build the window; it shows the engine from `begin` on.

        Args:
            engine: What is shown; started and stopped by the caller.
            settings: What the window is told once.
            bell: What sounds; closed with the window.
            clock: Where time comes from.
            store: The history, for what was before and how writing goes; None: there is none.
            memory: What outlives the window; None: nothing does.
        """
        super().__init__()
        self._engine = engine
        self.settings = settings
        self.theme = settings.theme
        self._is_large_type = settings.is_large_type
        self._bell = bell
        bell.setParent(self)
        self.clock = clock
        self._store = store
        self._memory = memory
        self._chosen = ""
        self._fault, self._fault_until_s = "", 0.0
        self._renderer = RenderThread()
        self.background = BackgroundTasks()
        self.refresh_loop = RefreshLoop(self, engine, clock, store, parent=self)
        self.refresh_loop.watch_workers(self._workers)
        self._build_parts()
        self._arrange_parts()
        self._connect_parts()
        self._add_commands()
        self.show_names()
        self._restore_place()

    @property
    def chosen(self) -> str:
        """Name of the camera that is selected; empty while there is none."""
        return self._chosen

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cameras, in the order of the site."""
        return self.refresh_loop.names

    @property
    def state_text(self) -> str:
        """What is said in the bottom line."""
        return self.state.text()

    @property
    def is_drawing(self) -> bool:
        """Whether pictures are being rendered."""
        return self._renderer.is_working

    @property
    def side(self) -> SidePanel:
        """The column of words, to which other parts add panels."""
        return self._side

    @property
    def trouble(self) -> str:
        """What the window itself knows not to work; empty where all is well."""
        if self.site_desk.trouble:
            return self.site_desk.trouble
        return self._fault if self.clock.monotonic_s() < self._fault_until_s else ""

    def _workers(self) -> dict[str, WorkerHealth]:
        return {
            self.tr("Drawing pictures"): self._renderer.health,
            self.tr("Reading and saving"): self.background.health,
        }

    # Life

    def connect_outside(self, outside: Outside) -> None:
        """Connect the window to what is beside its engine; once, before `begin`."""
        if outside.keeper is not None:
            self.site_desk.keep(outside.keeper, outside.tools)
            self.actions_table.add(
                *self.site_desk.commands(self.zone_desk.undo, lambda: self._chosen)
            )
            self.refresh_loop.every_second(self.site_desk.look)
        if outside.evidence_folder is not None:
            self.evidence_desk.keep_in(outside.evidence_folder)
        self.saving.privacy = outside.privacy
        self.refresh_loop.watch_outputs(outside.outputs)
        self.refresh_loop.every_second(lambda: self.show_model_note(outside.model_note()))

    def begin(self) -> None:
        """Start showing the engine."""
        self._renderer.start()
        self.background.start()
        self.second.restore(self.theme)
        self.refresh_loop.begin()

    def refresh(self) -> None:
        """Show the engine as it is now."""
        self.refresh_loop.refresh()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the words on the right their share."""
        self._fit_side()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop refreshing, rendering and sounding."""
        self.refresh_loop.end()
        self.limits.finish()
        self._save_place()
        self.second.end()
        self._bell.close()
        self._renderer.stop(_STOP_TIMEOUT_S)
        self.background.stop(_STOP_TIMEOUT_S)
        super().closeEvent(event)

    # What the refresh loop shows

    def show_cameras(self, names: Sequence[str]) -> None:
        """Show other cameras than before."""
        self.stage.set_names(names)
        self.second.set_names(names)
        self.show_names()

    def load_past(self, name: str, session: CameraSession) -> None:
        """Read what was counted of a camera before the window was opened."""
        self.charting.load(name, session, self.clock.utc())

    def show_camera(
        self, snapshot: CameraSnapshot, view: CameraView, *, is_counted: bool, now_s: float
    ) -> None:
        """Show one camera.

        Args:
            snapshot: The camera now.
            view: The same in words.
            is_counted: Whether there is a new count.
            now_s: Monotonic clock.
        """
        if is_counted and snapshot.prediction is not None:
            self.stage.take_count(snapshot.prediction, now_s)
        is_chosen = snapshot.name == self._chosen
        self.stage.show_camera(snapshot, view, is_chosen=is_chosen, now_s=now_s)
        self.second.show_camera(snapshot, view, now_s)
        if is_chosen:
            self.readout.show_view(view, place=self.site_desk.place_of(snapshot.name))
            self.limits.show(snapshot.rules)

    def show_alarm(self, view: StripView, *, is_ringing: bool, is_lit: bool) -> None:
        """Show the most urgent alarm, and sound it while nobody has acknowledged it."""
        self.strip.show_view(view)
        self._bell.set_ringing(is_ringing)
        self.strip.set_lit(is_lit)

    def take_event(self, event: AlarmEvent) -> None:
        """Take in what happened to an alarm."""
        self.journal.entries.add(event)
        self.alarm_desk.take(event)
        self.evidence_desk.take(event)

    def show_lists(
        self, snapshots: Sequence[CameraSnapshot], areas: Sequence[AreaSnapshot], now_utc: datetime
    ) -> None:
        """Show the lists of alarms, and the counts over time."""
        self.alarm_desk.show((*snapshots, *areas), now_utc)
        rules = next((one.rules for one in snapshots if one.name == self._chosen), ())
        self.charting.draw(rules, now_utc)

    def show_rendered(self, now_s: float) -> None:
        """Show the pictures that were rendered since the last refresh."""
        self.second.show_rendered()
        alone = None if self.stage.shows_wall else self.snapshot_of(self._chosen)
        self.stage.show_rendered(alone, now_s)

    def show_status(self, status: StatusLine, now_utc: datetime) -> None:
        """Show the bottom line, the time of day, and whether there is sound."""
        set_kind(self.state, "warning" if status.is_trouble else "muted")
        set_text(self.state, status.text)
        self.header.show_time(now_utc)
        self.header.show_sound(self._bell.description, is_audible=self._bell.is_audible)

    def collect(self) -> None:
        """Hand over what background tasks have brought."""
        self.background.collect()

    def show_names(self) -> None:
        """Select a camera that there is, and offer the wall where there are several."""
        has_many = len(self.names) > 1
        if self.names and self._chosen not in self.names:
            others = [one for one in self.names if camera_of(one) == camera_of(self._chosen)]
            self.choose_camera((*others, *self.names)[0])
            if not others:  # the camera itself is gone, not only a class that it counted
                self.header.wall_button.setChecked(has_many)
        self.header.show_wall_button(has_many)
        self.strip.set_many_cameras(has_many)
        if not has_many:
            self.header.wall_button.setChecked(False)

    def show_model_note(self, note: str) -> None:
        """Say what the model that counts was trained on; empty: as before."""
        if note and note != self.settings.model_note:
            self.settings = replace(self.settings, model_note=note)
            self.readout.show_note(note)

    def tell(self, sentence: str) -> None:
        """Say something in the bottom line until there is something else to say."""
        self.refresh_loop.tell(sentence)
        set_text(self.state, sentence)

    def report_fault(self, sentence: str) -> None:
        """Say in the bottom line that a part of the window has failed."""
        self._fault = sentence
        self._fault_until_s = self.clock.monotonic_s() + _FAULT_SHOWN_S
        set_kind(self.state, "warning")
        set_text(self.state, self.trouble)

    # Alarms

    @command("Acknowledge the alarm in the strip", "A", "Space", group=ALARMS)
    def acknowledge(self) -> None:
        """Acknowledge the alarm that the strip shows."""
        self.strip.acknowledge()

    def rules_of(self, name: str) -> tuple[Rule, ...]:
        """Give the rules of a camera; none where there is no such camera."""
        return () if (one := self.snapshot_of(name)) is None else one.rules

    def open_rules(self) -> None:
        """Edit the rules of the selected camera."""
        if (snapshot := self.snapshot_of(self._chosen)) is not None:
            self.limits.finish()
            self.rule_desk.open(snapshot, self.theme, self)

    def open_load(self) -> None:
        """Show how much the alarms ask of people."""
        self.load_desk.open(self.theme, self)

    def open_area_rules(self, area: AreaSnapshot) -> None:
        """Edit the rules of an area that several cameras see."""
        self.rule_desk.open(area, self.theme, self)

    # Cameras

    def snapshot_of(self, name: str) -> CameraSnapshot | None:
        """Give a camera as it is now; None: there is none of that name."""
        return self._engine.snapshot(name)

    def choose_camera(self, name: str) -> None:
        """Select another camera."""
        self._chosen = name
        self.zone_desk.end()
        self.ground_desk.end()
        self.stage.choose(name)
        self.charting.choose(name, self.refresh_loop.sessions[name])
        self.limits.choose(name, self.rules_of(name))
        self.prompt_desk.choose(name)
        self.refresh_loop.plot_soon()

    def open_camera(self, name: str) -> None:
        """Show one camera alone."""
        self.choose_camera(name)
        self.header.wall_button.setChecked(False)
        self.stage.picture.setFocus()

    @command("Show all cameras or one", "G", group=CAMERAS)
    def switch_wall(self) -> None:
        """Show all cameras, or the selected one."""
        if len(self.names) > 1:
            self.header.wall_button.toggle()

    @command("Back to all cameras", "Esc", group=CAMERAS)
    def back_to_wall(self) -> None:
        """Show all cameras; of one camera alone, leave the full screen."""
        if len(self.names) > 1:
            self.header.wall_button.setChecked(True)
        elif self.isFullScreen():
            self.showNormal()

    @command("Next camera", "PgDown", "N", group=CAMERAS)
    def next_camera(self) -> None:
        """Select the next camera; after the last comes the first."""
        self._step_camera(1)

    @command("Previous camera", "PgUp", "P", group=CAMERAS)
    def previous_camera(self) -> None:
        """Select the camera before; before the first comes the last."""
        self._step_camera(-1)

    def _step_camera(self, step: int) -> None:
        names = self.names
        if names:
            self.choose_camera(names[(names.index(self._chosen) + step) % len(names)])

    def _numbered_cameras(self) -> list[Command]:
        group = QCoreApplication.translate("Commands", "Cameras")
        first = QCoreApplication.translate("Commands", "Open camera 1; keys 2 to 9 open the others")
        other = QCoreApplication.translate("Commands", "Open camera {number}")
        found = []
        for number in range(1, _NUMBERED + 1):
            is_first = number == 1
            name = first if is_first else other.format(number=number)
            run = partial(self._open_numbered, number - 1)
            key = str(number)
            found.append(Command(name, (key,), run, group, in_menu=False, on_sheet=is_first))
        return found

    def _open_numbered(self, index: int) -> None:
        if index < len(self.names):
            self.open_camera(self.names[index])

    # Picture

    @command("Freeze or resume the picture", "F", group=PICTURE)
    def toggle_freeze(self) -> None:
        """Hold the counted picture still, or let it go on."""
        self.stage.controls.freeze.toggle()

    def _freeze(self, is_wanted: bool) -> None:
        snapshot = self.snapshot_of(self._chosen) if is_wanted else None
        if snapshot is None or snapshot.counted_frame is None or snapshot.reading is None:
            self.stage.freeze(None)
            self.stage.controls.freeze.setChecked(False)
            return
        banner = self.tr("FROZEN at {time}, {count} {things}: press F to resume").format(
            time=clock_text(snapshot.reading.at_utc),
            count=round(snapshot.reading.count),
            things=snapshot.counts,
        )
        self.stage.freeze(snapshot, banner=banner)

    @command("Save picture …", "S", group=PICTURE)
    def save_picture(self) -> None:
        """Save the counted picture of the selected camera."""
        snapshot = self.stage.frozen or self.snapshot_of(self._chosen)
        if snapshot is not None:
            self.saving.save_picture(snapshot, self.stage.saved_picture(snapshot))

    @command("Zoom in", "+", "=", group=PICTURE)
    def zoom_in(self) -> None:
        """Show less of the picture, larger."""
        self.stage.look_at(self.stage.picture.view.zoomed(STEP_ZOOM))

    @command("Zoom out", "-", group=PICTURE)
    def zoom_out(self) -> None:
        """Show more of the picture, smaller."""
        self.stage.look_at(self.stage.picture.view.zoomed(1 / STEP_ZOOM))

    @command("Show the whole picture", "0", group=PICTURE)
    def show_whole_picture(self) -> None:
        """Show all of the picture."""
        self.stage.look_at(WHOLE)

    @command("Fade the heat map", "[", group=PICTURE)
    def fade_heat_map(self) -> None:
        """Make the heat map more transparent."""
        self._change_opacity(-_OPACITY_STEP)

    @command("Strengthen the heat map", "]", group=PICTURE)
    def strengthen_heat_map(self) -> None:
        """Make the heat map less transparent."""
        self._change_opacity(_OPACITY_STEP)

    def _change_opacity(self, percent: int) -> None:
        slider = self.stage.controls.opacity
        slider.setValue(slider.value() + percent)

    def draw_zones(self) -> None:
        """Edit the zones of the selected camera."""
        if (snapshot := self.snapshot_of(self._chosen)) is not None:
            self.open_camera(snapshot.name)
            self.zone_desk.begin(snapshot.name, snapshot.zones)

    def mark_ground(self) -> None:
        """Mark the ground before the selected camera."""
        if (snapshot := self.snapshot_of(self._chosen)) is not None:
            self.open_camera(snapshot.name)
            self.ground_desk.begin(snapshot)

    # Count over time

    @command("Show a shorter time", ",", group=PLOT)
    def shorten_span(self) -> None:
        """Plot the next shorter time."""
        self._change_span(-1)

    @command("Show a longer time", ".", group=PLOT)
    def lengthen_span(self) -> None:
        """Plot the next longer time."""
        self._change_span(1)

    def _change_span(self, step: int) -> None:
        span = self.plot.span
        place = SPANS.index(span) if span in SPANS else len(SPANS)
        self.plot.show_span(SPANS[min(max(0, place + step), len(SPANS) - 1)])

    @command("Choose the time range …", "T", group=PLOT)
    def ask_span(self) -> None:
        """Ask for a time range, and plot it."""
        dialog = CustomRange(*self.plot.span.bounds(self.clock.utc()), self)
        if dialog.exec():
            self.plot.show_span(dialog.span())
        else:
            self.plot.show_span(self.plot.span)  # the box goes back to what is shown

    @command("Export counts …", "E", group=PLOT)
    def export_counts(self) -> None:
        """Save what the plot shows."""
        self.saving.export_plot(self._chosen, self.charting)

    # Window

    @command("Menu", "F10", group=WINDOW, in_menu=False)
    def open_menu(self) -> None:
        """Open the menu."""
        self.header.menu_button.click()

    @command("Full screen", "F11", group=WINDOW)
    def switch_full_screen(self) -> None:
        """Fill the screen, or not."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    @command("Switch theme", "Ctrl+T", group=WINDOW)
    def switch_theme(self) -> None:
        """Change between dark and light."""
        self.theme = LIGHT if self.theme.name == DARK.name else DARK
        self._apply_theme()

    @command("Large text", "Ctrl+L", group=WINDOW)
    def switch_type(self) -> None:
        """Change between usual and large letters."""
        self._is_large_type = not self._is_large_type
        self._apply_theme()

    @property
    def _type_scale(self) -> float:
        return LARGE_TYPE if self._is_large_type else 1.0

    def _apply_theme(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, self.theme, type_scale=self._type_scale)
        for part in (self.strip, self.stage, self.plot, self.readout, self.side.alarm_panel):
            part.set_theme(self.theme)
        for desk in (self.second, self.rule_desk, self.load_desk):
            desk.set_theme(self.theme)
        self._fit_side()

    def _fit_side(self) -> None:
        """Give the words on the right their share of the window."""
        self.side.fit_to(self.width(), type_scale=self._type_scale)

    # Help

    @command("Keyboard shortcuts", "F1", "?", group=HELP)
    def show_keys(self) -> None:
        """Show what each key does."""
        page = Page(self.tr("Keyboard shortcuts"), self)
        page.browser.setHtml(keys_html(self.actions_table.commands))
        page.open()

    @command("Guide", "Shift+F1", group=HELP)
    def show_guide(self) -> None:
        """Show the operator's guide."""
        page = Page(self.tr("Guide"), self)
        page.show_markdown(guide_text())
        page.open()

    @command("About", group=HELP)
    def show_about(self) -> None:
        """Show version, model, and what the program is made of."""
        page = Page(self.tr("About"), self)
        page.show_markdown(about_text(self.settings.model_note, installed_libraries()))
        page.open()

    # Building

    def _build_parts(self) -> None:
        settings, theme = self.settings, self.theme
        self.setWindowTitle(settings.title)
        self.state = make_label("muted")
        self.state.setWordWrap(True)  # else a long sentence would widen the window
        self.header = Header(settings.title, settings.operator)
        self.strip = AlarmStrip(theme)
        self.stage = Stage(self.names, self._renderer, theme)
        self.second = SecondScreen(
            self, self._renderer, self.stage.heat_of, self._memory, self.open_camera
        )
        self.second.set_names(self.names)
        self.plot = CountPlot(theme)
        self._side = SidePanel(settings.model_note, theme)
        self.readout = self._side.readout
        self.limit_editor = self._side.limit_editor
        self.journal = self._side.journal
        self.charting = Charting(self.plot, self.background, self._store, self)
        self.site_desk = site = SetUpController(
            self._engine, settings.operator, errands=self.background, tell=self.tell, parent=self
        )
        self.limits = LimitLink(self.limit_editor, self.plot, site.change_rules, self)
        self.saving = Saving(self.background, self, self.tell)
        panel = self._side.alarm_panel
        self.alarm_desk = AlarmController(self._engine, settings.operator, panel, self.tell, self)
        self.evidence_desk = EvidenceController(panel, self.tell, self)
        self.load_desk = AlarmLoadController(
            self.background, self._store, self.saving, self.clock, self
        )
        self.rule_desk = RuleController(
            site.change_rules, self.background, self._store, self.clock, self
        )
        self.zone_desk = ZoneController(self.stage.picture, site.change_zones, self)
        self.stage.add_row(self.zone_desk.panel)
        hold = self.stage.controls.freeze.setChecked
        self.ground_desk = GroundController(
            self.stage.picture, site.change_ground, self.background, hold, lambda: site.file, self
        )
        self.stage.add_row(self.ground_desk.panel)
        self.prompt_desk = PromptController(
            self._engine, settings.operator, site.change_things,
            errands=self.background, memory=self._memory, parent=self,
        )  # fmt: skip
        self._side.add_panel("", self.prompt_desk.box)
        self.refresh_loop.every_second(self.prompt_desk.look)
        self.area_desk = AreaController(self._engine, site.change_areas, self.open_area_rules, self)
        self.area_desk.live_in(self._side.add_panel(self.tr("Areas"), self.area_desk.lines))
        self.refresh_loop.every_second(self.area_desk.look)
        self.actions_table = Actions(self)

    def _arrange_parts(self) -> None:
        """Put the parts into their places: pictures over plot, words on the right."""
        middle = QSplitter(Qt.Orientation.Vertical)
        middle.setObjectName(_SPLITTER)
        middle.addWidget(self.stage)
        middle.addWidget(self.plot)
        middle.setStretchFactor(0, 1)
        middle.setStretchFactor(1, 1)
        middle.setSizes(list(_PICTURE_TO_PLOT))
        middle.setChildrenCollapsible(False)
        columns = QHBoxLayout()
        columns.setSpacing(8)
        columns.addWidget(middle, 1)
        columns.addWidget(self.side)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(8)
        layout.addWidget(self.header)
        layout.addWidget(self.strip)
        layout.addLayout(columns, 1)
        layout.addWidget(self.state)
        self.setCentralWidget(body)

    def _connect_parts(self) -> None:
        """Connect the signals of the parts to what is done on them."""
        header, stage, plot = self.header, self.stage, self.plot
        header.wall_toggled.connect(stage.show_wall)
        header.wall_toggled.connect(self.zone_desk.end)
        header.wall_toggled.connect(self.ground_desk.end)
        header.sound_test_wanted.connect(self._bell.try_out)
        self.strip.acknowledged.connect(self.alarm_desk.acknowledge)
        self.strip.camera_wanted.connect(self.open_camera)
        self.alarm_desk.changed.connect(self._on_alarms_changed)
        self.side.rules_button.clicked.connect(self.open_rules)
        self.side.alarm_panel.camera_wanted.connect(self._on_camera_wanted)
        stage.camera_chosen.connect(self.choose_camera)
        stage.camera_opened.connect(self.open_camera)
        stage.controls.freeze_toggled.connect(self._freeze)
        stage.controls.snapshot_wanted.connect(self.save_picture)
        plot.span_changed.connect(self._on_span_changed)
        plot.custom_wanted.connect(self.ask_span)
        plot.export_wanted.connect(self.export_counts)

    def _on_alarms_changed(self) -> None:
        self.refresh_loop.plot_soon()
        self.refresh()

    def _on_camera_wanted(self, name: str) -> None:
        if name in self.names:  # an area has no picture of its own
            self.open_camera(name)

    def _on_span_changed(self) -> None:
        self.charting.forget()
        self.refresh_loop.plot_soon()

    def _add_commands(self) -> None:
        """Put every command into the menu and on its keys; menus come in the order of groups."""
        self.actions_table.add(
            *self.alarm_desk.commands(),
            *self.evidence_desk.commands(),
            *self.load_desk.commands(self.open_load),
            *self.rule_desk.commands(self.open_rules),
            *commands_of(self),
            *self._numbered_cameras(),
            *self.zone_desk.commands(self.draw_zones),
            *self.ground_desk.commands(self.mark_ground),
            *self.area_desk.commands(),
            *self.prompt_desk.commands(),
            *self.second.commands(lambda: self.theme),
        )
        self.header.set_menu(self.actions_table.menu)

    def _save_place(self) -> None:
        """Remember where the window stood, on which screen, and how it was set."""
        memory = self._memory
        if memory is None:
            return
        memory.put_bytes(_GEOMETRY, self.saveGeometry())
        if (splitter := self.findChild(QSplitter, _SPLITTER)) is not None:
            memory.put_bytes(_SPLITTER, splitter.saveState())
        memory.put("theme", self.theme.name)
        memory.put("large_type", self._is_large_type)
        memory.put("columns", self.stage.wall.chosen_columns)
        memory.put("heat_strength", self.stage.controls.opacity.value())
        memory.put("heat_threshold", self.stage.controls.threshold.value())

    def _restore_place(self) -> None:
        """Put the window where it was; where its screen is gone, Qt puts it on one there is."""
        self.resize(*_SIZE_WH)
        memory = self._memory
        if memory is None:
            return
        if (geometry := memory.get_bytes(_GEOMETRY)) is not None:
            self.restoreGeometry(geometry)
        splitter = self.findChild(QSplitter, _SPLITTER)
        if splitter is not None and (state := memory.get_bytes(_SPLITTER)) is not None:
            splitter.restoreState(state)
        controls = self.stage.controls
        controls.set_columns(memory.get("columns", 0))
        controls.opacity.setValue(memory.get("heat_strength", controls.opacity.value()))
        controls.threshold.setValue(memory.get("heat_threshold", controls.threshold.value()))
