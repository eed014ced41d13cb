"""The alarm panel: lists of what stands, is shelved, cannot be judged, and what happened."""

from collections.abc import Mapping

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.ui.alarms.alarm_list import AlarmList
from monitor.ui.alarms.entries import AlarmEntry, AlarmLists
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_label, set_text

_NOTE_MOST = 200
_NOTE_LEAST_PX = 72
_PAGE_LEAST = 40
"""One alarm; a small screen with large letters must hold the window."""


class AlarmPanel(QWidget):
    """Every alarm of every camera and area that is not normal.

    Signals:
        acknowledged: Somebody knows of an alarm; carries its id and a note, which may be empty.
        shelve_wanted: An alarm is to be put aside; carries its id.
        unshelved: A shelved alarm is to come back; carries its id.
        camera_wanted: Somebody wants to see where an alarm is; carries the camera's name.
        evidence_wanted: Somebody wants to see what was kept of an alarm; carries its id.
    """

    acknowledged = pyqtSignal(str, str)
    shelve_wanted = pyqtSignal(str)
    unshelved = pyqtSignal(str)
    camera_wanted = pyqtSignal(str)
    evidence_wanted = pyqtSignal(str)

    def __init__(self, journal: QWidget, theme: Theme, parent: QWidget | None = None) -> None:
        """Build it.

        Args:
            journal: What happened, shown as the last tab.
            theme: Colours.
            parent: Owner.
        """
        super().__init__(parent)
        self.active = AlarmList(self.tr("Alarms"), theme)
        self.shelved = AlarmList(self.tr("Shelved alarms"), theme)
        self.suppressed = AlarmList(self.tr("Alarms that cannot be judged"), theme)
        self._lists = (self.active, self.shelved, self.suppressed)
        self.flood = make_label("warning")
        self.flood.setWordWrap(True)
        self.note = QLineEdit()
        self.acknowledge_button = QPushButton(self.tr("Acknowledge"))
        self.shelve_button = QPushButton(self.tr("Shelve …"))
        self.unshelve_button = QPushButton(self.tr("Bring back"))
        self.show_button = QPushButton(self.tr("Show"))
        self.evidence_button = QPushButton(self.tr("Evidence"))
        self._buttons = (
            self.acknowledge_button, self.unshelve_button, self.shelve_button, self.show_button,
            self.evidence_button,
        )  # fmt: skip
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._packs: Mapping[str, str] | None = None
        self.tabs = QTabWidget()
        self._journal = journal
        self._build()
        self._settle()

    @property
    def list_shown(self) -> AlarmList | None:
        """The list that is looked at; None: the journal is."""
        widget = self.tabs.currentWidget()
        return widget if isinstance(widget, AlarmList) else None

    @property
    def chosen(self) -> AlarmEntry | None:
        """The alarm that is marked in the list that is looked at."""
        shown = self.list_shown
        return None if shown is None else shown.chosen

    def show_lists(self, lists: AlarmLists, flood: str = "") -> None:
        """Show the alarms as they are now.

        Args:
            lists: All that are not normal.
            flood: That there are too many of them, in words; empty: there are not.
        """
        found = (lists.active, lists.shelved, lists.suppressed)
        names = (self.tr("Alarms"), self.tr("Shelved"), self.tr("Not judged"))
        for place, (one, entries) in enumerate(zip(self._lists, found, strict=True)):
            one.show_entries(entries)
            text = f"{names[place]} {len(entries)}" if entries else names[place]
            if self.tabs.tabText(place) != text:
                self.tabs.setTabText(place, text)
        set_text(self.flood, flood)
        self.flood.setVisible(bool(flood))
        self._settle()

    def focus_alarms(self) -> None:
        """Go to the alarms with the keyboard."""
        self.tabs.setCurrentWidget(self.active)
        self.active.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self.active.chosen is None and self.active.entries:
            self.active.mark(self.active.entries[0].alarm_id)

    def acknowledge(self) -> None:
        """Acknowledge the marked alarm, with the note that was typed."""
        chosen = self.chosen
        if chosen is not None and chosen.status.needs_acknowledgement:
            self.acknowledged.emit(chosen.alarm_id, self.note.text().strip())
            self.note.clear()

    def shelve(self) -> None:
        """Ask to put the marked alarm aside."""
        if self.chosen is not None:
            self.shelve_wanted.emit(self.chosen.alarm_id)

    def unshelve(self) -> None:
        """Bring the marked alarm back."""
        if self.chosen is not None and self.list_shown is self.shelved:
            self.unshelved.emit(self.chosen.alarm_id)

    def evidence(self) -> None:
        """Ask for what was kept of the marked alarm."""
        if self.chosen is not None and self._packs and self.chosen.alarm_id in self._packs:
            self.evidence_wanted.emit(self.chosen.alarm_id)

    def show_evidence(self, packs: Mapping[str, str]) -> None:
        """Offer what was kept of alarms.

        Args:
            packs: Names of the folders, by the ids of the alarms.
        """
        self._packs = dict(packs)
        self._settle()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        for one in self._lists:
            one.set_theme(theme)

    def _show_camera(self) -> None:
        if self.chosen is not None:
            self.camera_wanted.emit(self.chosen.place)

    def _build(self) -> None:
        for one in self._lists:
            self.tabs.addTab(one, "")
            one.acknowledge_wanted.connect(self.acknowledge)
            one.camera_wanted.connect(self._show_camera)
            one.marked.connect(self._on_marked)
        self.tabs.addTab(self._journal, self.tr("Journal"))
        for page in (*self._lists, self._journal):
            page.setMinimumHeight(_PAGE_LEAST)
        self.tabs.setDocumentMode(True)
        if (bar := self.tabs.tabBar()) is not None:
            bar.setDrawBase(False)  # the style draws it white on dark
        self.tabs.currentChanged.connect(lambda _index: self._settle())
        self.note.setObjectName("note")
        self.note.setMaxLength(_NOTE_MOST)
        self.note.setPlaceholderText(self.tr("Note"))
        self.note.setAccessibleName(self.tr("Note for the journal"))
        self.note.returnPressed.connect(self.acknowledge)
        self.acknowledge_button.setToolTip(
            self.tr("Say that you know of the marked alarm: key A, Space or Enter in the list")
        )
        self.shelve_button.setToolTip(
            self.tr("Put the marked alarm aside for a time, with a reason: key H")
        )
        self.show_button.setToolTip(self.tr("Look at the camera of the marked alarm"))
        buttons = QHBoxLayout()
        self._row.setSpacing(6)
        self._row.addWidget(self.note, 1)
        self._row.addLayout(buttons)
        for button, do in (
            (self.acknowledge_button, self.acknowledge),
            (self.unshelve_button, self.unshelve),
            (self.shelve_button, self.shelve),
            (self.show_button, self._show_camera),
            (self.evidence_button, self.evidence),
        ):
            button.clicked.connect(do)
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.flood)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(self._row)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the note above the buttons where they leave it no room."""
        super().resizeEvent(event)
        self._fit_row()

    def changeEvent(self, event: QEvent | None) -> None:
        """The same with larger or smaller letters."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fit_row()

    def _fit_row(self) -> None:
        buttons = [one for one in self._buttons if not one.isHidden()]
        wide = sum(one.sizeHint().width() + self._row.spacing() for one in buttons)
        fits = wide + _NOTE_LEAST_PX <= self.width()
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if way is not self._row.direction():
            self._row.setDirection(way)

    def _on_marked(self) -> None:
        self.note.clear()  # it was meant for another alarm
        self._settle()

    def _settle(self) -> None:
        """Offer what can be done with the marked alarm, and only that."""
        shown, chosen = self.list_shown, self.chosen
        pack = (self._packs or {}).get(chosen.alarm_id, "") if chosen is not None else ""
        self.evidence_button.setToolTip(
            self.tr("Open what was kept of the marked alarm: key V")
            if not pack
            else self.tr("Open {pack}: key V").format(pack=pack)
        )
        wants = chosen is not None and chosen.status.needs_acknowledgement
        for widget, is_there, is_possible in (
            (self.note, shown is self.active, wants),
            (self.acknowledge_button, shown is self.active, wants),
            (self.unshelve_button, shown is self.shelved, chosen is not None),
            (self.shelve_button, shown is not None, chosen is not None),
            (self.show_button, shown is not None, chosen is not None),
            (self.evidence_button, shown is not None and self._packs is not None, bool(pack)),
        ):
            widget.setVisible(is_there)
            widget.setEnabled(is_possible)
        self._fit_row()
