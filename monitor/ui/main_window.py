"""The main window: its parts, its commands, and how they are connected."""

from dataclasses import dataclass, replace
from functools import partial

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from monitor.core.clock import Clock
from monitor.core.rule import Rule
from monitor.core.series import camera_of
from monitor.engine.area import AreaSnapshot
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.history.history import History
from monitor.ui.actions import Actions, Command
from monitor.ui.alarm_strip import AlarmStrip
from monitor.ui.alarms.desk import AlarmDesk
from monitor.ui.areas.desk import AreaDesk
from monitor.ui.background import BackgroundTasks
from monitor.ui.bell import Bell
from monitor.ui.charting import Charting
from monitor.ui.evidence.desk import EvidenceDesk
from monitor.ui.ground.desk import GroundDesk
from monitor.ui.header import Header
from monitor.ui.help import Page, about_text, guide_text, installed_libraries, keys_html
from monitor.ui.limit_editor import LimitLink
from monitor.ui.load.desk import LoadDesk
from monitor.ui.memory import WindowMemory
from monitor.ui.outside import Outside
from monitor.ui.plot import CountPlot
from monitor.ui.prompts.desk import PromptDesk
from monitor.ui.refresh import RefreshLoop
from monitor.ui.render import RenderThread
from monitor.ui.rules.desk import RuleDesk
from monitor.ui.saving import Saving
from monitor.ui.second.desk import SecondScreen
from monitor.ui.setup.desk import SiteDesk
from monitor.ui.side import SidePanel
from monitor.ui.span import SPANS, CustomRange
from monitor.ui.stage import Stage
from monitor.ui.text import clock_text
from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, Theme, apply_theme
from monitor.ui.widgets import make_label
from monitor.ui.zones.desk import ZoneDesk
from monitor.ui.zoom import STEP_ZOOM, WHOLE


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


