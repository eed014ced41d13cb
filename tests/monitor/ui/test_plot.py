"""Counts over time: the panel, the drawing, the band of the interval, values, files."""

import csv
import math
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QObject, QPointF, Qt
from PyQt6.QtWidgets import QApplication

from monitor.core.alarm import AlarmState
from monitor.core.errors import OutputError
from monitor.ui.plot import (
    CountPlot,
    PlotCanvas,
    axis_top,
    band_path,
    nearest,
    point_text,
    save_plot,
    whole_pixels,
)
from monitor.ui.span import SPANS, Span
from tests.rigs.plots import data_of, event_of
from tests.rigs.snapshots import NOON


@pytest.fixture
def plot(qtbot, dark):
    """A plot on the screen."""
    widget = CountPlot(dark)
    qtbot.addWidget(widget)
    widget.resize(800, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_counts_are_drawn_as_they_are(plot):
    """Point for point, up to now."""
    plot.show_data(data_of([90, 95, 100]), 1000.0)

    x, y = plot.count_curve.getData()
    np.testing.assert_array_equal(x, [998, 999, 1000])
    np.testing.assert_array_equal(y, [90, 95, 100])


def test_now_is_at_the_right(plot):
    """The time chosen, and nothing of the future."""
    plot.show_span(SPANS[1])
    plot.show_data(data_of([90, 95]), 1000.0)

    (left, right), (bottom, top) = plot.canvas.getPlotItem().viewRange()
    assert right - left == pytest.approx(600.0)
    assert 0 <= right - 1000.0 < 600.0 / plot.canvas.width()
    assert (bottom, top) == pytest.approx((0.0, 150.0))


def test_a_gap_is_not_bridged(plot):
    """The band has a hole where the line has one."""
    count = [50.0] * 40 + [np.nan] * 40 + [50.0] * 40
    plot.show_data(
        data_of(count, low=np.array(count) - 20, high=np.array(count) + 20, stop_s=1000.0), 1000.0
    )

    inside = plot.canvas.band.path()
    assert inside.contains(QPointF(900.0, 60.0))
    assert not inside.contains(QPointF(940.0, 60.0))
    assert inside.contains(QPointF(980.0, 60.0))
    assert not inside.contains(QPointF(980.0, 75.0))


def test_the_legend_names_only_what_is_there(plot):
    """No interval and no truth without a model or a scene that give them."""
    plot.show_data(data_of([90]), 1000.0)
    bare = plot.legend.shown
    plot.show_data(data_of([90], low=[80], high=[99], truth=[91]), 1000.0)
    plot.show_limits(120.0)

    assert bare == {"Count"}
    assert plot.legend.shown == {
        "Count",
        "90 % prediction interval",
        "True count",
        "Limit",
    }


def test_the_limit_is_in_sight(plot):
    """A limit far above the counts is still on the axis."""
    plot.show_limits(700.0)
    plot.show_data(data_of([10]), 1000.0)

    assert plot.canvas.getPlotItem().viewRange()[1][1] >= 700


def test_a_camera_without_a_limit_shows_none(plot):
    """A line at an old camera's limit would be wrong."""
    plot.show_limits(700.0)
    plot.show_limits(None)

    assert not plot.limit_line.isVisible()


def test_dragging_the_limit_tells_where_it_was_let_go(plot, qtbot):
    """With the mouse, from 60 up to about 100, in whole people; meanwhile nothing moves it."""
    plot.show_limits(60.0)
    plot.show_data(data_of([100.0]), 1000.0)
    view = plot.canvas.getPlotItem().vb

    def pixel(people):
        scene = view.mapViewToScene(QPointF(940.0, people))
        return plot.canvas.mapFromScene(scene)

    port = plot.canvas.viewport()
    with qtbot.waitSignal(plot.limit_dragged, timeout=5000) as dragged:
        qtbot.mouseMove(port, pixel(60.0))
        qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=pixel(60.0))
        for people in (65.0, 75.0, 90.0, 100.0):
            qtbot.wait(15)  # moves that come faster are left out by the plot
            qtbot.mouseMove(port, pixel(people))
            plot.show_limits(60.0)
        during = plot.limit_line.value()
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=pixel(100.0))

    assert during > 80
    assert dragged.args[0] == pytest.approx(100.0, abs=4.0)
    assert dragged.args[0] == round(dragged.args[0])


