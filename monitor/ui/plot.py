"""Counts over time, with their interval, the limit, and the truth where it is known."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from monitor.ui.labels import make_label
from monitor.ui.series import Column, PlotData
from monitor.ui.theme import Theme

SPANS_S: dict[str, float] = {
    "2 minutes": 120.0,
    "10 minutes": 600.0,
    "1 hour": 3600.0,
    "8 hours": 28_800.0,
}
"""Times that can be looked at; the longest is a shift."""

_HEADROOM = 1.15
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_SMALLEST_TOP = 10.0
_BAND_OPACITY = 0.22
_LINE_PX = 2
_LOWEST = 110


def axis_top(values: Sequence[float]) -> float:
    """Choose where the axis of people ends, so that it seldom moves.

    Args:
        values: What should be seen; NaN for what is not known.

    Returns:
        A round number with some room above the largest value; 10 or more.
    """
    known = [one for one in values if math.isfinite(one)]
    wanted = max([_SMALLEST_TOP, *(one * _HEADROOM for one in known)])
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(step * power for step in _STEPS if step * power >= wanted * (1 - 1e-9))


class Swatch(QWidget):
    """A short piece of a line or band, for the legend."""

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
            colour.setAlphaF(_BAND_OPACITY * 1.5)
            painter.fillRect(self.rect(), colour)
        else:
            style = Qt.PenStyle.DashLine if self._kind == "dashed" else Qt.PenStyle.SolidLine
            painter.setPen(QPen(self._colour, _LINE_PX, style))
            painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)
        painter.end()


class CountPlot(QFrame):
    """The plot of the camera that is looked at.

    Signals:
        limit_dragged: Somebody pulled the limit to another place and let go; carries people.
    """

    limit_dragged = pyqtSignal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._plot = pg.PlotWidget(axisItems={"bottom": pg.DateAxisItem()}, background=None)
        self._low = pg.PlotCurveItem(connect="finite")
        self._high = pg.PlotCurveItem(connect="finite")
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._count = pg.PlotCurveItem(connect="finite", antialias=True)
        self._truth = pg.PlotCurveItem(connect="finite", antialias=True)
        self._limit = pg.InfiniteLine(
            angle=0,
            movable=True,
            bounds=(1, None),
            label="limit {value:0.0f}",
            labelOpts={"position": 0.03, "anchors": [(0, 0), (0, 0)]},
        )
        self._span = QComboBox()
        self._swatches = {
            "Count": Swatch("line"),
            "90 % interval": Swatch("band"),
            "True number": Swatch("dashed"),
            "Limit (drag it)": Swatch("line"),
        }
        self._legend: dict[str, tuple[QWidget, QWidget]] = {}
        self._build()
        self.set_theme(theme)
        self.show_limit(None)

    @property
    def span_s(self) -> float:
        """Seconds that are shown."""
        return SPANS_S[self._span.currentText()]

    @property
    def span_box(self) -> QComboBox:
        """Where the time shown is chosen."""
        return self._span

    @property
    def limit_line(self) -> pg.InfiniteLine:
        """The limit, which can be dragged."""
        return self._limit

    @property
    def count_curve(self) -> pg.PlotCurveItem:
        """The line of counts."""
        return self._count

    @property
    def points_max(self) -> int:
        """Points that are worth drawing: one for each pixel."""
        return max(100, int(self._plot.width()))

    def show_limit(self, high: float | None) -> None:
        """Draw the limit where it is; None: there is none. A limit in somebody's hand stays."""
        if self._limit.moving:
            return
        is_set = high is not None
        if self._limit.isVisible() is not is_set:
            self._limit.setVisible(is_set)
        if high is not None and self._limit.value() != high:
            self._limit.setValue(high)
        self._show_legend("Limit (drag it)", is_shown=is_set)

    def show_data(self, data: PlotData, now_s: float) -> None:
        """Draw counts.

        Args:
            data: What to draw.
            now_s: Right end of the plot, seconds since 1970.
        """
        self._count.setData(data.time_s, data.count)
        self._low.setData(data.time_s, data.low)
        self._high.setData(data.time_s, data.high)
        self._truth.setData(data.time_s, data.truth)
        self._show_legend("True number", is_shown=_has_any(data.truth))
        self._show_legend("90 % interval", is_shown=_has_any(data.high))
        tops = [_largest(one) for one in (data.count, data.high, data.truth)]
        if self._limit.isVisible() and not self._limit.moving:
            tops.append(float(self._limit.value()))
        if not self._limit.moving:  # or the line would run away from the hand
            self._plot.setYRange(0, axis_top(tops), padding=0)
        self._plot.setXRange(now_s - self.span_s, now_s, padding=0)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._plot.setBackground(theme.panel)
        band = QColor(theme.accent)
        band.setAlphaF(_BAND_OPACITY)
        nothing = pg.mkPen(None)
        self._low.setPen(nothing)
        self._high.setPen(nothing)
        self._band.setBrush(pg.mkBrush(band))
        self._count.setPen(pg.mkPen(theme.accent, width=_LINE_PX))
        self._truth.setPen(pg.mkPen(theme.truth, width=_LINE_PX, style=Qt.PenStyle.DashLine))
        self._limit.setPen(pg.mkPen(theme.alarm, width=_LINE_PX))
        self._limit.setHoverPen(pg.mkPen(theme.alarm, width=2 * _LINE_PX))
        self._limit.label.setColor(theme.alarm)
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.muted))
        colours = (theme.accent, theme.accent, theme.truth, theme.alarm)
        for swatch, colour in zip(self._swatches.values(), colours, strict=True):
            swatch.set_colour(colour)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 8)
        layout.setSpacing(4)
        layout.addLayout(self._header())
        layout.addWidget(self._plot, 1)
        self._plot.setMinimumHeight(_LOWEST)
        item = self._plot.getPlotItem()
        for part in (self._band, self._truth, self._count, self._limit):
            item.addItem(part)
        item.setMouseEnabled(x=False, y=False)
        item.setMenuEnabled(False)
        item.hideButtons()
        item.showGrid(x=False, y=True, alpha=0.25)
        item.getAxis("left").setWidth(44)
        self._limit.sigPositionChangeFinished.connect(
            lambda: self.limit_dragged.emit(float(round(self._limit.value())))
        )

    def _header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(make_label("heading", "COUNT OVER TIME"))
        row.addSpacing(12)
        for name, swatch in self._swatches.items():
            words = make_label("muted", name)
            row.addWidget(swatch)
            row.addWidget(words)
            row.addSpacing(8)
            self._legend[name] = (swatch, words)
        row.addStretch(1)
        self._span.addItems(list(SPANS_S))
        self._span.setAccessibleName("Time shown")
        row.addWidget(self._span)
        return row

    def _show_legend(self, name: str, *, is_shown: bool) -> None:
        for widget in self._legend[name]:
            if widget.isHidden() is is_shown:
                widget.setVisible(is_shown)


def _has_any(column: Column) -> bool:
    return bool(np.isfinite(column).any())


def _largest(column: Column) -> float:
    return float(np.nanmax(column)) if _has_any(column) else math.nan
