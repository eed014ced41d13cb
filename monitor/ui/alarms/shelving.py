"""Where a person says for how long and why an alarm is put aside."""

from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QWidget

from monitor.alarms.rule_alarm import SHELVE_MAX_S
from monitor.ui.language import written
from monitor.ui.widgets import make_label

DURATIONS_S = (900.0, 3600.0, SHELVE_MAX_S)
"""A quarter of an hour for a look, an hour for a drill, a shift for works."""

_REASON_MOST = 200
_HOUR_S = 3600


class ShelveDialog(QDialog):
    """Time and reason; without a reason nothing is shelved."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        """Ask about one alarm.

        Args:
            heading: Which alarm, in words.
            parent: Window over which it opens.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Shelve an alarm"))
        self.duration = QComboBox()
        self.duration.setAccessibleName(self.tr("For how long"))
        for duration_s in DURATIONS_S:
            self.duration.addItem(self._words(duration_s), duration_s)
        self.reason = QLineEdit()
        self.reason.setObjectName("note")
        self.reason.setMaxLength(_REASON_MOST)
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("works at the gate, a drill …"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._shelve = self.buttons.addButton(
            self.tr("Shelve"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        for button in self.buttons.buttons():
            button.setIcon(QIcon())  # the style's own is black on dark
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.reason.textChanged.connect(self._on_typed)
        self._on_typed("")
        layout = QFormLayout(self)
        layout.addRow(make_label("headline", heading))
        layout.addRow(self.tr("For"), self.duration)
        layout.addRow(self.tr("Reason"), self.reason)
        told = self.tr("It does not ring until then, comes back by itself, and stays listed.")
        layout.addRow(make_label("muted", told))
        layout.addRow(self.buttons)
        self.reason.setFocus()

    @property
    def duration_s(self) -> float:
        """Seconds that are chosen."""
        return float(self.duration.currentData())

    @property
    def reason_text(self) -> str:
        """The reason, without blanks around it."""
        return self.reason.text().strip()

    def accept(self) -> None:
        """Close, unless there is no reason yet."""
        if self.reason_text:
            super().accept()

    def _on_typed(self, _text: str) -> None:
        if self._shelve is not None:
            self._shelve.setEnabled(bool(self.reason_text))

    def _words(self, duration_s: float) -> str:
        if duration_s < _HOUR_S:
            return self.tr("{minutes} minutes").format(minutes=written(duration_s / 60, "g"))
        hours = duration_s / _HOUR_S
        if duration_s == SHELVE_MAX_S:
            return self.tr("{hours} hours, the longest").format(hours=written(hours, "g"))
        return (
            self.tr("1 hour")
            if hours == 1
            else self.tr("{hours} hours").format(hours=written(hours, "g"))
        )
