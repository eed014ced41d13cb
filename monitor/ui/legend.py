"""What the colours of the heat map mean."""

from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.analysis.heatmap import FULL_PEOPLE, legend

_STEPS = 12


class HeatLegend(QWidget):
    """A bar from nobody to the brightest colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._full_people = 0.0
        self.show_scale(FULL_PEOPLE)

    def show_scale(self, full_people: float) -> None:
        """Say what the brightest colour stands for, people per block."""
        if full_people != self._full_people:
            self._full_people = full_people
            self.setToolTip(
                f"From nobody (no colour) to {full_people:g} or more people in one block of the "
                "model's picture; the same for all cameras"
            )

    def sizeHint(self) -> QSize:
        """As wide as a word or two."""
        return QSize(90, 12)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bar."""
        steps = legend(steps=_STEPS)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for step in steps:
            gradient.setColorAt(step.people / steps[-1].people, QColor(*step.rgba))
        painter = QPainter(self)
        painter.fillRect(QRectF(self.rect()), gradient)
        painter.end()