def test_a_point_is_read_off_with_its_interval(plot):
    """What stands in the line below the mouse is said in words."""
    plot.show_data(data_of([90.4], low=[80.2], high=[99.1], truth=[91]), 1000.0)

    plot.canvas.pointed_at.emit(0)
    pointed = plot.value_text
    plot.canvas.pointed_at.emit(None)

    assert pointed.endswith(": 90 people (80–100), true 91")
    assert plot.value_text == ""


def test_the_box_and_the_span_agree(plot, qtbot):
    """Chosen with the box or from outside; a time of a person's own stands as custom."""
    with qtbot.waitSignal(plot.span_changed):
        plot.span_box.activated.emit(2)
    from_box = plot.span
    plot.show_span(Span("Custom", 60.0))

    assert from_box == SPANS[2]
    assert plot.span_box.currentText() == "Custom …"


def test_a_time_of_ones_own_is_asked_for(plot, qtbot):
    """The last entry asks; what is shown stays until the answer."""
    with qtbot.waitSignal(plot.custom_wanted):
        plot.span_box.activated.emit(len(SPANS))

    assert plot.span == SPANS[0]


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_axis_has_room_above_everything_but_not_too_much(values):
    """Some air, and no more than a step of the axis."""
    top = axis_top(values)

    assert top >= 10
    assert top >= max(values) * 1.14
    assert top <= max(10.0, max(values) * 1.15 * 1.51)


def test_axis_ignores_what_is_not_known():
    """An empty plot still has an axis."""
    assert axis_top([math.nan, math.nan]) == 10
    assert axis_top([math.nan, 100.0]) == 150


