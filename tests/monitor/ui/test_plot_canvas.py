"""Counts over time, as they are drawn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QObject, QPointF
from PyQt6.QtWidgets import QApplication

from monitor.core.alarm import AlarmState
from monitor.ui.plot_canvas import PlotCanvas, axis_top, whole_pixels
from tests.rigs.plots import data_of, event_of
from tests.rigs.snapshots import NOON


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
