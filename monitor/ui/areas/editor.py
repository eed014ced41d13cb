"""All areas of a site in one dialog: which cameras and zones, and how they make the whole."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from monitor.core.area import Combine, Member
from monitor.core.zone import ZoneKind
from monitor.engine.area import AreaSnapshot
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.areas.draft import AreasDraft
from monitor.ui.areas.words import area_line, combine_words
from monitor.ui.widgets import make_label, set_text

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
            set_text(self._now, self.tr("An area joins what several cameras see"))
        elif not area.members:
            set_text(self._now, self.tr("Choose the cameras or zones that make it"))
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
        self.rules_button.setToolTip(self.tr("Limits on this area, and when they would have rung"))
        self._now.setWordWrap(True)
        self._fault.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self.tr("Name"), self.name)
        form.addRow(self.tr("Counted as"), self.combine)
        form.addRow(self.tr("Made of"), self.members)
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
