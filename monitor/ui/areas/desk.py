"""Between the areas of a running engine, their line in the window, and their editor."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtWidgets import QLabel, QWidget

from monitor.core.series import PEOPLE, thing_of
from monitor.engine.area import AreaSnapshot
from monitor.engine.snapshot import CameraSnapshot
from monitor.settings import AreaSettings
from monitor.ui.actions import Command
from monitor.ui.areas.draft import AreasDraft
from monitor.ui.areas.editor import AreaEditor
from monitor.ui.areas.words import areas_text
from monitor.ui.widgets import make_label, set_text

AreasChanger = Callable[[Sequence[AreaSettings]], None]
"""Called with all areas as they are to be."""


class AreaKeeper(Protocol):
    """What the desk needs of the engine."""

    def areas(self) -> tuple[AreaSnapshot, ...]:
        """Show every area as it is now."""
        ...

    def area_settings(self) -> tuple[AreaSettings, ...]:
        """Give what each area is made of."""
        ...

    def snapshots(self) -> tuple[CameraSnapshot, ...]:
        """Show every camera as it is now."""
        ...


class AreaDesk(QObject):
    """Lives on the GUI thread."""

    def __init__(
        self,
        keeper: AreaKeeper,
        change: AreasChanger,
        open_rules: Callable[[AreaSnapshot], None],
        parent: QWidget,
    ) -> None:
        """Prepare.

        Args:
            keeper: The engine.
            change: Has other areas watched.
            open_rules: Edits the rules of an area.
            parent: Window over which the editor opens.
        """
        super().__init__(parent)
        self._keeper = keeper
        self._change = change
        self._open_rules = open_rules
        self._window = parent
        self._draft = AreasDraft((), ())
        self._told: tuple[AreaSettings, ...] = ()
        self._editor: AreaEditor | None = None
        self._panel: QWidget | None = None
        self.lines: QLabel = make_label()
        self.lines.setWordWrap(True)
        self.lines.setAccessibleName(self.tr("Counts of the areas"))

    @property
    def editor(self) -> AreaEditor | None:
        """The editor that is open; None: none is."""
        return self._editor

    def commands(self) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Cameras")
        name = QCoreApplication.translate("Commands", "Areas that several cameras see …")
        return [Command(name, ("J",), self.open, group)]

    def live_in(self, panel: QWidget) -> None:
        """Take note of the panel with the lines, which is hidden while there is no area."""
        self._panel = panel
        self.look()

    def look(self) -> None:
        """Show the counts of the areas; to be called now and then."""
        areas = self._keeper.areas()
        set_text(self.lines, areas_text(areas))
        if self._panel is not None and self._panel.isHidden() is bool(areas):
            self._panel.setVisible(bool(areas))
        if self._editor is not None:
            self._editor.show_areas(areas)

    def open(self) -> None:
        """Edit the areas; an editor that is open comes to the front."""
        if self._editor is not None:
            self._editor.raise_()
            return
        cameras = [one for one in self._keeper.snapshots() if thing_of(one.name) == PEOPLE]
        self._told = self._keeper.area_settings()
        self._draft = AreasDraft(self._told, [one.name for one in cameras])
        editor = AreaEditor(self._draft, cameras, self._window)
        self._editor = editor
        editor.drafted.connect(self._on_drafted)
        editor.rules_wanted.connect(self._on_rules_wanted)
        editor.finished.connect(partial(self._on_gone, editor))
        editor.show()
        self.look()

    def _on_drafted(self) -> None:
        """Have the areas watched as they are now, where they differ from what was told last."""
        wanted = self._draft.settings()
        if wanted != self._told:
            self._told = wanted
            self._change(self._with_rules_of_now(wanted))
        self.look()

    def _with_rules_of_now(self, wanted: Sequence[AreaSettings]) -> tuple[AreaSettings, ...]:
        """Keep rules that were changed since the editor was opened."""
        rules = {one.name: one.rule for one in self._keeper.area_settings()}
        return tuple(
            one.model_copy(update={"rule": rules[one.name]}) if one.name in rules else one
            for one in wanted
        )

    def _on_rules_wanted(self, name: str) -> None:
        found = next((one for one in self._keeper.areas() if one.name == name), None)
        if found is not None:
            self._open_rules(found)

    def _on_gone(self, editor: AreaEditor, *_: object) -> None:
        if self._editor is editor:
            self._editor = None
        editor.deleteLater()
