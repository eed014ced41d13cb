"""Counts over time, drawn: line, interval, limits, marks of alarms, and a hand that reads values.

Curves are drawn without OpenGL: with it each new set of points leaks
(https://github.com/pyqtgraph/pyqtgraph/issues/3372).
"""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QWidget

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.rule import Measure
from monitor.ui.plot_band import band_path
from monitor.ui.plot_legend import BAND_OPACITY, LINE_PX
from monitor.ui.plot_pointer import SYMBOLS, marks_of, nearest, reach_of
from monitor.ui.series import Column, PlotData
from monitor.ui.speech import translate
from monitor.ui.theme import Theme

_HEADROOM = 1.15
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_SMALLEST_TOP = 10.0
_LOWEST = 110
_MARK_PX = 11


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


def whole_pixels(bounds_s: tuple[float, float], width_px: int) -> tuple[float, float]:
    """Move the ends of a time axis on to whole pixels, so that it stands still in between.

    Args:
        bounds_s: Left and right end, seconds.
        width_px: Of the axis, about.

    Returns:
        Ends as far apart, later by less than a pixel.
    """
    length_s = bounds_s[1] - bounds_s[0]
    pixel_s = length_s / max(1, width_px)
    end_s = math.ceil(bounds_s[1] / pixel_s) * pixel_s
    return end_s - length_s, end_s


