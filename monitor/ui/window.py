"""The window: its parts, and what can be done with them; `Rounds` has them show the engine."""

from dataclasses import replace

from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QMainWindow

from monitor.core.clock import Clock
from monitor.core.rule import Rule
from monitor.core.series import camera_of
from monitor.engine.area import AreaSnapshot
from monitor.engine.engine import Engine
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.history.history import History
from monitor.ui.actions import Actions
from monitor.ui.alarm_strip import AlarmStrip
from monitor.ui.alarms.desk import AlarmDesk
from monitor.ui.areas.desk import AreaDesk
from monitor.ui.bell import Bell
from monitor.ui.charting import Charting
from monitor.ui.commands import window_commands
from monitor.ui.darkroom import Darkroom
from monitor.ui.errands import Errands
from monitor.ui.evidence.desk import EvidenceDesk
from monitor.ui.frame_layout import fill_window, restore_place, save_place
from monitor.ui.ground.desk import GroundDesk
from monitor.ui.header import Header
from monitor.ui.labels import make_label
from monitor.ui.limit_link import LimitLink
from monitor.ui.load.desk import LoadDesk
from monitor.ui.looks import Looks
from monitor.ui.memory import WindowMemory
from monitor.ui.outside import Outside
from monitor.ui.plot import CountPlot
from monitor.ui.prompts.desk import PromptDesk
from monitor.ui.rounds import Rounds
from monitor.ui.rules.desk import RuleDesk
from monitor.ui.saving import Saving
from monitor.ui.second.desk import SecondScreen
from monitor.ui.setup.desk import SiteDesk
from monitor.ui.side import SidePanel
from monitor.ui.stage import Stage
from monitor.ui.window_settings import WindowSettings
from monitor.ui.wiring import connect_parts
from monitor.ui.zones.desk import ZoneDesk

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
        self._darkroom = Darkroom()
        self.errands = Errands()
        self.rounds = Rounds(self, engine, bell, clock, store)
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
