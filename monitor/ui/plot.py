"""Counts over time: the curve with its interval, limits and alarms, its legend, and its files.

Curves are drawn without OpenGL: with it each new set of points leaks
(https://github.com/pyqtgraph/pyqtgraph/issues/3372).
"""

import csv
import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QGraphicsItem,
    QGraphicsPathItem,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.errors import OutputError
from monitor.core.rule import Measure
from monitor.core.series import PEOPLE
from monitor.ui.language import later, translate
from monitor.ui.session import Column, PlotData
from monitor.ui.span import DAY_S, SPANS, Span
from monitor.ui.text import count_text, short_interval_text, unit_text
from monitor.ui.theme import Theme
from monitor.ui.widgets import PriorityRow, make_button, make_label, set_text


def band_path(time_s: Column, low: Column, high: Column) -> QPainterPath:
    """Give the outline of the band of an interval, in the units of the plot; gaps stay open.

    WORKAROUND pyqtgraph 0.14: `FillBetweenItem` pairs the pieces of both edges by their number,
    after Qt has dropped those of a single point, and so fills wedges across gaps: remove when it
    pairs them by their place.

    Args:
        time_s: Rising, seconds since 1970.
        low: Lower edge, people; NaN where it is not known.
        high: Upper edge, people.

    Returns:
        One closed piece for each run of points whose edges are known; a point alone has none.
    """
    path = QPainterPath()
    is_known = np.isfinite(low) & np.isfinite(high)
    turns = np.diff(np.concatenate([[False], is_known, [False]]).astype(np.int8))
    for begin, end in zip(np.flatnonzero(turns > 0), np.flatnonzero(turns < 0), strict=True):
        if end - begin > 1:
            run = slice(begin, end)
            x = np.concatenate([time_s[run], np.flip(time_s[run])])
            y = np.concatenate([high[run], np.flip(low[run])])
            path.addPolygon(pg.functions.arrayToQPolygonF(x, y))
            path.closeSubpath()
    return path


COLUMNS = ("time_utc", "camera", "count", "low", "high", "truth")


def save_plot(path: Path, camera: str, data: PlotData) -> Path:
    """Write the points of a plot as CSV, counts unrounded; gaps are left out.

    Args:
        path: Where to write.
        camera: Name of the camera.
        data: What is drawn.

    Returns:
        `path`.

    Raises:
        OutputError: If it cannot be written.
    """
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for index in np.flatnonzero(np.isfinite(data.count)):
                moment = datetime.fromtimestamp(float(data.time_s[index]), UTC)
                values = (data.count, data.low, data.high, data.truth)
                cells = (_cell(float(column[index])) for column in values)
                writer.writerow((moment.isoformat(timespec="milliseconds"), camera, *cells))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def save_image(path: Path, image: QImage) -> Path:
    """Write an image; the ending of its name says how.

    Args:
        path: Where to write.
        image: What to write.

    Returns:
        `path`.

    Raises:
        OutputError: If it cannot be written.
    """
    if not image.save(str(path)):
        raise OutputError(f"{path}: cannot be written; name a .png file in an existing folder")
    return path


def _cell(value: float) -> str:
    return repr(value) if np.isfinite(value) else ""


BAND_OPACITY = 0.22
"""Of the interval's band in the plot."""
LINE_PX = 2
COUNT = later("PlotLegend", "Count")
INTERVAL = later("PlotLegend", "90 % prediction interval")
TRUTH = later("PlotLegend", "True count")
LIMIT = later("PlotLegend", "Limit")
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


SYMBOLS = {
    AlarmState.UNACKNOWLEDGED: "t1",
    AlarmState.ACKNOWLEDGED: "s",
    AlarmState.RETURNED_UNACKNOWLEDGED: "d",
    AlarmState.SHELVED: "o",
    AlarmState.NORMAL: "t",
}
"""Shapes of pyqtgraph for what an alarm became: up, square, diamond, disc, down."""
_REACH_SHARE = 0.02  # of the time shown: further from the mouse nothing is read off


