"""The band of the interval: filled where it is known, open where it is not."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF

from monitor.ui.plot_band import band_path

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
