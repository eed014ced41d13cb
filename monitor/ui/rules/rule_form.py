"""One rule as a form."""

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from monitor.core.rule import Level, Measure, Priority, Rule
from monitor.core.series import PEOPLE, unit_for
from monitor.ui.alarms.entries import priority_words
from monitor.ui.language import later
from monitor.ui.text import level_word, measure_word

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
        self.is_latching = QCheckBox(self.tr("rings on until acknowledged, even when over"))
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
            (self.tr("Watches"), self.measure),
            (self.tr("In"), self.zone),
            (self.tr("Level"), self.level),
            (self.tr("Limit"), self.limit),
            (self.tr("Dead band"), self.dead_band),
            (self.tr("Rings after"), self.on_delay),
            (self.tr("Over after"), self.off_delay),
            (self.tr("Priority"), self.priority),
            (self.tr("Latching"), self.is_latching),
        ):
            widget.setAccessibleName(words)
            layout.addRow(QLabel(words), widget)
        self.dead_band.setToolTip(
            self.tr("How far back over the limit the value must go before it is over")
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
