"""The panel with the counts over time."""

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt

from monitor.ui.plot import CountPlot
from monitor.ui.span import SPANS, Span
from tests.rigs.plots import data_of


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
    assert plot.legend.shown == {"Count", "90 % interval", "True number", "Limit (drag it)"}


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
