"""The editor of areas: which cameras and zones belong together, and how they are added up.

The draft holds what was changed so far and can undo it; every finished step is in effect at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from PyQt6.QtCore import QCoreApplication, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from monitor.core.reading import Quality
from monitor.core.series import PEOPLE, SEPARATOR, thing_of
from monitor.core.zone import Combine, Member, ZoneKind
from monitor.engine.area import AreaSnapshot
from monitor.engine.snapshot import CameraSnapshot
from monitor.settings import AreaSettings, MemberSettings
from monitor.ui.actions import Command
from monitor.ui.text import UNKNOWN, count_text, crowding_text, quality_word, short_interval_text
from monitor.ui.widgets import make_label, set_text

_UNDO_MOST = 200


@dataclass(frozen=True, slots=True)
class AreaParts:
    """One area; unlike one that is counted it may still be without a member."""

    name: str
    combine: Combine = Combine.SUM
    members: tuple[Member, ...] = ()
    kept: AreaSettings | None = None
    """What else is set of it, its rules above all; None: it is new."""

    def settings(self) -> AreaSettings:
        """Give the settings; raises a `ValueError` where it has no member."""
        if not self.members:
            raise ValueError(f"area {self.name} has no member")
        member = tuple(MemberSettings(camera=one.camera, zone=one.zone) for one in self.members)
        if self.kept is None:
            return AreaSettings(name=self.name, combine=self.combine, member=member)
        changes = {"name": self.name, "combine": self.combine, "member": member}
        return self.kept.model_copy(update=changes)


@dataclass(frozen=True, slots=True)
class _Step:
    areas: tuple[AreaParts, ...]
    chosen: int | None


class AreasDraft:
    """All areas of a site while they are changed."""

    def __init__(self, areas: Sequence[AreaSettings], cameras: Sequence[str]) -> None:
        """Begin with what holds.

        Args:
            areas: The areas.
            cameras: Names that an area cannot have.
        """
        parts = tuple(AreaParts(one.name, one.combine, one.to_area().members, one) for one in areas)
        self._cameras = tuple(cameras)
        self._now = _Step(parts, 0 if parts else None)
        self._past: list[_Step] = []

    @property
    def areas(self) -> tuple[AreaParts, ...]:
        """All areas, also those without a member yet."""
        return self._now.areas

    @property
    def chosen(self) -> int | None:
        """Which area is changed; None: none is."""
        return self._now.chosen

    @property
    def area(self) -> AreaParts | None:
        """The area that is changed."""
        return None if self.chosen is None else self.areas[self.chosen]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back."""
        return bool(self._past)

    def settings(self) -> tuple[AreaSettings, ...]:
        """Give all areas that can be counted: those with a member."""
        return tuple(one.settings() for one in self.areas if one.members)

    def choose(self, place: int) -> None:
        """Change another area; not a step by itself."""
        if 0 <= place < len(self.areas):
            self._now = replace(self._now, chosen=place)

    def add(self) -> None:
        """Add an area, still without members."""
        taken = {*self._cameras, *(one.name for one in self.areas)}
        number = next(n for n in range(1, len(taken) + 2) if f"area {n}" not in taken)
        self._take(_Step((*self.areas, AreaParts(f"area {number}")), len(self.areas)))

    def delete(self) -> None:
        """Take the chosen area away."""
        if self.chosen is not None:
            areas = tuple(one for place, one in enumerate(self.areas) if place != self.chosen)
            self._take(_Step(areas, 0 if areas else None))

    def rename(self, name: str) -> None:
        """Call the chosen area otherwise.

        Raises:
            ValueError: If the name is empty, or a camera or another area has it; one sentence.
        """
        if self.area is None or name == self.area.name:
            return
        others = {one.name for place, one in enumerate(self.areas) if place != self.chosen}
        if not name.strip() or "/" in name or SEPARATOR in name:
            raise ValueError(_tr("Enter a name without / and ·"))
        if name in others or name in self._cameras:
            raise ValueError(_tr("An area or camera named {name} already exists").format(name=name))
        self._change(replace(self.area, name=name))

    def set_combine(self, combine: Combine) -> None:
        """Say how the members of the chosen area make the whole."""
        if self.area is not None and combine is not self.area.combine:
            self._change(replace(self.area, combine=combine))

    def set_member(self, member: Member, *, is_in: bool) -> None:
        """Take a camera or zone into the chosen area, or out of it.

        A whole camera and one of its zones are not both in it: people would count twice.
        """
        if self.area is None or (member in self.area.members) is is_in:
            return
        left = tuple(one for one in self.area.members if not (is_in and _overlap(one, member)))
        members = (*left, member) if is_in else tuple(one for one in left if one != member)
        self._change(replace(self.area, members=members))

    def undo(self) -> None:
        """Go one step back."""
        if self._past:
            self._now = self._past.pop()

    def _change(self, area: AreaParts) -> None:
        areas = list(self.areas)
        areas[self.chosen or 0] = area
        self._take(replace(self._now, areas=tuple(areas)))

    def _take(self, step: _Step) -> None:
        self._past = [*self._past, self._now][-_UNDO_MOST:]
        self._now = step


