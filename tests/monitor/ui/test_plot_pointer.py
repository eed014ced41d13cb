"""Reading values off a plot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ui.plot_pointer import nearest, point_text
from tests.rigs.plots import data_of


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
