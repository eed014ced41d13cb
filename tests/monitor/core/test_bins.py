"""Bins cover every count once, and their values come from the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.bins import Bin, BinSet, mean_values, middle_values, parse_bins

FINE = parse_bins("0,1,2,3,4+")


@st.composite
def bins(draw):
    """Bins without gaps: widths of the finite ones, then the open one."""
    widths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=12))
    found, low = [], 0
    for width in widths:
        found.append(Bin(low, low + width - 1))
        low += width
    return (*found, Bin(low, None))


@given(bins(), st.integers(0, 200))
def test_every_count_falls_in_the_bin_that_holds_it(some, count):
    """The class is the one bin whose bounds hold the count."""
    bin_set = BinSet(some, tuple(float(one.low) for one in some))

    found = int(bin_set.class_of(np.array([count]))[0])

    holders = [
        index
        for index, one in enumerate(some)
        if one.low <= count and (one.high is None or count <= one.high)
    ]
    assert holders == [found]


@given(bins())
def test_text_and_bins_say_the_same(some):
    """What a bin prints as is read back as that bin."""
    assert parse_bins(",".join(str(one) for one in some)) == some


@given(bins(), st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_mean_values_keep_the_sum_of_what_was_seen(some, histogram):
    """Blocks at their bin's value hold as many people as were counted."""
    values = mean_values(some, histogram)

    bin_set = BinSet(some, values)
    classes = bin_set.class_of(np.arange(len(histogram)))
    people = sum(count * seen for count, seen in enumerate(histogram))
    assert sum(values[where] * seen for where, seen in zip(classes, histogram, strict=True)) == (
        pytest.approx(people)
    )


def test_mean_of_open_bin_by_hand():
    """Four blocks of 4 and one of 6 have a mean of 4.4; unseen bins keep their lower bound."""
    assert mean_values(FINE, [10, 3, 0, 1, 4, 0, 1]) == pytest.approx((0, 1, 2, 3, 4.4))


def test_middle_values_by_hand():
    """Midpoints of finite bins, the lower bound of the open one."""
    assert middle_values(parse_bins("0,1-2,3-6,7+")) == (0, 1.5, 4.5, 7)


@pytest.mark.parametrize(
    "text", ["", "0", "0,1", "1,2+", "0,2+", "0,1-0,2+", "0,1+,2", "0,x,2+", "0,1,1+"]
)
def test_bins_that_leave_counts_out_are_refused(text):
    """Gaps, overlaps, a missing start or end and words are mistakes."""
    with pytest.raises(ValueError, match="bin"):
        parse_bins(text)


def test_value_outside_its_bin_is_refused():
    """A bin cannot stand for a number that it does not hold."""
    with pytest.raises(ValueError, match="outside bin 1"):
        BinSet(parse_bins("0,1,2+"), (0.0, 1.5, 2.0))