def _overlap(one: Member, other: Member) -> bool:
    return one.camera == other.camera and (one.zone is None or other.zone is None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Areas", text)


def area_line(area: AreaSnapshot) -> str:
    """Say how many people are in an area.

    Args:
        area: The area now.

    Returns:
        For example `Square: 240 (200–280), 1.2 people/m², fullest 2.0, level D`; a dash where it
        cannot be counted, and the quality where it is not good.
    """
    reading = None if area.quality is Quality.LOST else area.reading
    words = f"{area.name}: {UNKNOWN if reading is None else count_text(reading.count)}"
    if reading is not None:
        bounds = short_interval_text(reading.low, reading.high)
        crowding = crowding_text(reading.crowding)
        words += (f" ({bounds})" if bounds else "") + (f", {crowding}" if crowding else "")
    return words if area.quality is Quality.GOOD else f"{words}, {quality_word(area.quality)}"


def areas_text(areas: Sequence[AreaSnapshot]) -> str:
    """Say it of all areas, one line each."""
    return "\n".join(map(area_line, areas))


def combine_words(combine: Combine) -> str:
    """Say how the members of an area make the whole, for whoever has to choose."""
    if combine is Combine.SUM:
        return _tr("sum: the cameras see different ground")
    return _tr("maximum: the cameras see the same ground")


_NAME_MOST = 60
_SIZE_WH = (620, 460)
_NAMES_LEAST_PX = 140
_MEMBER = Qt.ItemDataRole.UserRole


class AreaEditor(QDialog):
    """Every finished step is told at once; what cannot be is said and changes nothing.

    Signals:
        drafted: Areas differ.
        rules_wanted: The rules of an area are to be edited; carries its name.
    """

    drafted = pyqtSignal()
    rules_wanted = pyqtSignal(str)

    def __init__(
        self, draft: AreasDraft, cameras: Sequence[CameraSnapshot], parent: QWidget | None = None
    ) -> None:
        """Build it.

        Args:
            draft: What is changed.
            cameras: Those that can be in an area, with their zones.
            parent: Window over which it opens.
        """
        super().__init__(parent)
        self._draft = draft
        self._is_showing = False
        self.names = QListWidget()
        self.name = QLineEdit()
        self.name.setObjectName("note")
        self.name.setMaxLength(_NAME_MOST)
        self.combine = QComboBox()
        self.members = QTreeWidget()
        self.new_button = QPushButton(self.tr("New area"))
        self.delete_button = QPushButton(self.tr("Delete"))
        self.undo_button = QPushButton(self.tr("Undo"))
        self.rules_button = QPushButton(self.tr("Rules …"))
        self.close_button = QPushButton(self.tr("Close"))
        self._now = make_label("sentence")
        self._fault = make_label("warning")
        self._fill_members(cameras)
        self._build()
        self.show_draft()

    @property
    def words(self) -> str:
        """What is said of the chosen area now."""
        return self._now.text()

    @property
    def fault(self) -> str:
        """What was not possible; empty: all was."""
        return self._fault.text()

    def show_draft(self, fault: str = "") -> None:
        """Show the areas and the chosen one; nothing is told of it."""
        self._is_showing = True
        self.names.clear()
        self.names.addItems([one.name for one in self._draft.areas])
        self.names.setCurrentRow(-1 if self._draft.chosen is None else self._draft.chosen)
        area = self._draft.area
        for widget in (self.name, self.combine, self.members, self.delete_button):
            widget.setEnabled(area is not None)
        self.rules_button.setEnabled(area is not None and bool(area.members))
        self.undo_button.setEnabled(self._draft.can_undo)
        if area is not None:
            self.name.setText(area.name)
            self.combine.setCurrentIndex(self.combine.findData(area.combine))
        for item in self._items():
            is_in = area is not None and item.data(0, _MEMBER) in area.members
            item.setCheckState(0, Qt.CheckState.Checked if is_in else Qt.CheckState.Unchecked)
        set_text(self._fault, fault)
        self._fault.setVisible(bool(fault))
        self._is_showing = False

    def show_areas(self, areas: Sequence[AreaSnapshot]) -> None:
        """Say how many people are in the chosen area now."""
        area = self._draft.area
        if area is None:
            set_text(self._now, self.tr("An area combines what several cameras see"))
        elif not area.members:
            set_text(self._now, self.tr("Select the cameras or zones of this area"))
        else:
            shown = next((one for one in areas if one.name == area.name), None)
            set_text(self._now, "" if shown is None else area_line(shown))

    def _fill_members(self, cameras: Sequence[CameraSnapshot]) -> None:
        self.members.setHeaderHidden(True)
        for camera in cameras:
            whole = _item(camera.name, Member(camera.name))
            self.members.addTopLevelItem(whole)
            for zone in camera.zones:
                if zone.kind is ZoneKind.COUNT:
                    whole.addChild(_item(zone.name, Member(camera.name, zone.name)))
            whole.setExpanded(True)

    def _items(self) -> list[QTreeWidgetItem]:
        found: list[QTreeWidgetItem] = []
        for place in range(self.members.topLevelItemCount()):
            whole = self.members.topLevelItem(place)
            if whole is not None:
                parts = [whole.child(number) for number in range(whole.childCount())]
                found += [whole, *(one for one in parts if one is not None)]
        return found

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Areas"))
        self.resize(*_SIZE_WH)
        for combine in Combine:
            self.combine.addItem(combine_words(combine), combine)
        self.combine.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.names.setMinimumWidth(_NAMES_LEAST_PX)
        self.names.setAccessibleName(self.tr("Areas"))
        self.members.setAccessibleName(self.tr("Cameras and zones of the area"))
        self.rules_button.setToolTip(
            self.tr("Limits of this area, and when they would have raised an alarm")
        )
        self._now.setWordWrap(True)
        self._fault.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self.tr("Name"), self.name)
        form.addRow(self.tr("Combine as"), self.combine)
        form.addRow(self.tr("Members"), self.members)
        buttons = QHBoxLayout()
        for button in (self.new_button, self.delete_button, self.undo_button, self.rules_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        self.close_button.setAutoDefault(False)
        columns = QHBoxLayout()
        columns.addWidget(self.names, 1)
        columns.addLayout(form, 3)
        layout = QVBoxLayout(self)
        layout.addLayout(columns, 1)
        layout.addWidget(self._now)
        layout.addWidget(self._fault)
        layout.addLayout(buttons)
        self._connect()

    def _connect(self) -> None:
        self.names.currentRowChanged.connect(self._on_chosen)
        self.name.editingFinished.connect(self._on_named)
        self.combine.activated.connect(self._on_combined)
        self.members.itemChanged.connect(self._on_member)
        self.new_button.clicked.connect(self._on_new)
        self.delete_button.clicked.connect(self._on_delete)
        self.undo_button.clicked.connect(self._on_undo)
        self.rules_button.clicked.connect(self._on_rules)
        self.close_button.clicked.connect(self.close)

    def _on_chosen(self, row: int) -> None:
        if not self._is_showing:
            self._draft.choose(row)
            self._tell()

    def _on_named(self) -> None:
        if self._is_showing:
            return
        try:
            self._draft.rename(self.name.text().strip())
        except ValueError as error:
            self.show_draft(str(error))
            return
        self._tell()

    def _on_combined(self) -> None:
        self._draft.set_combine(self.combine.currentData())
        self._tell()

    def _on_member(self, item: QTreeWidgetItem) -> None:
        if not self._is_showing:
            is_in = item.checkState(0) is Qt.CheckState.Checked
            self._draft.set_member(item.data(0, _MEMBER), is_in=is_in)
            self._tell()

    def _on_new(self) -> None:
        self._draft.add()
        self._tell()
        self.name.setFocus()
        self.name.selectAll()

    def _on_delete(self) -> None:
        self._draft.delete()
        self._tell()

    def _on_undo(self) -> None:
        self._draft.undo()
        self._tell()

    def _on_rules(self) -> None:
        if self._draft.area is not None:
            self.rules_wanted.emit(self._draft.area.name)

    def _tell(self) -> None:
        self.show_draft()
        self.drafted.emit()


def _item(name: str, member: Member) -> QTreeWidgetItem:
    item = QTreeWidgetItem([name])
    item.setData(0, _MEMBER, member)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    return item


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


class AreaController(QObject):
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
        self.lines.setAccessibleName(self.tr("Area counts"))

    @property
    def editor(self) -> AreaEditor | None:
        """The editor that is open; None: none is."""
        return self._editor

    def commands(self) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Cameras")
        name = QCoreApplication.translate("Commands", "Edit areas …")
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
