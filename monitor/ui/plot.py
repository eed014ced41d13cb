"""The panel with the counts over time: which time is shown, what its lines mean, what it says."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFrame, QToolButton, QVBoxLayout, QWidget

from monitor.core.alarm import AlarmEvent
from monitor.core.series import PEOPLE
from monitor.ui.labels import make_button, make_label, set_text
from monitor.ui.plot_canvas import PlotCanvas
from monitor.ui.plot_legend import INTERVAL, LIMIT, TRUTH, PlotLegend
from monitor.ui.plot_pointer import point_text
from monitor.ui.priority_row import PriorityRow
from monitor.ui.series import Column, PlotData
from monitor.ui.span import DAY_S, SPANS, Span
from monitor.ui.theme import Theme


class CountPlot(QFrame):
    """The plot of the camera that is looked at.

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
        self._export = make_button(self.tr("Export"), self.tr("Save what is shown as CSV or PNG"))
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
        self._box.setAccessibleName(self.tr("Time shown"))
        self._box.setToolTip(self.tr("The time that is shown; comma and period change it"))
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