def nearest(data: PlotData, time_s: float, *, reach_s: float) -> int | None:
    """Find the point that is nearest to a moment.

    Args:
        data: What is drawn.
        time_s: Seconds since 1970.
        reach_s: A point further away than this is none.

    Returns:
        Position in the columns of `data`; None: there is none, or a gap.
    """
    times = data.time_s
    if not len(times):
        return None
    after = bisect_left(times, time_s)
    around = [index for index in (after - 1, after) if 0 <= index < len(times)]
    best = min(around, key=lambda index: abs(times[index] - time_s))
    if abs(times[best] - time_s) > reach_s or not np.isfinite(data.count[best]):
        return None
    return best


def reach_of(length_s: float) -> float:
    """Give how far from the mouse a point may be, seconds, for the time that is shown."""
    return _REACH_SHARE * length_s


def point_text(data: PlotData, index: int, *, is_long: bool, things: str = PEOPLE) -> str:
    """Say a point of a plot in words.

    Args:
        data: What is drawn.
        index: Which point.
        is_long: Whether the day is to be told, too.
        things: What is counted, in the plural.

    Returns:
        For example `12:07:31: 108 people (68–152)`.
    """
    moment = datetime.fromtimestamp(float(data.time_s[index]), UTC).astimezone()
    when = moment.strftime("%a %d %b %H:%M" if is_long else "%H:%M:%S")
    low, high, truth = (float(one[index]) for one in (data.low, data.high, data.truth))
    words = f"{when}: {count_text(float(data.count[index]))} {unit_text(things)}"
    if np.isfinite(low) and np.isfinite(high):
        words += f" ({short_interval_text(low, high)})"
    if not np.isfinite(truth):
        return words
    true = translate("Plot", "true {truth}").format(truth=count_text(truth))
    return f"{words}, {true}"


def marks_of(
    events: Sequence[AlarmEvent], bounds_s: tuple[float, float]
) -> list[tuple[float, AlarmEvent]]:
    """Choose the events that are marked: those that change a state, in the time shown."""
    marks = []
    for event in events:
        moment_s = event.at_utc.timestamp()
        if event.before is event.after or event.after not in SYMBOLS:
            continue
        is_quiet = AlarmState.SUPPRESSED in {event.before, event.after}
        if not is_quiet and bounds_s[0] <= moment_s <= bounds_s[1]:
            marks.append((moment_s, event))
    return marks


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


