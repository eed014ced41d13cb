"""Counts over time, drawn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, Qt

from monitor.ui.plot import CountPlot, axis_top
from monitor.ui.series import PlotData


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


def data_of(count, *, low=None, high=None, truth=None, stop_s=1000.0):
    count = np.asarray(count, dtype=float)

    def column(values):
        return np.full(len(count), np.nan) if values is None else np.asarray(values, dtype=float)

    time_s = stop_s - np.arange(len(count))[::-1]
    return PlotData(time_s, count, column(low), column(high), column(truth))


@pytest.fixture
def plot(qtbot, dark):
    """A plot on the screen."""
    widget = CountPlot(dark)
    qtbot.addWidget(widget)
    widget.resize(800, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def legend(plot):
    """What the legend explains."""
    return {name for name, (_, words) in plot._legend.items() if not words.isHidden()}


def test_counts_are_drawn_as_they_are(plot):
    """Point for point, up to now."""
    plot.show_data(data_of([90, 95, 100]), 1000.0)

    x, y = plot.count_curve.getData()
    np.testing.assert_array_equal(x, [998, 999, 1000])
    np.testing.assert_array_equal(y, [90, 95, 100])


def test_now_is_at_the_right(plot):
    """The time chosen, and nothing of the future."""
    plot.span_box.setCurrentText("10 minutes")
    plot.show_data(data_of([90, 95]), 1000.0)

    (left, right), (bottom, top) = plot._plot.getPlotItem().viewRange()
    assert (left, right) == pytest.approx((400.0, 1000.0))
    assert (bottom, top) == pytest.approx((0.0, 150.0))


def test_a_gap_is_not_bridged(plot):
    """The band has a hole where the line has one."""
    count = [50.0] * 40 + [np.nan] * 40 + [50.0] * 40
    plot.show_data(
        data_of(count, low=np.array(count) - 20, high=np.array(count) + 20, stop_s=1000.0), 1000.0
    )

    inside = plot._band.path()
    assert inside.contains(QPointF(900.0, 60.0))
    assert not inside.contains(QPointF(940.0, 60.0))
    assert inside.contains(QPointF(980.0, 60.0))
    assert not inside.contains(QPointF(980.0, 75.0))


def test_the_legend_names_only_what_is_there(plot):
    """No interval and no truth without a model or a scene that give them."""
    plot.show_data(data_of([90]), 1000.0)
    bare = legend(plot)
    plot.show_data(data_of([90], low=[80], high=[99], truth=[91]), 1000.0)
    plot.show_limit(120.0)

    assert bare == {"Count"}
    assert legend(plot) == {"Count", "90 % interval", "True number", "Limit (drag it)"}


def test_the_limit_is_in_sight(plot):
    """A limit far above the counts is still on the axis."""
    plot.show_limit(700.0)
    plot.show_data(data_of([10]), 1000.0)

    assert plot._plot.getPlotItem().viewRange()[1][1] >= 700


def test_a_camera_without_a_limit_shows_none(plot):
    """A line at an old camera's limit would be wrong."""
    plot.show_limit(700.0)
    plot.show_limit(None)

    assert not plot.limit_line.isVisible()


def test_dragging_the_limit_tells_where_it_was_let_go(plot, qtbot):
    """With the mouse, from 60 up to about 100, in whole people; meanwhile nothing moves it."""
    plot.show_limit(60.0)
    plot.show_data(data_of([100.0]), 1000.0)
    view = plot._plot.getPlotItem().vb

    def pixel(people):
        scene = view.mapViewToScene(QPointF(940.0, people))
        return plot._plot.mapFromScene(scene)

    port = plot._plot.viewport()
    with qtbot.waitSignal(plot.limit_dragged, timeout=5000) as dragged:
        qtbot.mouseMove(port, pixel(60.0))
        qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=pixel(60.0))
        for people in (65.0, 75.0, 90.0, 100.0):
            qtbot.wait(15)  # moves that come faster are left out by the plot
            qtbot.mouseMove(port, pixel(people))
            plot.show_limit(60.0)
        during = plot.limit_line.value()
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=pixel(100.0))

    assert during > 80
    assert dragged.args[0] == pytest.approx(100.0, abs=4.0)
    assert dragged.args[0] == round(dragged.args[0])