@pytest.fixture
def canvas(qtbot, dark):
    """A canvas on the screen."""
    widget = PlotCanvas(dark)
    qtbot.addWidget(widget)
    widget.resize(800, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_every_limit_is_in_sight(canvas):
    """A second limit far above the first is still on the axis."""
    canvas.show_limits(50.0, (700.0,))
    canvas.show_data(data_of([10]), (900.0, 1000.0))

    assert canvas.getPlotItem().viewRange()[1][1] >= 700


def test_alarms_are_marked_where_and_when_they_were(canvas):
    """At the limit, at the time; what is outside the time shown, or a quiet change, is not."""
    began_s = NOON.timestamp()
    events = [
        event_of(AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, at_s=10.0, limit=80.0),
        event_of(AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, at_s=20.0, limit=80.0),
        event_of(AlarmState.NORMAL, AlarmState.NORMAL, at_s=30.0),
        event_of(AlarmState.NORMAL, AlarmState.SUPPRESSED, at_s=40.0),
        event_of(AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, at_s=5000.0),
    ]

    canvas.show_events(events, (began_s, began_s + 100))

    x, y = canvas.marks.getData()
    np.testing.assert_allclose(x - began_s, [10.0, 20.0])
    np.testing.assert_array_equal(y, [80.0, 80.0])


def test_the_mouse_reads_the_nearest_point(canvas, qtbot):
    """Over a point its position comes, beside the plot none."""
    canvas.show_data(data_of([10, 20, 30, 40, 50]), (990.0, 1000.0))
    found = []
    canvas.pointed_at.connect(found.append)
    view = canvas.getPlotItem().vb

    canvas._on_mouse_moved(view.mapViewToScene(QPointF(998.1, 5.0)))
    canvas._on_mouse_moved(view.mapViewToScene(QPointF(991.0, 5.0)))

    assert found == [2, None]


@given(st.floats(0.0, 4e9), st.floats(10.0, 1e7), st.integers(50, 4000))
def test_ends_on_whole_pixels_are_as_far_apart_and_less_than_a_pixel_late(end_s, length_s, width):
    """Whatever time is shown, and however wide."""
    left, right = whole_pixels((end_s - length_s, end_s), width)

    pixel_s = length_s / width
    assert right - left == pytest.approx(length_s, abs=1e-6 * end_s + 1e-9)
    assert -1e-6 <= right - end_s <= pixel_s * (1 + 1e-6) + 1e-6


def test_within_a_pixel_nothing_is_painted(canvas, qtbot):
    """The same counts a moment later, of the same pixel, cost no look at the screen."""
    data = data_of([10, 20, 30])
    width = canvas.width()
    bounds_s = whole_pixels((0.0, 1000.0), width)
    painted = PaintCounter(canvas.viewport())
    canvas.show_data(data, bounds_s)
    first = painted.when_still()

    canvas.show_data(data_of([10, 20, 30]), (bounds_s[0] - 100 / width, bounds_s[1] - 100 / width))
    same = painted.when_still()
    canvas.show_data(data_of([10, 20, 40]), bounds_s)
    other = painted.when_still()

    assert first > 0
    assert same == first
    assert other > same


class PaintCounter(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        """Count, and let it pass."""
        self.count += event.type() is QEvent.Type.Paint
        return False

    def when_still(self):
        """Let Qt work until nothing is painted any more; give how often it was."""
        still = 0
        while still < 5:
            before = self.count
            QApplication.processEvents()
            still = still + 1 if self.count == before else 0
        return self.count


NAN = math.nan
known = st.lists(st.booleans(), min_size=2, max_size=40)


def band_of(low):
    """A band 4 people wide, with a point every 10 seconds."""
    low = np.array(low, dtype=float)
    return band_path(np.arange(len(low)) * 10.0, low, low + 4.0)


@given(known)
def test_between_two_points_it_is_filled_where_both_are_known(is_known):
    """And nowhere else: no wedge across a gap, however the gaps lie."""
    path = band_of([10.0 if one else NAN for one in is_known])

    for place, (one, other) in enumerate(pairwise(is_known)):
        middle = QPointF(place * 10.0 + 5.0, 12.0)
        assert path.contains(middle) is (one and other)


@pytest.mark.parametrize("height", [9.0, 15.0], ids=["below", "above"])
def test_it_ends_at_its_edges(height):
    """Between low and high, not beside them."""
    path = band_of([10.0, 10.0])

    assert path.contains(QPointF(5.0, 12.0))
    assert not path.contains(QPointF(5.0, height))


def test_a_point_alone_and_no_point_have_no_band():
    """There is nothing between."""
    assert band_of([NAN, 10.0, NAN]).isEmpty()
    assert band_of([]).isEmpty()


def test_a_table_holds_what_is_drawn(tmp_path):
    """Point for point, unrounded; a gap is no row, an unknown bound an empty cell."""
    data = data_of([1.25, np.nan, 3.5], low=[0.5, np.nan, 3.0])

    save_plot(tmp_path / "counts.csv", "Gate, north", data)

    with (tmp_path / "counts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["camera"], row["count"], row["low"], row["high"]) for row in rows] == [
        ("Gate, north", "1.25", "0.5", ""),
        ("Gate, north", "3.5", "3.0", ""),
    ]
    assert datetime.fromisoformat(rows[1]["time_utc"]).timestamp() == 1000.0


def test_a_folder_that_is_not_there_is_told(tmp_path):
    """With the path, and without a traceback."""
    with pytest.raises(OutputError, match=r"counts\.csv: cannot be written"):
        save_plot(tmp_path / "no" / "counts.csv", "a", data_of([1.0]))


@given(st.integers(1, 30), st.floats(900, 1100))
def test_no_other_point_is_nearer(points, time_s):
    """Brute force over all points."""
    data = data_of(np.arange(points))

    index = nearest(data, time_s, reach_s=1e6)

    assert abs(data.time_s[index] - time_s) == min(abs(data.time_s - time_s))


@pytest.mark.parametrize(
    ("counts", "time_s"),
    [([], 1000.0), ([5.0], 900.0), ([5.0, np.nan, 5.0], 999.0)],
    ids=["empty", "too far", "in a gap"],
)
def test_where_nothing_is_nothing_is_read(counts, time_s):
    """No value is made up."""
    assert nearest(data_of(counts), time_s, reach_s=2.0) is None


def test_a_long_time_is_told_with_its_day():
    """07:15 of which day?"""
    short = point_text(data_of([7.0]), 0, is_long=False)
    long = point_text(data_of([7.0]), 0, is_long=True)

    assert short.endswith(": 7 people")
    assert len(long.split()[0]) == 3
