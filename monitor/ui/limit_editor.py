"""One limit in three places: in its box, in the plot, and in the engine."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFormLayout, QSpinBox, QWidget

from monitor.core.rule import Rule
from monitor.core.series import PEOPLE, thing_of
from monitor.ui.charting import count_rules
from monitor.ui.plot import CountPlot
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
        layout.addRow(self.tr("Alarm at"), self._high)
        layout.addRow(self.tr("for at least"), self._on_delay)
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


def edited_limit(limit: Rule | None, *, high: float, on_delay_s: float) -> Rule:
    """Change what the window lets people change, and keep the rest.

    Args:
        limit: The limit before; None: there was none.
        high: People, more than 0.
        on_delay_s: Seconds that the limit must be reached before it rings.

    Returns:
        The new limit. A dead band that no longer fits below it becomes the usual 10 %.
    """
    if limit is None:
        return Rule(limit=high, on_delay_s=on_delay_s)
    fits = limit.dead_band is None or limit.dead_band < high
    dead_band = limit.dead_band if fits else None
    return replace(limit, limit=high, on_delay_s=on_delay_s, dead_band=dead_band)


RulesChanger = Callable[[str, Sequence[Rule]], None]
"""Called with a camera's name and all its rules when one was changed."""


class LimitLink(QObject):
    """Lets a person change the first limit on people of the selected camera."""

    def __init__(
        self, editor: LimitEditor, plot: CountPlot, change: RulesChanger, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._change = change
        self._camera = ""
        self._rules: tuple[Rule, ...] = ()
        editor.limit_edited.connect(self._on_edited)
        plot.limit_dragged.connect(self._on_dragged)

    def choose(self, camera: str, rules: Sequence[Rule]) -> None:
        """Show another camera's limit; what was typed for the one before is told first."""
        self.finish()
        self._camera, self._rules = camera, tuple(rules)
        self._editor.name_things(thing_of(camera))
        self._editor.show_other_limit(self._limit)

    def show(self, rules: Sequence[Rule]) -> None:
        """Show the limit that holds, unless somebody is changing it."""
        self._rules = tuple(rules)
        self._editor.show_limit(self._limit)

    def finish(self) -> None:
        """Tell a change that was just made without waiting for more."""
        self._editor.finish()

    @property
    def _limit(self) -> Rule | None:
        return next(iter(count_rules(self._rules)), None)

    def _on_dragged(self, high: float) -> None:
        if self._limit is not None:
            self._on_edited(high, self._limit.on_delay_s)
            self._editor.show_other_limit(self._limit)

    def _on_edited(self, high: float, on_delay_s: float) -> None:
        before = self._limit
        after = edited_limit(before, high=high, on_delay_s=on_delay_s)
        rules = [after if one == before else one for one in self._rules]
        if before is None:
            rules.append(after)
        self._change(self._camera, rules)
        self._rules = tuple(rules)
