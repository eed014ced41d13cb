"""Connects the window to the site: a change is in effect at once and is kept in the file."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QFileDialog, QWidget

from monitor.core.errors import MonitorError
from monitor.core.rule import Rule
from monitor.core.series import camera_of
from monitor.core.series import camera_of as series_camera
from monitor.core.zone import Zone
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.settings import AreaSettings, GroundSettings, SiteSettings
from monitor.settings.editing import with_areas, with_ground, with_rules, with_things, with_zones
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.language import translate
from monitor.ui.setup.cameras import CameraController
from monitor.ui.setup.site_archive import SiteArchiveController
from monitor.ui.setup.tools import SetUpTools, Surroundings

_SAVE, _LOOK = "save the site", "look at the site file"
"""Names of errands."""


class SetUpController(QObject):
    """Changes the site of a running engine; lives on the GUI thread.

    An editor need not know whether there is a site file.
    """

    def __init__(
        self,
        engine: Engine,
        operator: str,
        *,
        errands: BackgroundTasks,
        tell: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        """Prepare.

        Args:
            engine: What runs.
            operator: Who sits here; goes into the journal.
            errands: What writes and reads the file.
            tell: Called with one sentence on what came of it.
            parent: Window over which dialogs open.
        """
        super().__init__(parent)
        self._engine = engine
        self._session: SiteSession | None = None
        self._operator = operator
        self._errands = errands
        self._tell = tell
        self._window = parent
        self._fault = ""
        self._is_looking = False
        self._cameras: CameraController | None = None
        self._carrying: SiteArchiveController | None = None
        self.choose_file: Callable[[str], str] = self._ask_for_file

    def keep(self, session: SiteSession, tools: SetUpTools | None = None) -> None:
        """Have what is changed kept; before, it went to the engine alone.

        Args:
            session: Keeps the site.
            tools: What adding a camera needs; None: none can be added.
        """
        self._session = session
        if tools is None:
            return
        around = Surroundings(session, tools, self._errands.send, self._tell, self._window)
        self._cameras = CameraController(around, self._change_or_tell)
        self._carrying = SiteArchiveController(around)

    @property
    def site(self) -> SiteSettings:
        """The settings that hold now."""
        if self._session is not None:
            return self._session.site
        return SiteSettings(
            camera=self._engine.camera_settings(), area=self._engine.area_settings()
        )

    @property
    def file(self) -> Path | None:
        """The site file; None: there is none."""
        return None if self._session is None else self._session.file

    def place_of(self, camera: str) -> str:
        """Give where a camera hangs, in words; empty where nobody has said."""
        if self._session is None:
            return ""
        name = series_camera(camera)
        return next((one.place for one in self._session.site.camera if one.name == name), "")

    @property
    def trouble(self) -> str:
        """What is wrong with the site file, in one sentence; empty: nothing is."""
        if self._fault:
            return self._fault
        state = None if self._session is None else self._session.state
        if state is None or not state.mistakes:
            return ""
        more = len(state.mistakes) - 1
        also = self.tr(" (and {more} more)").format(more=more) if more else ""
        return self.tr(
            "The changed site file has an error and was not applied: {mistake}{also}"
        ).format(mistake=state.mistakes[0], also=also)

    @property
    def cameras(self) -> CameraController | None:
        """What adds, changes and takes away cameras; None: nothing is kept."""
        return self._cameras

    @property
    def carrying(self) -> SiteArchiveController | None:
        """What exports and imports; None: nothing is kept."""
        return self._carrying

    def commands(
        self, undo_in_editor: Callable[[], bool], chosen: Callable[[], str]
    ) -> list[Command]:
        """Give what can be done with a key.

        Args:
            undo_in_editor: Takes back the last step in an editor that is open; False: none is.
            chosen: Gives the name of the camera that is looked at.

        Returns:
            The commands.
        """
        group = _tr("Site")

        def undo() -> None:
            if not undo_in_editor():
                self.undo()

        cameras = [] if self._cameras is None else self._cameras.commands(chosen)
        return [
            *cameras,
            Command(_tr("Undo the last change"), ("Ctrl+Z",), undo, group),
            Command(_tr("Save the site"), ("Ctrl+S",), self.save, group),
            Command(_tr("Save the site as …"), ("Ctrl+Shift+S",), self.save_as, group),
            *([] if self._carrying is None else self._carrying.commands()),
        ]

    def change_rules(self, owner: str, rules: Sequence[Rule]) -> None:
        """Watch a camera or area by other rules; a `KeyError` says that there is none."""
        words = self.tr("rules of {name}").format(name=owner)
        camera = camera_of(owner)
        counts = [one.counts for one in self._engine.snapshots() if one.camera == camera]
        first = counts[0] if counts else ""
        self.change(with_rules(self.site, owner, rules, first), words)

    def change_zones(self, camera: str, zones: Sequence[Zone]) -> None:
        """Count in other zones; may raise `KeyError` and `ValueError`."""
        words = self.tr("zones of {name}").format(name=camera)
        self.change(with_zones(self.site, camera, zones), words, joins_last=True)

    def change_ground(self, camera: str, ground: GroundSettings | None) -> None:
        """Measure people per m² otherwise; may raise `KeyError` and `ValueError`."""
        words = self.tr("ground of {name}").format(name=camera)
        self.change(with_ground(self.site, camera, ground), words)

    def change_areas(self, areas: Sequence[AreaSettings]) -> None:
        """Watch other areas; what does not fit is told."""
        site = with_areas(self.site, areas)
        self._change_or_tell(site, self.tr("areas"), joins_last=True)

    def change_things(self, camera: str, things: Sequence[str], first: str) -> None:
        """Note what is counted before a camera; the engine was asked before, off this thread.

        Args:
            camera: Name of the camera.
            things: What is counted now; empty: what the model counts by itself.
            first: The first thing that was counted before, to which rules belong that name none.
        """
        words = self.tr("what {name} counts").format(name=camera)
        self.change(with_things(self.site, camera, things, first), words)

    def change(self, site: SiteSettings, words: str, *, joins_last: bool = False) -> None:
        """Have another site from now on, and write it into the file.

        Args:
            site: The settings, made of those that hold.
            words: What was changed.
            joins_last: Whether one step back takes this and the change before it back together.

        Raises:
            ValueError: If the settings do not fit together; all goes on as before.
            ModelError: If a camera is to count what the model cannot; all goes on as before.
        """
        session = self._session
        if session is None:  # nothing is kept: what is changed lasts until the end
            session = SiteSession(self._engine, self.site)
        session.change(site, self._operator, words, joins_last=joins_last)
        if self._session is not None:
            self._write(self.tr("Changed: {words}").format(words=words))

    def _change_or_tell(self, site: SiteSettings, words: str, *, joins_last: bool = False) -> None:
        try:
            self.change(site, words, joins_last=joins_last)
        except (MonitorError, ValueError) as error:
            self._tell(self.tr("Not changed: {why}").format(why=error))

    def undo(self) -> None:
        """Undo the last change, and write that into the file."""
        if self._session is None:
            return
        before = self._session.site.model
        words = self._session.undo(self._operator)
        if self._cameras is not None and self._session.site.model != before:
            self._cameras.count_with(self._session.site.model)
        if not words:
            self._tell(self.tr("Nothing to undo"))
            return
        self._write(self.tr("Undone: {words}").format(words=words))

    def save(self) -> None:
        """Write what could not be written before; ask where to, where there is no file."""
        if self._session is None:
            return
        if self._session.file is None:
            self.save_as()
        else:
            self._write(self.tr("Everything is saved"))

    def save_as(self) -> None:
        """Ask for a file, and keep the site there from now on."""
        if self._session is None:
            return
        chosen = self.choose_file(str(self._session.file or Path.home() / "site.toml"))
        if not chosen:
            return
        file = Path(chosen)
        file = file if file.suffix else file.with_suffix(".toml")
        work = partial(self._session.save_as, file)
        done = self.tr("Saved: {file}").format(file=file)
        self._errands.send(
            _SAVE, BackgroundTask(work, lambda _: self._on_saved(done), self._on_failed)
        )

    def look(self) -> None:
        """Take over what somebody else wrote into the file; to be called now and then."""
        if self._session is None or self._is_looking or self._session.file is None:
            return
        self._is_looking = True
        self._errands.send(
            _LOOK, BackgroundTask(self._session.look, self._on_looked, self._on_look_failed)
        )

    def _write(self, done: str) -> None:
        assert self._session is not None, "asked for by the caller"
        if self._session.file is None:
            self._tell(self.tr("{done}; not saved yet (Ctrl+S saves)").format(done=done))
            return
        self._errands.send(
            _SAVE,
            BackgroundTask(self._session.save, lambda _: self._on_saved(done), self._on_failed),
        )

    def _on_saved(self, done: str) -> None:
        self._fault = ""
        self._tell(done)

    def _on_failed(self, message: str) -> None:
        plain = "; ".join(line.strip() for line in message.splitlines())
        self._fault = self.tr("In effect, but not saved: {why}").format(why=plain)
        self._tell(self._fault)

    def _on_looked(self, found: object) -> None:
        self._is_looking = False
        if not found or self._session is None:
            return
        self._fault = ""
        state = self._session.state
        waits = ", ".join(state.waits_for_restart) if state is not None else ""
        self._tell(
            self.tr("The site file was reloaded; {tables} take effect after a restart").format(
                tables=waits
            )
            if waits
            else self.tr("The site file was reloaded")
        )

    def _on_look_failed(self, message: str) -> None:
        self._is_looking = False
        self._tell(message)

    def _ask_for_file(self, proposed: str) -> str:
        title = self.tr("Save the site as")
        kinds = self.tr("Site files (*.toml)")
        return QFileDialog.getSaveFileName(self._window, title, proposed, kinds)[0]


def _tr(text: str) -> str:
    return translate("Commands", text)
