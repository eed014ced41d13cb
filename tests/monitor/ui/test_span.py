"""Which stretch of time a plot shows."""

from datetime import timedelta

import pytest

from monitor.ui.span import SPANS, custom_span
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
