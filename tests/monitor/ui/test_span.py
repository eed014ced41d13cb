"""Choosing the time that a plot shows."""

from datetime import timedelta

import pytest
from PyQt6.QtCore import QDateTime

from monitor.ui.span import SPANS, CustomRange, custom_span
from tests.rigs.snapshots import NOON


def test_usual_times_end_now():
    """Whenever that is."""
    start, stop = SPANS[2].bounds(NOON)

    assert (stop, stop - start) == (NOON, timedelta(hours=1))


def test_a_shift_is_drawn_from_memory_and_a_day_from_the_history():
    """The window keeps eight hours itself."""
    assert [one.name for one in SPANS if one.is_live] == [
        "2 minutes",
        "10 minutes",
        "1 hour",
        "8 hours",
    ]


def test_a_chosen_time_stays_where_it_is():
    """Now moves on; what was chosen does not."""
    span = custom_span(NOON, NOON + timedelta(hours=2))

    assert span.bounds(NOON + timedelta(days=9)) == (NOON, NOON + timedelta(hours=2))
    assert not span.is_live


def test_time_does_not_run_backwards():
    """The end comes after the beginning."""
    with pytest.raises(ValueError, match="after the beginning"):
        custom_span(NOON, NOON)


@pytest.fixture
def dialog(qtbot):
    """From noon for an hour."""
    one = CustomRange(NOON, NOON + timedelta(hours=1))
    qtbot.addWidget(one)
    return one


def test_what_was_shown_is_proposed(dialog):
    """In the time of the room, kept as UTC."""
    assert dialog.span().bounds(NOON) == (NOON, NOON + timedelta(hours=1))


def test_a_backward_time_is_refused_with_a_word(dialog):
    """The dialog stays open and says why."""
    dialog.stop_edit.setDateTime(QDateTime.fromSecsSinceEpoch(int(NOON.timestamp()) - 60))

    dialog.accept()

    assert dialog.result() == 0
    assert "after the beginning" in dialog.fault
