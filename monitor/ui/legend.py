"""What the colours of the heat map mean."""

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.scene.heatmap import FULL_PEOPLE, legend
from monitor.scene.levels import Band, Scale
from monitor.ui.crowd_text import scale_tip
from monitor.ui.numbers import written

_STEPS = 12
_BAR_PX = 12
_WIDTH_PX, _WIDTH_WITH_LEVELS_PX = 90, 180
_LETTERS_SHARE, _LETTERS_LEAST_PX = 0.75, 10
"""Of the widget's own letters: the levels stand close to each other."""


class HeatLegend(QWidget):
    """A bar from nobody to the brightest colour; with a known ground its levels of service too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._full: float = 0.0
        self._scale: Scale | None = None
        self.show_scale(FULL_PEOPLE)

    @property
    def bands(self) -> Sequence[Band]:
        """Levels that are written below the bar: those for people who stand; empty: none."""
        return () if self._scale is None else self._scale.standing

    def show_scale(self, full_people: float) -> None:
        """Say what the brightest colour stands for, people per block."""
        if (full_people, None) != (self._full, self._scale):
            tip = self.tr(
                "From none (no color) to {full} or more in one block of the model's "
                "picture; the same for all cameras"
            ).format(full=written(full_people, "g"))
            self._show(full_people, None, tip)

    def show_ground(self, full_m2: float, scale: Scale) -> None:
        """Say what it stands for where the ground is known, people per m².

        Args:
            full_m2: At the end of the bar.
            scale: Levels of service, which are written below it.
        """
        if (full_m2, scale) != (self._full, self._scale):
            tip = self.tr(
                "From nobody (no color) to {full} or more people per m², in the 4 m² around "
                "each place. The white outline is the fullest such place. Gray: too far away to "
                "say.\nBelow the bar: levels of service for people who stand."
            ).format(full=written(full_m2, "g"))
            self._show(full_m2, scale, f"{tip}\n{scale_tip(scale)}")

    def sizeHint(self) -> QSize:
        """As wide as a word or two, or as the levels."""
        if self._scale is None:
            return QSize(_WIDTH_PX, _BAR_PX)
        return QSize(_WIDTH_WITH_LEVELS_PX, _BAR_PX + self._letters_px + 3)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bar, and below it the levels."""
        steps = legend(steps=_STEPS)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for step in steps:
            gradient.setColorAt(step.people / steps[-1].people, QColor(*step.rgba))
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, self.width(), _BAR_PX), gradient)
        self._draw_levels(painter)
        painter.end()

    def _show(self, full: float, scale: Scale | None, tip: str) -> None:
        self._full, self._scale = full, scale
        self.setToolTip(tip)
        self.updateGeometry()
        self.update()

    def _draw_levels(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(self._letters_px)
        painter.setFont(font)
        bands = self.bands
        colour = self.palette().color(self.foregroundRole())
        for place, band in enumerate(bands):
            start = self._place_of(band.from_m2)
            end = self._place_of(bands[place + 1].from_m2) if place + 1 < len(bands) else 1.0
            left, right = start * self.width(), end * self.width()
            if start >= 1.0:
                break
            painter.setPen(QPen(colour, 1))
            if place:
                painter.drawLine(round(left), _BAR_PX - 4, round(left), _BAR_PX + 3)
            if painter.fontMetrics().horizontalAdvance(band.name) <= right - left:
                box = QRectF(left, _BAR_PX + 2, right - left, self._letters_px + 1)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, band.name)

    @property
    def _letters_px(self) -> int:
        return max(_LETTERS_LEAST_PX, round(_LETTERS_SHARE * self.font().pixelSize()))

    def _place_of(self, density_m2: float) -> float:
        return min(1.0, density_m2 / self._full)
