"""Where a safety officer sets the limit of a camera."""

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QFormLayout, QSpinBox, QWidget

from monitor.core.rule import Rule
from monitor.core.series import PEOPLE
from monitor.ui.text import unit_text

_SETTLE_MS = 700  # every change is in the journal: clicking up ten times is one change
_PEOPLE_MAX = 100_000
_DELAY_MAX_S = 3600
_UNSET = 0
_BOX_LEAST_PX = 72
"""Narrower than its longest number would want: else it would widen a narrow column."""


class LimitEditor(QWidget):
    """Limit and on-delay of one camera.

    Signals:
        limit_edited: Somebody chose a limit and left it alone for a moment; carries people and
            on-delay in seconds.
    """

    limit_edited = pyqtSignal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._high = QSpinBox()
        self._high.setRange(_UNSET, _PEOPLE_MAX)
        self._high.setSpecialValueText(self.tr("not set"))
        self._high.setSuffix(f" {unit_text(PEOPLE)}")
        self._high.setAccessibleName(self.tr("Limit, {things}").format(things=unit_text(PEOPLE)))
        self._on_delay = QSpinBox()
        self._on_delay.setRange(0, _DELAY_MAX_S)
        self._on_delay.setValue(round(Rule(1.0).on_delay_s))
        self._on_delay.setSuffix(" s")
        self._on_delay.setAccessibleName(self.tr("On-delay, seconds"))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._tell)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(6)
        layout.addRow(self.tr("Rings at"), self._high)
        layout.addRow(self.tr("after"), self._on_delay)
        for box in (self._high, self._on_delay):
            box.setMinimumWidth(_BOX_LEAST_PX)
            box.setKeyboardTracking(False)
            box.valueChanged.connect(self._settle.start)

    @property
    def high_box(self) -> QSpinBox:
        """Where people are set."""
        return self._high

    @property
    def on_delay_box(self) -> QSpinBox:
        """Where seconds are set."""
        return self._on_delay

    def name_things(self, things: str) -> None:
        """Say what the limit is on, in the plural."""
        self._high.setSuffix(f" {unit_text(things)}")
        self._high.setAccessibleName(self.tr("Limit, {things}").format(things=unit_text(things)))

    def show_limit(self, limit: Rule | None) -> None:
        """Show the limit that holds, unless somebody is changing it."""
        if self._settle.isActive() or self._high.hasFocus() or self._on_delay.hasFocus():
            return
        self._set(limit)

    def show_other_limit(self, limit: Rule | None) -> None:
        """Show another camera's limit, or one that was set elsewhere, whatever is typed here."""
        self._settle.stop()
        self._set(limit)

    def finish(self) -> None:
        """Tell a change that was just made without waiting for more."""
        if self._settle.isActive():
            self._settle.stop()
            self._tell()

    def _set(self, limit: Rule | None) -> None:
        high = _UNSET if limit is None else round(limit.limit)
        on_delay_s = round((limit or Rule(1.0)).on_delay_s)
        for box, value in ((self._high, high), (self._on_delay, on_delay_s)):
            if box.value() != value:
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)

    def _tell(self) -> None:
        if self._high.value() > _UNSET:
            self.limit_edited.emit(float(self._high.value()), float(self._on_delay.value()))