class PlotCanvas(pg.PlotWidget):  # type: ignore[misc] # pyqtgraph ships no types
    """The drawing itself.

    Signals:
        limit_dragged: Somebody pulled the limit to another place and let go; carries people.
        pointed_at: The mouse is over a point, or over none; carries its position or None.
    """

    limit_dragged = pyqtSignal(float)
    pointed_at = pyqtSignal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"bottom": pg.DateAxisItem()}, background=None)
        self._theme = theme
        self._data: PlotData | None = None
        self._length_s = 1.0
        self.band = QGraphicsPathItem()
        self.count_curve = pg.PlotCurveItem(connect="finite", antialias=True)
        self._truth = pg.PlotCurveItem(connect="finite", antialias=True)
        self.marks = pg.ScatterPlotItem(size=_MARK_PX)
        self._hand = pg.InfiniteLine(angle=90, movable=False)
        self._shown_marks: Sequence[tuple[float, AlarmEvent]] = ()
        self._others: list[pg.InfiniteLine] = []
        self.limit_line = pg.InfiniteLine(
            angle=0,
            movable=True,
            bounds=(1, None),
            label=translate("Plot", "limit {value:0.0f}"),
            labelOpts={"position": 0.03, "anchors": [(0, 0), (0, 0)]},
        )
        self._build()
        self.set_theme(theme)
        self.show_limits(None, ())

    @property
    def points_max(self) -> int:
        """Points that are worth drawing: one for each pixel."""
        return max(100, int(self.width()))

    def show_limits(self, high: float | None, others: Sequence[float]) -> None:
        """Draw limits on people.

        Args:
            high: The one that can be dragged; None: there is none. In somebody's hand it stays.
            others: Further ones, which cannot.
        """
        if self.limit_line.moving:
            return
        if self.limit_line.isVisible() is not (high is not None):
            self.limit_line.setVisible(high is not None)
        if high is not None and self.limit_line.value() != high:
            self.limit_line.setValue(high)
        if [line.value() for line in self._others] != list(others):
            for line in self._others:
                self.removeItem(line)
            pen = pg.mkPen(self._theme.alarm, width=1, style=Qt.PenStyle.DashLine)
            self._others = [pg.InfiniteLine(pos=one, angle=0, pen=pen) for one in others]
            for line in self._others:
                self.addItem(line)

    def show_data(self, data: PlotData, bounds_s: tuple[float, float]) -> None:
        """Draw counts.

        Args:
            data: What to draw.
            bounds_s: Left and right end of the plot, seconds since 1970.
        """
        self._length_s = bounds_s[1] - bounds_s[0]
        if self._data is None or not self._data.is_same_as(data):
            self._draw(data)
        self._data = data
        if not self.limit_line.moving:  # or the line would run away from the hand
            tops = [_largest(one) for one in (data.count, data.high, data.truth)]
            tops += [float(line.value()) for line in self._others]
            if self.limit_line.isVisible():
                tops.append(float(self.limit_line.value()))
            self.setYRange(0, axis_top(tops), padding=0)
        # A step of less than a pixel would paint all words of the axis anew, for nobody.
        self.setXRange(*whole_pixels(bounds_s, self.width()), padding=0)

    def _draw(self, data: PlotData) -> None:
        self.count_curve.setData(data.time_s, data.count)
        self.band.setPath(band_path(data.time_s, data.low, data.high))
        self._truth.setData(data.time_s, data.truth)

    def show_events(self, events: Sequence[AlarmEvent], bounds_s: tuple[float, float]) -> None:
        """Mark what happened to the alarms, at the limit of each."""
        marks = marks_of(events, bounds_s)
        if marks == self._shown_marks:
            return
        self._shown_marks = marks
        self.marks.setData(
            x=[moment_s for moment_s, _ in marks],
            y=[_height_of(event) for _, event in marks],
            symbol=[SYMBOLS[event.after] for _, event in marks],
            brush=[pg.mkBrush(self._colour_of(event.after)) for _, event in marks],
            pen=pg.mkPen(self._theme.window),
        )

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._shown_marks = ()  # their colours are others now
        self.setBackground(theme.panel)
        band = QColor(theme.accent)
        band.setAlphaF(BAND_OPACITY)
        self.band.setPen(pg.mkPen(None))
        self.band.setBrush(pg.mkBrush(band))
        self.count_curve.setPen(pg.mkPen(theme.accent, width=LINE_PX))
        self._truth.setPen(pg.mkPen(theme.truth, width=LINE_PX, style=Qt.PenStyle.DashLine))
        self._hand.setPen(pg.mkPen(theme.muted, width=1))
        self.limit_line.setPen(pg.mkPen(theme.alarm, width=LINE_PX))
        self.limit_line.setHoverPen(pg.mkPen(theme.alarm, width=2 * LINE_PX))
        self.limit_line.label.setColor(theme.alarm_words)
        for line in self._others:
            line.setPen(pg.mkPen(theme.alarm, width=1, style=Qt.PenStyle.DashLine))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.muted))

    def changeEvent(self, event: QEvent | None) -> None:
        """Write the limit as large as other words."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self.limit_line.label.setFont(self.font())

    def leaveEvent(self, event: QEvent | None) -> None:
        """Take the hand away with the mouse."""
        super().leaveEvent(event)
        self._point_at(None)

    def _build(self) -> None:
        self.setMinimumHeight(_LOWEST)
        self.setAccessibleName(self.tr("Count over time"))
        item = self.getPlotItem()
        for part in (self.band, self._truth, self.count_curve, self.limit_line):
            item.addItem(part)
        for part in (self.marks, self._hand):
            item.addItem(part, ignoreBounds=True)
        self._hand.hide()
        item.setMouseEnabled(x=False, y=False)
        item.setMenuEnabled(False)
        item.hideButtons()
        item.showGrid(x=False, y=True, alpha=0.25)
        item.getAxis("left").setWidth(44)
        for name in ("left", "bottom"):  # words are slow to draw, and seldom change
            item.getAxis(name).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.limit_line.sigPositionChangeFinished.connect(
            lambda: self.limit_dragged.emit(float(round(self.limit_line.value())))
        )
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)

    def _on_mouse_moved(self, place: QPointF) -> None:
        view = self.getPlotItem().vb
        if self._data is None or not view.sceneBoundingRect().contains(place):
            self._point_at(None)
            return
        time_s = view.mapSceneToView(place).x()
        self._point_at(nearest(self._data, time_s, reach_s=reach_of(self._length_s)))

    def _point_at(self, index: int | None) -> None:
        self._hand.setVisible(index is not None)
        if index is not None and self._data is not None:
            self._hand.setValue(float(self._data.time_s[index]))
        self.pointed_at.emit(index)

    def _colour_of(self, state: AlarmState) -> str:
        if state is AlarmState.UNACKNOWLEDGED:
            return self._theme.alarm
        return self._theme.good if state is AlarmState.NORMAL else self._theme.warning


def _height_of(event: AlarmEvent) -> float:
    """Give where a mark stands: at its limit, or at the bottom where the axis has no such unit."""
    return event.limit if event.measure is Measure.COUNT else 0.0


def _largest(column: Column) -> float:
    return float(np.nanmax(column)) if bool(np.isfinite(column).any()) else math.nan
