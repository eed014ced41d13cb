"""What the plot shows and where it comes from."""

from datetime import timedelta

import pytest
from PyQt6.QtCore import QObject

from monitor.core.alarm import AlarmState
from monitor.core.errors import StoreError
from monitor.core.rule import Measure, Rule
from monitor.outputs.history.queries import HistoryPoint
from monitor.ui.background import BackgroundTasks
from monitor.ui.charting import Charting
from monitor.ui.plot import CountPlot
from monitor.ui.session import CameraSession
from monitor.ui.span import SPANS, custom_span
from tests.rigs.plots import event_of
from tests.rigs.snapshots import NOON, reading_of, snapshot_of
from tests.rigs.waiting import wait_until

DAY = next(one for one in SPANS if one.name == "24 hours")
MINUTES = SPANS[0]


class Remembered:
    """A history that gives a point an hour and one alarm."""

    def __init__(self, error=None):
        self.asked = []
        self._error = error

    def series(self, camera, zone, start, end, max_points):
        """Give points whose count is their hour."""
        self.asked.append((camera, start, end))
        if self._error:
            raise self._error
        hours = range(int((end - start) / timedelta(hours=1)))
        return tuple(
            HistoryPoint(start + timedelta(hours=hour), float(hour), None, None, None)
            for hour in hours
        )

    def events_between(self, start, stop, *, camera=None):
        """Give one alarm."""
        return (event_of(AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, at_s=-3600.0),)


@pytest.fixture
def chart(qtbot, dark, request):
    """A plot of a camera with a history."""
    store = Remembered(*getattr(request, "param", ()))
    plot = CountPlot(dark)
    qtbot.addWidget(plot)
    plot.resize(800, 300)
    errands, owner = BackgroundTasks(), QObject()
    charting = Charting(plot, errands, store, owner)
    plot.span_changed.connect(charting.forget)
    errands.start()
    session = CameraSession()
    session.take(snapshot_of(reading=reading_of(55.0, at_s=-1.0)))
    charting.choose("Gate 1", session)
    yield charting, plot, errands, store
    assert errands.stop(10.0)


def drawn(plot):
    """The counts that are drawn."""
    _, counts = plot.count_curve.getData()
    return [] if counts is None else [one for one in counts if one == one]


def draw_until(chart, wanted):
    charting, _, errands, _ = chart

    def look():
        charting.draw((), NOON)
        errands.collect()
        charting.draw((), NOON)
        return wanted()

    wait_until(look, "the plot")


def test_short_times_come_from_memory(chart):
    """Nothing is asked; what was just counted is there at once."""
    charting, plot, _, store = chart

    charting.draw((), NOON)

    assert drawn(plot) == [55.0]
    assert store.asked == []


def test_a_day_comes_from_the_history_with_its_alarms(chart):
    """Twenty-four points and a mark, asked for once."""
    _, plot, _, store = chart
    plot.show_span(DAY)

    draw_until(chart, lambda: len(drawn(plot)) == 24)

    assert store.asked == [("Gate 1", NOON - timedelta(days=1), NOON)]
    assert len(plot.canvas.marks.getData()[0]) == 1
    assert plot.note_text == ""


def test_a_day_that_goes_on_is_read_again_and_a_chosen_time_is_not(chart):
    """Half a minute later."""
    charting, plot, errands, store = chart
    later = NOON + timedelta(seconds=31)
    for span in (DAY, custom_span(NOON - timedelta(hours=5), NOON)):
        plot.show_span(span)
        draw_until(chart, lambda: bool(drawn(plot)))
        charting.draw((), later)
    errands.collect()

    lengths = [round((stop - start).total_seconds() / 3600) for _, start, stop in store.asked]
    wait_until(lambda: len(store.asked) >= 2, "the questions")
    assert lengths.count(5) <= 1


def test_back_to_now_shows_memory_again(chart):
    """The past of another time is not mixed in."""
    charting, plot, _, _ = chart
    plot.show_span(DAY)
    draw_until(chart, lambda: len(drawn(plot)) == 24)

    plot.show_span(MINUTES)
    charting.draw((), NOON)

    assert drawn(plot) == [55.0]


@pytest.mark.parametrize("chart", [(StoreError("history h: it is damaged"),)], indirect=True)
def test_a_history_that_cannot_be_read_is_told_beside_the_plot(chart, caplog):
    """And the window goes on."""
    _, plot, _, _ = chart
    plot.show_span(DAY)

    draw_until(chart, lambda: plot.note_text == "history h: it is damaged")

    assert drawn(plot) == []


def test_limits_on_people_are_drawn_and_others_are_not(chart):
    """People per m² have no place on an axis of people; the first can be dragged."""
    charting, plot, _, _ = chart
    rules = (
        Rule(4.0, name="crush", measure=Measure.DENSITY),
        Rule(100.0, name="busy"),
        Rule(150.0, name="full"),
        Rule(20.0, name="gate", zone="Gate"),
    )

    charting.draw(rules, NOON)

    assert plot.limit_line.value() == 100.0
    assert [line.value() for line in plot.canvas._others] == [150.0]


def test_what_is_drawn_is_saved(chart, tmp_path):
    """A table by its ending, else a picture."""
    charting, plot, errands, _ = chart
    charting.draw((), NOON)
    for name in ("a.csv", "a.png"):
        charting.export(tmp_path / name)

    def both():
        errands.collect()
        return (tmp_path / "a.png").exists() and "a.png" in plot.note_text

    wait_until(both, "both files")

    assert "55.0" in (tmp_path / "a.csv").read_text()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
