"""The rules of one camera, to be changed, tried out on the last day, and applied."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor.core.rule import Rule
from monitor.core.series import thing_of
from monitor.ui.language import written
from monitor.ui.rules.rule_form import RuleForm
from monitor.ui.rules.timeline import Timeline
from monitor.ui.rules.trial import Trial, can_be_tried, ringing_words, trial_words
from monitor.ui.text import measure_word
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_label, set_kind, set_text

_SETTLE_MS = 300  # while somebody types, the history is left alone
_NEW_LIMIT = 100.0
_LISTED_MOST = 200
_SIZE_WH = (820, 560)


class RuleEditor(QDialog):
    """Nothing reaches the engine before *Apply*.

    Signals:
        trial_wanted: It is to be tried when a rule would have rung; carries the rule, and the one
            of that name that holds, or None.
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
        set_text(self.fault, self.tr("Applied: it is watched for from now on."))
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
        """Say why it is not known when it would have rung."""
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
            self.show_untried(self.tr("No rule: nothing rings but the loss of the stream."))
            return
        self.form.show_rule(chosen)
        self._judge()
        self.try_out()

    def try_out(self) -> None:
        """Ask when the marked rule would have rung."""
        chosen = self._chosen
        if chosen is None:
            return
        if not can_be_tried(chosen):
            self.show_untried(self.tr("The history does not keep when streams were lost."))
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
                    return self.tr("The form is not finished.")
            except ValueError as error:
                return str(error)
        names = [one.name for one in self._rules]
        twice = next((one for one in names if names.count(one) > 1), "")
        return self.tr("Two rules have the name {name}.").format(name=twice) if twice else ""

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
        self.ringings.setAccessibleName(self.tr("Times at which it would have rung"))
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
