"""What the lines of a plot mean, as a row that names only what is there."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from monitor.ui.labels import make_label
from monitor.ui.speech import later
from monitor.ui.theme import Theme

BAND_OPACITY = 0.22
"""Of the interval's band in the plot."""
LINE_PX = 2
COUNT = later("PlotLegend", "Count")
INTERVAL = later("PlotLegend", "90 % interval")
TRUTH = later("PlotLegend", "True number")
LIMIT = later("PlotLegend", "Limit (drag it)")
_KINDS = {COUNT: "line", INTERVAL: "band", TRUTH: "dashed", LIMIT: "line"}


class Swatch(QWidget):
    """A short piece of a line or band."""

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._colour = QColor()
        self.setFixedSize(22, 12)

    def set_colour(self, colour: str) -> None:
        """Use another colour."""
        self._colour = QColor(colour)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw a band or a line."""
        painter = QPainter(self)
        if self._kind == "band":
            colour = QColor(self._colour)
            colour.setAlphaF(BAND_OPACITY * 1.5)
            painter.fillRect(self.rect(), colour)
        else:
            style = Qt.PenStyle.DashLine if self._kind == "dashed" else Qt.PenStyle.SolidLine
            painter.setPen(QPen(self._colour, LINE_PX, style))
            painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)
        painter.end()


class PlotLegend(QWidget):
    """Swatches with their words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._swatches: dict[str, Swatch] = {}
        self._parts: dict[str, tuple[QWidget, QWidget]] = {}
        for name, kind in _KINDS.items():
            swatch, words = Swatch(kind), make_label("muted", self.tr(name))
            row.addWidget(swatch)
            row.addWidget(words)
            row.addSpacing(6)
            self._swatches[name] = swatch
            self._parts[name] = (swatch, words)

    @property
    def shown(self) -> set[str]:
        """What is explained now."""
        return {name for name, (_, words) in self._parts.items() if not words.isHidden()}

    def show_part(self, name: str, *, is_shown: bool) -> None:
        """Explain something, or leave it out."""
        for widget in self._parts[name]:
            if widget.isHidden() is is_shown:
                widget.setVisible(is_shown)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        colours = {COUNT: theme.accent, INTERVAL: theme.accent, TRUTH: theme.truth}
        for name, swatch in self._swatches.items():
            swatch.set_colour(colours.get(name, theme.alarm))
