"""The rule editor: the rules of one camera or area, replayed on the last day, then applied.

Nothing reaches the engine before *Apply*.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PyQt6.QtCore import QCoreApplication, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor.core.clock import Clock
from monitor.core.rule import Level, Measure, Priority, Rule
from monitor.core.series import PEOPLE, thing_of, unit_for
from monitor.engine.area import AreaSnapshot
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.actions import Command
from monitor.ui.alarms.entries import priority_words
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.charting import PastReadings
from monitor.ui.editors.rule_replay import (
    Timeline,
    Trial,
    can_be_tried,
    ringing_words,
    trial_words,
    try_out,
)
from monitor.ui.language import later, written
from monitor.ui.limit_editor import RulesChanger
from monitor.ui.text import level_word, measure_word
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_label, set_kind, set_text

_LIMIT_MOST = 1_000_000.0
_DELAY_MOST_S = 3600.0
_AUTOMATIC = -1.0
"""Stands for a dead band of 10 % of the limit."""
_WHOLE = later("RuleForm", "whole picture")
_TENTHS = frozenset({Measure.DENSITY, Measure.PEAK_DENSITY})


class RuleForm(QWidget):
    """What can be set of a rule.

    Signals:
        edited: A person changed something.
    """

    edited = pyqtSignal()

    def __init__(
        self, zones: Sequence[str], things: str = PEOPLE, parent: QWidget | None = None
    ) -> None:
        """Build it.

        Args:
            zones: Names of the zones that can be watched.
            things: What is counted, in the plural.
            parent: Owner.
        """
        super().__init__(parent)
        self._things = things
        self._rule = Rule(1.0)
        self._is_showing = False
        self.name = QLineEdit()
        self.name.setObjectName("note")
        self.measure = _box(
            [(measure_word(one), one) for one in Measure if one is not Measure.STREAM]
        )
        self.zone = _box([(self.tr(_WHOLE), None), *((one, one) for one in zones)])
        self.level = _box([(level_word(one), one) for one in Level])
        self.priority = _box([(priority_words(one), one) for one in Priority])
        self.limit = _number(-_LIMIT_MOST, _LIMIT_MOST)
        self.dead_band = _number(_AUTOMATIC, _LIMIT_MOST)
        self.dead_band.setSpecialValueText(self.tr("10 % of the limit"))
        self.on_delay = _number(0.0, _DELAY_MOST_S, suffix=" s")
        self.off_delay = _number(0.0, _DELAY_MOST_S, suffix=" s")
        self.is_latching = QCheckBox(self.tr("stays until acknowledged, even after it clears"))
        self._build()

    def show_rule(self, rule: Rule) -> None:
        """Show a rule; nothing is told of it."""
        self._rule = rule
        self._is_showing = True
        self.name.setText(rule.name)
        if rule.zone is not None and self.zone.findData(rule.zone) < 0:
            self.zone.addItem(rule.zone, rule.zone)  # a rule may name a zone that is gone
        for box, value in (
            (self.measure, rule.measure),
            (self.zone, rule.zone),
            (self.level, rule.level),
            (self.priority, rule.priority),
        ):
            box.setCurrentIndex(box.findData(value))
        self._fit_unit()
        self.limit.setValue(rule.limit)
        self.dead_band.setValue(_AUTOMATIC if rule.dead_band is None else rule.dead_band)
        self.on_delay.setValue(rule.on_delay_s)
        self.off_delay.setValue(rule.off_delay_s)
        self.is_latching.setChecked(rule.is_latching)
        self._is_showing = False

    def rule(self) -> Rule:
        """Give what is set.

        Returns:
            The rule; what the form does not show stays as it was.

        Raises:
            ValueError: If it is not possible, in one sentence.
        """
        band = self.dead_band.value()
        return replace(
            self._rule,
            name=self.name.text().strip(),
            measure=self.measure.currentData(),
            zone=self.zone.currentData(),
            level=self.level.currentData(),
            priority=self.priority.currentData(),
            limit=self.limit.value(),
            dead_band=None if band < 0 else band,
            on_delay_s=self.on_delay.value(),
            off_delay_s=self.off_delay.value(),
            is_latching=self.is_latching.isChecked(),
        )

    def _build(self) -> None:
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for words, widget in (
            (self.tr("Name"), self.name),
            (self.tr("Measure"), self.measure),
            (self.tr("In"), self.zone),
            (self.tr("Level"), self.level),
            (self.tr("Limit"), self.limit),
            (self.tr("Dead band"), self.dead_band),
            (self.tr("On-delay"), self.on_delay),
            (self.tr("Off-delay"), self.off_delay),
            (self.tr("Priority"), self.priority),
            (self.tr("Latching"), self.is_latching),
        ):
            widget.setAccessibleName(words)
            layout.addRow(QLabel(words), widget)
        self.dead_band.setToolTip(
            self.tr("How far the value must return past the limit before the alarm clears")
        )
        self.name.textEdited.connect(self._on_edited)
        self.is_latching.toggled.connect(self._on_edited)
        for number in (self.limit, self.dead_band, self.on_delay, self.off_delay):
            number.valueChanged.connect(self._on_edited)
        for box in (self.measure, self.zone, self.level, self.priority):
            box.currentIndexChanged.connect(self._on_edited)

    def _on_edited(self) -> None:
        if not self._is_showing:
            self._fit_unit()
            self.edited.emit()

    def _fit_unit(self) -> None:
        measure = self.measure.currentData()
        for number in (self.limit, self.dead_band):
            number.setSuffix(f" {unit_for(measure.unit, self._things)}")
            number.setDecimals(1 if measure in _TENTHS else 0)


def _box(items: Sequence[tuple[str, object]]) -> QComboBox:
    box = QComboBox()
    for words, value in items:
        box.addItem(words, value)
    return box


def _number(least: float, most: float, *, suffix: str = "") -> QDoubleSpinBox:
    number = QDoubleSpinBox()
    number.setDecimals(0)
    number.setRange(least, most)
    number.setSuffix(suffix)
    return number


_SETTLE_MS = 300  # while somebody types, the history is left alone
_NEW_LIMIT = 100.0
_LISTED_MOST = 200
_SIZE_WH = (820, 560)


class RuleEditor(QDialog):
    """Nothing reaches the engine before *Apply*.

    Signals:
        trial_wanted: Find out when a rule would have been active; carries the rule, and the one of
            that name that holds, or None.
        applied: All rules of the camera as they are to be from now on; carries a list.
    """

    trial_wanted = pyqtSignal(object, object)
    applied = pyqtSignal(object)

    def __init__(
        self,
        camera: str,
        rules: Sequence[Rule],
        zones: Sequence[str],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        """Build it.

        Args:
            camera: Name of the camera.
            rules: What it is watched for now.
            zones: Names of its zones.
            theme: Colours.
            parent: Window over which it opens.
        """
        super().__init__(parent)
        self.camera = camera
        self._present = {one.name: one for one in rules}
        self._rules = list(rules)
        self.names = QListWidget()
        self.form = RuleForm(zones, thing_of(camera))
        self.timeline = Timeline(theme)
        self.words = make_label("sentence")
        self.fault = make_label("warning")
        self.ringings = QListWidget()
        self.add_button = QPushButton(self.tr("Add"))
        self.remove_button = QPushButton(self.tr("Remove"))
        self.apply_button = QPushButton(self.tr("Apply"))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.try_out)
        self._build()
        self._list_names(0)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules as they are set here."""
        return tuple(self._rules)

    def add(self) -> None:
        """Add a rule on the count of the whole picture."""
        names = {one.name for one in self._rules}
        number = next(n for n in range(1, len(names) + 2) if f"limit {n}" not in names)
        name = "limit" if "limit" not in names else f"limit {number}"
        self._rules.append(Rule(_NEW_LIMIT, name=name))
        self._list_names(len(self._rules) - 1)

    def remove(self) -> None:
        """Take the marked rule away; it holds on until *Apply*."""
        row = self.names.currentRow()
        if 0 <= row < len(self._rules):
            del self._rules[row]
            self._list_names(min(row, len(self._rules) - 1))
            self._judge()

    def apply(self) -> None:
        """Have the rules watched from now on."""
        if not self._fault():
            self.applied.emit(list(self._rules))

    def show_applied(self) -> None:
        """Take what was applied for what holds."""
        self._present = {one.name: one for one in self._rules}
        set_kind(self.fault, "muted")
        set_text(self.fault, self.tr("Applied: the rules are in effect."))
        self.try_out()

    def show_trial(self, rule: Rule, trial: Trial) -> None:
        """Show what a rule would have done, unless another one is looked at by now."""
        if rule != self._chosen:
            return
        self.timeline.show_trial(trial)
        set_text(self.words, trial_words(trial))
        self.ringings.clear()
        newest_first = list(reversed(trial.wanted.ringings))[:_LISTED_MOST]
        self.ringings.addItems([ringing_words(one, rule) for one in newest_first])

    def show_untried(self, why: str) -> None:
        """Say why it is not known when it would have been active."""
        self.timeline.show_trial(None)
        self.ringings.clear()
        set_text(self.words, why)

    @property
    def _chosen(self) -> Rule | None:
        row = self.names.currentRow()
        return self._rules[row] if 0 <= row < len(self._rules) else None

    def _on_edited(self) -> None:
        row = self.names.currentRow()
        try:
            self._rules[row] = self.form.rule()
        except ValueError as error:
            self._settle.stop()
            self._show_fault(str(error))
            return
        item = self.names.item(row)
        if item is not None:
            item.setText(_line(self._rules[row]))
        self._judge()
        self._settle.start()

    def _on_chosen(self, _row: int) -> None:
        chosen = self._chosen
        self.form.setEnabled(chosen is not None)
        self.remove_button.setEnabled(chosen is not None)
        if chosen is None:
            self.show_untried(self.tr("No rules yet. Only a lost stream raises an alarm."))
            return
        self.form.show_rule(chosen)
        self._judge()
        self.try_out()

    def try_out(self) -> None:
        """Ask when the marked rule would have been active."""
        chosen = self._chosen
        if chosen is None:
            return
        if not can_be_tried(chosen):
            self.show_untried(self.tr("The history does not record when streams were lost."))
            return
        present = self._present.get(chosen.name)
        self.trial_wanted.emit(chosen, present if present and can_be_tried(present) else None)

    def _judge(self) -> None:
        self._show_fault(self._fault())

    def _fault(self) -> str:
        """Say what hinders applying; empty: nothing does."""
        chosen = self._chosen
        if chosen is not None:
            try:
                if self.form.rule() != chosen:
                    return self.tr("The form is incomplete.")
            except ValueError as error:
                return str(error)
        names = [one.name for one in self._rules]
        twice = next((one for one in names if names.count(one) > 1), "")
        return self.tr("Two rules are named {name}.").format(name=twice) if twice else ""

    def _show_fault(self, fault: str) -> None:
        set_kind(self.fault, "warning")
        set_text(self.fault, fault)
        self.apply_button.setEnabled(not fault)

    def _list_names(self, row: int) -> None:
        self.names.blockSignals(True)
        self.names.clear()
        self.names.addItems([_line(one) for one in self._rules])
        self.names.setCurrentRow(row)
        self.names.blockSignals(False)
        self._on_chosen(row)

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Rules of {camera}").format(camera=self.camera))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE_WH)
        self.names.setAccessibleName(self.tr("Rules"))
        self.ringings.setAccessibleName(self.tr("Times at which it would have raised an alarm"))
        self.words.setWordWrap(True)
        self.fault.setWordWrap(True)
        self.names.currentRowChanged.connect(self._on_chosen)
        self.form.edited.connect(self._on_edited)
        for button, do in (
            (self.add_button, self.add),
            (self.remove_button, self.remove),
            (self.apply_button, self.apply),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(do)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.apply_button, QDialogButtonBox.ButtonRole.ApplyRole)
        buttons.rejected.connect(self.reject)
        for one in buttons.buttons():
            one.setIcon(QIcon())  # the style's own is black on dark
        row = QHBoxLayout()
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        left = QVBoxLayout()
        left.addWidget(self.names, 1)
        left.addLayout(row)
        grid = QGridLayout(self)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        grid.setRowStretch(4, 1)
        grid.addLayout(left, 0, 0)
        grid.addWidget(self.form, 0, 1)
        for place, widget in enumerate((self.fault, self.words, self.timeline, self.ringings), 1):
            grid.addWidget(widget, place, 0, 1, 2)
        grid.addWidget(buttons, 5, 0, 1, 2)