class CountPlot(QFrame):
    """The plot of the selected camera.

    Signals:
        limit_dragged: Somebody pulled the limit to another place and let go; carries people.
        span_changed: Another time is to be shown.
        custom_wanted: A person wants to choose the time.
        export_wanted: What is shown is to be saved as a file.
    """

    limit_dragged = pyqtSignal(float)
    span_changed = pyqtSignal()
    custom_wanted = pyqtSignal()
    export_wanted = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._canvas = PlotCanvas(theme)
        self._legend = PlotLegend()
        self._legend.set_theme(theme)
        self._heading = make_label("heading")
        self._value = make_label()
        self._note = make_label("muted")
        self._row = PriorityRow()
        self._span = SPANS[0]
        self._box = QComboBox()
        self._export = make_button(self.tr("Export"), self.tr("Save the plot as CSV or PNG"))
        self._data: PlotData | None = None
        self._build()
        self.name_things(PEOPLE)
        self.show_limits(None)

    @property
    def span(self) -> Span:
        """The time that is shown."""
        return self._span

    @property
    def span_box(self) -> QComboBox:
        """Where the time shown is chosen."""
        return self._box

    @property
    def export_button(self) -> QToolButton:
        """The button that saves what is shown."""
        return self._export

    @property
    def canvas(self) -> PlotCanvas:
        """The drawing."""
        return self._canvas

    @property
    def limit_line(self) -> pg.InfiniteLine:
        """The limit, which can be dragged."""
        return self._canvas.limit_line

    @property
    def count_curve(self) -> pg.PlotCurveItem:
        """The line of counts."""
        return self._canvas.count_curve

    @property
    def legend(self) -> PlotLegend:
        """What the lines mean."""
        return self._legend

    @property
    def points_max(self) -> int:
        """Points that are worth drawing: one for each pixel."""
        return self._canvas.points_max

    @property
    def data(self) -> PlotData | None:
        """What is drawn; None: nothing was yet."""
        return self._data

    @property
    def value_text(self) -> str:
        """What is read off under the mouse."""
        return self._value.text()

    @property
    def note_text(self) -> str:
        """What is said about what is drawn."""
        return self._note.text()

    def show_span(self, span: Span) -> None:
        """Show another time, one of `SPANS` or one that a person chose."""
        self._span = span
        index = SPANS.index(span) if span in SPANS else len(SPANS)
        if self._box.currentIndex() != index:
            self._box.blockSignals(True)
            self._box.setCurrentIndex(index)
            self._box.blockSignals(False)
        self.span_changed.emit()

    @property
    def heading_text(self) -> str:
        """What is drawn, as it is written above it."""
        return self._heading.text()

    def name_things(self, things: str) -> None:
        """Say what is counted, in the plural."""
        self._things = things
        usual = self.tr("COUNT OVER TIME")
        other = self.tr("{things} OVER TIME").format(things=things.upper())
        set_text(self._heading, usual if things == PEOPLE else other)

    def show_note(self, note: str) -> None:
        """Say something about what is drawn: that it is being read, or cannot be."""
        set_text(self._note, note)
        self._row.refit()

    def show_limits(self, high: float | None, others: Sequence[float] = ()) -> None:
        """Draw limits on people; `high` can be dragged, None: there is none."""
        self._canvas.show_limits(high, others)
        self._legend.show_part(LIMIT, is_shown=high is not None)

    def show_data(self, data: PlotData, now_s: float) -> None:
        """Draw counts.

        Args:
            data: What to draw.
            now_s: Right end of the plot, seconds since 1970.
        """
        self._data = data
        self._canvas.show_data(data, (now_s - self._span.length_s, now_s))
        self._legend.show_part(TRUTH, is_shown=_has_any(data.truth))
        self._legend.show_part(INTERVAL, is_shown=_has_any(data.high))

    def show_events(self, events: Sequence[AlarmEvent], now_s: float) -> None:
        """Mark what happened to the alarms."""
        self._canvas.show_events(events, (now_s - self._span.length_s, now_s))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._canvas.set_theme(theme)
        self._legend.set_theme(theme)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 8)
        layout.setSpacing(4)
        layout.addWidget(self._header())
        layout.addWidget(self._canvas, 1)
        self._canvas.limit_dragged.connect(self.limit_dragged)
        self._canvas.pointed_at.connect(self._on_pointed_at)
        self._box.activated.connect(self._on_span_chosen)
        self._export.clicked.connect(self.export_wanted)

    def _header(self) -> PriorityRow:
        row = self._row
        row.add(self._heading, gives_way=4)
        row.add(self._legend, gives_way=5)
        row.add(self._note, gives_way=1)
        row.add_stretch()
        row.add(self._value, gives_way=2)
        self._box.addItems([self.tr(one.name) for one in SPANS])
        self._box.addItem(self.tr("Custom …"))
        self._box.setAccessibleName(self.tr("Time range"))
        self._box.setToolTip(self.tr("Time range of the plot: keys , and ."))
        row.add(self._box)
        row.add(self._export)
        return row

    def _on_span_chosen(self, index: int) -> None:
        if index < len(SPANS):
            self.show_span(SPANS[index])
        else:
            self.custom_wanted.emit()

    def _on_pointed_at(self, index: int | None) -> None:
        if index is None or self._data is None or index >= len(self._data.time_s):
            set_text(self._value, "")
            self._row.refit()
            return
        is_long = self._span.length_s >= DAY_S or not self._span.is_live
        words = point_text(self._data, index, is_long=is_long, things=self._things)
        set_text(self._value, words)
        self._row.refit()


def _has_any(column: Column) -> bool:
    return bool(np.isfinite(column).any())