_STOP_TIMEOUT_S = 2.0


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
        self.looks = Looks(self, settings.theme, is_large_type=settings.is_large_type)
        self._bell = bell
        bell.setParent(self)
        self.clock = clock
        self._store = store
        self._memory = memory
        self._chosen = ""
        self._darkroom = RenderThread()
        self.errands = BackgroundTasks()
        self.rounds = RefreshLoop(self, engine, bell, clock, store)
        self._build_parts()
        fill_window(self, self.state)
        connect_parts(self, bell)
        self.actions_table.add(
            *self.alarm_desk.commands(),
            *self.evidence_desk.commands(),
            *self.load_desk.commands(self.open_load),
            *self.rule_desk.commands(self.open_rules),
            *window_commands(self),
            *self.zone_desk.commands(self.draw_zones),
            *self.ground_desk.commands(self.mark_ground),
            *self.area_desk.commands(),
            *self.prompt_desk.commands(),
            *self.second.commands(lambda: self.looks.theme),
        )
        self.header.set_menu(self.actions_table.menu)
        self.show_names()
        restore_place(self, memory)

    @property
    def chosen(self) -> str:
        """Name of the camera that is looked at; empty while there is none."""
        return self._chosen

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cameras, in the order of the site."""
        return self.rounds.names

    @property
    def state_text(self) -> str:
        """What is said in the bottom line."""
        return self.state.text()

    @property
    def is_drawing(self) -> bool:
        """Whether pictures are being drawn."""
        return self._darkroom.is_working

    def connect_outside(self, outside: Outside) -> None:
        """Connect the window to what is beside its engine; once, before `begin`."""
        if outside.keeper is not None:
            self.site_desk.keep(outside.keeper, outside.tools)
            self.actions_table.add(
                *self.site_desk.commands(self.zone_desk.undo, lambda: self._chosen)
            )
            self.rounds.do_now_and_then(self.site_desk.look)
        if outside.evidence_folder is not None:
            self.evidence_desk.keep_in(outside.evidence_folder)
        self.saving.privacy = outside.privacy
        self.rounds.ask_outputs(outside.outputs)
        self.rounds.do_now_and_then(lambda: self.show_model_note(outside.model_note()))

    def show_model_note(self, note: str) -> None:
        """Say what the model that counts was trained on; empty: as before."""
        if note and note != self.settings.model_note:
            self.settings = replace(self.settings, model_note=note)
            self.readout.show_note(note)

    def begin(self) -> None:
        """Start looking at the engine."""
        self._darkroom.start()
        self.errands.start()
        self.second.restore(self.looks.theme)
        self.rounds.begin()

    def look(self) -> None:
        """Show the engine as it is now."""
        self.rounds.look()

    def choose_camera(self, name: str) -> None:
        """Look at another camera."""
        self._chosen = name
        self.zone_desk.end()
        self.ground_desk.end()
        self.stage.choose(name)
        self.charting.choose(name, self.rounds.sessions[name])
        self.limits.choose(name, self.rules_of(name))
        self.prompt_desk.choose(name)
        self.rounds.plot_soon()

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
            self.rule_desk.open(snapshot, self.looks.theme, self)

    def open_load(self) -> None:
        """Show how much the alarms ask of people."""
        self.load_desk.open(self.looks.theme, self)

    def open_area_rules(self, area: AreaSnapshot) -> None:
        """Edit the rules of an area that several cameras see."""
        self.rule_desk.open(area, self.looks.theme, self)

    def draw_zones(self) -> None:
        """Edit the zones of the camera that is looked at."""
        if (snapshot := self.snapshot_of(self._chosen)) is not None:
            self.open_camera(snapshot.name)
            self.zone_desk.begin(snapshot.name, snapshot.zones)

    def mark_ground(self) -> None:
        """Mark the ground before the camera that is looked at."""
        if (snapshot := self.snapshot_of(self._chosen)) is not None:
            self.open_camera(snapshot.name)
            self.ground_desk.begin(snapshot)

    def acknowledge(self) -> None:
        """Acknowledge the alarm that the strip shows."""
        self.strip.acknowledge()

    def tell(self, sentence: str) -> None:
        """Say something in the bottom line until there is something else to say."""
        self.rounds.tell(sentence)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the words on the right their share."""
        self.looks.fit_side()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop looking, drawing and ringing."""
        self.rounds.end()
        self.limits.finish()
        save_place(self, self._memory)
        self.second.end()
        self._bell.close()
        self._darkroom.stop(_STOP_TIMEOUT_S)
        self.errands.stop(_STOP_TIMEOUT_S)
        super().closeEvent(event)

    def show_names(self) -> None:
        """Look at a camera that there is, and offer the wall where there are several."""
        has_many = len(self.names) > 1
        if self.names and self._chosen not in self.names:
            others = [one for one in self.names if camera_of(one) == camera_of(self._chosen)]
            self.choose_camera((*others, *self.names)[0])
            if not others:  # the camera itself is gone, not only a thing that it counted
                self.header.wall_button.setChecked(has_many)
        self.header.show_wall_button(has_many)
        self.strip.set_many_cameras(has_many)
        if not has_many:
            self.header.wall_button.setChecked(False)

    def rules_of(self, name: str) -> tuple[Rule, ...]:
        """Give the rules of a camera; none where there is no such camera."""
        return () if (one := self.snapshot_of(name)) is None else one.rules

    def acknowledge_alarm(self, alarm_id: str, note: str) -> None:
        """Acknowledge an alarm in the name of whoever sits here."""
        self._engine.acknowledge(alarm_id, self.settings.operator, note)
        self.look()

    def _build_parts(self) -> None:
        settings, theme = self.settings, self.looks.theme
        self.setWindowTitle(settings.title)
        self.state = make_label("muted")
        self.state.setWordWrap(True)  # else a long sentence would widen the window
        self.header = Header(settings.title, settings.operator)
        self.strip = AlarmStrip(theme)
        self.stage = Stage(self.names, self._darkroom, theme)
        self.second = SecondScreen(
            self, self._darkroom, self.stage.heat_of, self._memory, self.open_camera
        )
        self.second.set_names(self.names)
        self.plot = CountPlot(theme)
        self._side = SidePanel(settings.model_note, theme)
        self.readout = self._side.readout
        self.limit_editor = self._side.limit_editor
        self.journal = self._side.journal
        self.charting = Charting(self.plot, self.errands, self._store, self)
        self.site_desk = site = SiteDesk(
            self._engine, settings.operator, errands=self.errands, tell=self.tell, parent=self
        )
        self.limits = LimitLink(self.limit_editor, self.plot, site.change_rules, self)
        self.saving = Saving(self.errands, self, self.tell)
        panel = self._side.alarm_panel
        self.alarm_desk = AlarmDesk(self._engine, settings.operator, panel, self.tell, self)
        self.evidence_desk = EvidenceDesk(panel, self.tell, self)
        self.load_desk = LoadDesk(self.errands, self._store, self.saving, self.clock, self)
        self.rule_desk = RuleDesk(site.change_rules, self.errands, self._store, self.clock, self)
        self.zone_desk = ZoneDesk(self.stage.picture, site.change_zones, self)
        self.stage.add_row(self.zone_desk.panel)
        hold = self.stage.controls.freeze.setChecked
        self.ground_desk = GroundDesk(
            self.stage.picture, site.change_ground, self.errands, hold, lambda: site.file, self
        )
        self.stage.add_row(self.ground_desk.panel)
        self.prompt_desk = PromptDesk(
            self._engine, settings.operator, site.change_things,
            errands=self.errands, memory=self._memory, parent=self,
        )  # fmt: skip
        self._side.add_panel("", self.prompt_desk.box)
        self.rounds.do_now_and_then(self.prompt_desk.look)
        self.area_desk = AreaDesk(self._engine, site.change_areas, self.open_area_rules, self)
        self.area_desk.live_in(self._side.add_panel(self.tr("Areas"), self.area_desk.lines))
        self.rounds.do_now_and_then(self.area_desk.look)
        self.actions_table = Actions(self)

    @property
    def side(self) -> SidePanel:
        """The column of words, to which other parts add panels."""
        return self._side


def connect_parts(window: "MonitorWindow", bell: Bell) -> None:
    """Connect the parts of a window; once, when all of them are there.

    Args:
        window: The window.
        bell: What rings.
    """

    def on_alarms_changed() -> None:
        window.rounds.plot_soon()
        window.look()

    def on_camera_wanted(name: str) -> None:
        if name in window.names:  # an area has no picture of its own
            window.open_camera(name)

    def on_span_changed() -> None:
        window.charting.forget()
        window.rounds.plot_soon()

    header, stage, side = window.header, window.stage, window.side
    header.wall_toggled.connect(stage.show_wall)
    header.wall_toggled.connect(window.zone_desk.end)
    header.wall_toggled.connect(window.ground_desk.end)
    header.sound_test_wanted.connect(bell.try_out)
    window.strip.acknowledged.connect(window.acknowledge_alarm)
    window.strip.camera_wanted.connect(window.open_camera)
    window.alarm_desk.changed.connect(on_alarms_changed)
    side.rules_button.clicked.connect(window.open_rules)
    side.alarm_panel.camera_wanted.connect(on_camera_wanted)
    stage.camera_chosen.connect(window.choose_camera)
    stage.camera_opened.connect(window.open_camera)
    window.plot.span_changed.connect(on_span_changed)


_OPACITY_STEP = 10
_NUMBERED = 9


def window_commands(window: "MonitorWindow") -> list[Command]:
    """Give the commands of a window, in the order of its menu.

    Args:
        window: What they act on.

    Returns:
        Commands; their keys do not stand in the way of each other.
    """
    return [
        *_alarm_commands(window),
        *_camera_commands(window),
        *_picture_commands(window),
        *_plot_commands(window),
        *_window_commands(window),
        *_help_commands(window),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Commands", text)


def _alarm_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Alarms")
    return [
        Command(
            _tr("Acknowledge the alarm in the strip"), ("A", "Space"), window.acknowledge, group
        )
    ]


def _camera_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Cameras")
    commands = [
        Command(_tr("All cameras, or one"), ("G",), partial(_switch_wall, window), group),
        Command(_tr("Back to all cameras"), ("Esc",), partial(_back, window), group),
        Command(_tr("Next camera"), ("PgDown", "N"), partial(_step, window, 1), group),
        Command(_tr("Camera before"), ("PgUp", "P"), partial(_step, window, -1), group),
    ]
    for number in range(1, _NUMBERED + 1):
        is_first = number == 1
        others = _tr("Camera {number}").format(number=number)
        name = _tr("Camera 1 alone; 2 to 9 the others") if is_first else others
        run = partial(_open_numbered, window, number - 1)
        key = str(number)
        commands.append(Command(name, (key,), run, group, in_menu=False, on_sheet=is_first))
    return commands


def _picture_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Picture")
    look_at, picture = window.stage.look_at, window.stage.picture

    def zoom(factor: float) -> None:
        look_at(picture.view.zoomed(factor))

    window.stage.controls.freeze_toggled.connect(partial(_freeze, window))
    window.stage.controls.snapshot_wanted.connect(partial(_save_picture, window))
    freeze = window.stage.controls.freeze.toggle
    return [
        Command(_tr("Freeze, or go on"), ("F",), freeze, group),
        Command(_tr("Save the picture …"), ("S",), partial(_save_picture, window), group),
        Command(_tr("Come nearer"), ("+", "="), partial(zoom, STEP_ZOOM), group),
        Command(_tr("Go back"), ("-",), partial(zoom, 1 / STEP_ZOOM), group),
        Command(_tr("Whole picture"), ("0",), partial(look_at, WHOLE), group),
        Command(_tr("Weaker heat map"), ("[",), partial(_strengthen, window, -1), group),
        Command(_tr("Stronger heat map"), ("]",), partial(_strengthen, window, 1), group),
    ]


def _plot_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Count over time")
    window.plot.custom_wanted.connect(partial(_ask_span, window))
    window.plot.export_wanted.connect(partial(_export, window))
    return [
        Command(_tr("Shorter time"), (",",), partial(_change_span, window, -1), group),
        Command(_tr("Longer time"), (".",), partial(_change_span, window, 1), group),
        Command(_tr("Choose the time …"), ("T",), partial(_ask_span, window), group),
        Command(_tr("Export counts …"), ("E",), partial(_export, window), group),
    ]


def _window_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Window")
    return [
        Command(_tr("Menu"), ("F10",), window.header.menu_button.click, group, in_menu=False),
        Command(_tr("Full screen"), ("F11",), partial(_switch_full_screen, window), group),
        Command(_tr("Light or dark"), ("Ctrl+T",), window.looks.switch_theme, group),
        Command(_tr("Large type"), ("Ctrl+L",), window.looks.switch_type, group),
    ]


def _help_commands(window: "MonitorWindow") -> list[Command]:
    group = _tr("Help")
    return [
        Command(_tr("Keys"), ("F1", "?"), partial(_show_keys, window), group),
        Command(_tr("Guide"), ("Shift+F1",), partial(_show_guide, window), group),
        Command(_tr("About"), (), partial(_show_about, window), group),
    ]


def _switch_wall(window: "MonitorWindow") -> None:
    if len(window.names) > 1:
        window.header.wall_button.toggle()


def _back(window: "MonitorWindow") -> None:
    if len(window.names) > 1:
        window.header.wall_button.setChecked(True)
    elif window.isFullScreen():
        window.showNormal()


def _step(window: "MonitorWindow", step: int) -> None:
    names = window.names
    if names:
        place = names.index(window.chosen) + step
        window.choose_camera(names[place % len(names)])


def _open_numbered(window: "MonitorWindow", index: int) -> None:
    if index < len(window.names):
        window.open_camera(window.names[index])


def _freeze(window: "MonitorWindow", is_wanted: bool) -> None:
    snapshot = window.snapshot_of(window.chosen) if is_wanted else None
    if snapshot is None or snapshot.counted_frame is None or snapshot.reading is None:
        window.stage.freeze(None)
        window.stage.controls.freeze.setChecked(False)
        return
    banner = _tr("FROZEN at {time}, {count} {things}: press F to go on").format(
        time=clock_text(snapshot.reading.at_utc),
        count=round(snapshot.reading.count),
        things=snapshot.counts,
    )
    window.stage.freeze(snapshot, banner=banner)


def _save_picture(window: "MonitorWindow") -> None:
    snapshot = window.stage.frozen or window.snapshot_of(window.chosen)
    if snapshot is not None:
        window.saving.save_picture(snapshot, window.stage.snapshot_order(snapshot))


def _strengthen(window: "MonitorWindow", steps: int) -> None:
    slider = window.stage.controls.opacity
    slider.setValue(slider.value() + steps * _OPACITY_STEP)


def _change_span(window: "MonitorWindow", step: int) -> None:
    span = window.plot.span
    place = SPANS.index(span) if span in SPANS else len(SPANS)
    window.plot.show_span(SPANS[min(max(0, place + step), len(SPANS) - 1)])


def _ask_span(window: "MonitorWindow") -> None:
    dialog = CustomRange(*window.plot.span.bounds(window.clock.utc()), window)
    if dialog.exec():
        window.plot.show_span(dialog.span())
    else:
        window.plot.show_span(window.plot.span)  # the box goes back to what is shown


def _export(window: "MonitorWindow") -> None:
    window.saving.export_plot(window.chosen, window.charting)


def _switch_full_screen(window: "MonitorWindow") -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()


def _show_keys(window: "MonitorWindow") -> None:
    page = Page(_tr("Keys"), window)
    page.browser.setHtml(keys_html(window.actions_table.commands))
    page.open()


def _show_guide(window: "MonitorWindow") -> None:
    page = Page(_tr("Guide"), window)
    page.show_markdown(guide_text())
    page.open()


def _show_about(window: "MonitorWindow") -> None:
    page = Page(_tr("About"), window)
    note = window.settings.model_note
    page.show_markdown(about_text(note, installed_libraries()))
    page.open()


class Looks:
    """The colours and letters of one window; lives on the GUI thread."""

    def __init__(self, window: "MonitorWindow", theme: Theme, *, is_large_type: bool) -> None:
        self._window = window
        self.theme = theme
        self.is_large_type = is_large_type

    def switch_theme(self) -> None:
        """Change between dark and light."""
        self.theme = LIGHT if self.theme.name == DARK.name else DARK
        self._apply()

    def switch_type(self) -> None:
        """Change between usual and large letters."""
        self.is_large_type = not self.is_large_type
        self._apply()

    def fit_side(self) -> None:
        """Give the words on the right their share of the window."""
        self._window.side.fit_to(self._window.width(), type_scale=self._type_scale)

    @property
    def _type_scale(self) -> float:
        return LARGE_TYPE if self.is_large_type else 1.0

    def _apply(self) -> None:
        window, application = self._window, QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, self.theme, type_scale=self._type_scale)
        side = window.side
        for part in (window.strip, window.stage, window.plot, window.readout, side.alarm_panel):
            part.set_theme(self.theme)
        for desk in (window.second, window.rule_desk, window.load_desk):
            desk.set_theme(self.theme)
        self.fit_side()


_PICTURE_TO_PLOT = (800, 200)
_SIZE_WH = (1280, 800)
_GEOMETRY, _SPLITTER = "place", "picture_to_plot"


def fill_window(window: "MonitorWindow", state: QLabel) -> None:
    """Put the parts of a window into their places: pictures over plot, words on the right."""
    middle = QSplitter(Qt.Orientation.Vertical)
    middle.setObjectName(_SPLITTER)
    middle.addWidget(window.stage)
    middle.addWidget(window.plot)
    middle.setStretchFactor(0, 1)
    middle.setStretchFactor(1, 1)
    middle.setSizes(list(_PICTURE_TO_PLOT))
    middle.setChildrenCollapsible(False)
    columns = QHBoxLayout()
    columns.setSpacing(8)
    columns.addWidget(middle, 1)
    columns.addWidget(window.side)
    body = QWidget()
    layout = QVBoxLayout(body)
    layout.setContentsMargins(10, 8, 10, 6)
    layout.setSpacing(8)
    layout.addWidget(window.header)
    layout.addWidget(window.strip)
    layout.addLayout(columns, 1)
    layout.addWidget(state)
    window.setCentralWidget(body)


def save_place(window: "MonitorWindow", memory: WindowMemory | None) -> None:
    """Remember where a window stood, on which screen, and how it was set."""
    if memory is None:
        return
    memory.put_bytes(_GEOMETRY, window.saveGeometry())
    if (splitter := window.findChild(QSplitter, _SPLITTER)) is not None:
        memory.put_bytes(_SPLITTER, splitter.saveState())
    memory.put("theme", window.looks.theme.name)
    memory.put("large_type", window.looks.is_large_type)
    memory.put("columns", window.stage.wall.chosen_columns)
    memory.put("heat_strength", window.stage.controls.opacity.value())
    memory.put("heat_threshold", window.stage.controls.threshold.value())


def restore_place(window: "MonitorWindow", memory: WindowMemory | None) -> None:
    """Put a window where it was; where its screen is gone, Qt puts it on one that is there."""
    window.resize(*_SIZE_WH)
    if memory is None:
        return
    if (geometry := memory.get_bytes(_GEOMETRY)) is not None:
        window.restoreGeometry(geometry)
    splitter = window.findChild(QSplitter, _SPLITTER)
    if splitter is not None and (state := memory.get_bytes(_SPLITTER)) is not None:
        splitter.restoreState(state)
    controls = window.stage.controls
    controls.set_columns(memory.get("columns", 0))
    controls.opacity.setValue(memory.get("heat_strength", controls.opacity.value()))
    controls.threshold.setValue(memory.get("heat_threshold", controls.threshold.value()))