def _line(rule: Rule) -> str:
    zone = f" · {rule.zone}" if rule.zone else ""
    return f"{rule.name}{zone}: {measure_word(rule.measure)} {written(rule.limit, 'g')}"


class RuleController(QObject):
    """Opens the rule editor for the camera that is looked at; lives on the GUI thread."""

    def __init__(
        self,
        change: RulesChanger,
        errands: BackgroundTasks,
        store: PastReadings | None,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            change: Has a camera watched by other rules.
            errands: What reads the history off the GUI thread.
            store: The history; None: there is none.
            clock: Where time comes from.
            parent: Owner.
        """
        super().__init__(parent)
        self._change = change
        self._errands = errands
        self._store = store
        self._clock = clock
        self._editor: RuleEditor | None = None

    @property
    def editor(self) -> RuleEditor | None:
        """The editor that is open; None: none is."""
        return self._editor

    def commands(self, open_editor: Callable[[], None]) -> list[Command]:
        """Give what can be done with a key."""
        group = QCoreApplication.translate("Commands", "Alarms")
        name = QCoreApplication.translate("Commands", "Edit rules …")
        return [Command(name, ("R",), open_editor, group)]

    def open(self, snapshot: CameraSnapshot | AreaSnapshot, theme: Theme, window: QWidget) -> None:
        """Open the editor for a camera or area; one that is open for another is closed."""
        if self._editor is not None:
            self._editor.close()
        all_zones = snapshot.zones if isinstance(snapshot, CameraSnapshot) else ()
        zones = [one.name for one in all_zones if one.kind == "count"]
        editor = RuleEditor(snapshot.name, snapshot.rules, zones, theme, window)
        self._editor = editor
        editor.trial_wanted.connect(self._on_trial_wanted)
        editor.applied.connect(self._on_applied)
        editor.finished.connect(partial(self._on_gone, editor))
        editor.show()
        editor.try_out()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours in the editor that is open."""
        if self._editor is not None:
            self._editor.timeline.set_theme(theme)

    def _on_gone(self, editor: RuleEditor, *_: object) -> None:
        if self._editor is editor:
            self._editor = None

    def _on_applied(self, rules: Sequence[Rule]) -> None:
        editor = self._editor
        if editor is None:
            return
        try:
            self._change(editor.camera, rules)
        except (KeyError, ValueError) as error:  # the camera was taken away meanwhile
            editor.show_untried(str(error))
            return
        editor.show_applied()

    def _on_trial_wanted(self, wanted: Rule, present: Rule | None) -> None:
        editor = self._editor
        if editor is None:
            return
        if self._store is None:
            editor.show_untried(self.tr("There is no history, so the rule cannot be replayed."))
            return
        work = partial(try_out, self._store, editor.camera, wanted, present, self._clock.utc())
        self._errands.send(
            "rule trial",
            BackgroundTask(
                work, partial(self._on_tried, editor, wanted), partial(self._on_failed, editor)
            ),
        )

    def _on_tried(self, editor: RuleEditor, rule: Rule, found: object) -> None:
        if self._editor is editor and isinstance(found, Trial):
            editor.show_trial(rule, found)

    def _on_failed(self, editor: RuleEditor, message: str) -> None:
        if self._editor is editor:
            editor.show_untried(message)
