"""No bad mark reaches training unseen, and no good one is lost.

Marks are found by their names.
"""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.data.labelled import LabelledPicture, clean_points, names_in, points_named, vocabulary


def clean(points):
    """Clean marks of a picture of 100 × 60 px."""
    return clean_points(np.array(points, dtype=np.float64), (60, 100), file="a.jpg")


def test_marks_that_share_a_pixel_are_all_kept():
    """Two people behind one pixel are two people, and the report says so."""
    points, faults = clean([[5, 5], [5, 5], [9, 9]])

    assert len(points) == 3
    assert [str(one) for one in faults] == ["a.jpg: 1 marks that share a place with another, kept"]


def test_marks_outside_and_nonsense_are_dropped_and_reported():
    """Each kind of fault is told with its number."""
    points, faults = clean([[5, 5], [np.nan, 3], [-20, 5], [500, 5], [100.5, 10]])

    np.testing.assert_allclose(points, [[5, 5], [100, 10]], atol=1e-4)
    assert {fault.what for fault in faults} == {
        "1 marks that are no numbers, dropped",
        "2 marks outside the picture, dropped",
        "1 marks on the edge, moved inside",
    }


def test_no_marks_are_no_fault():
    """An empty place is a good example."""
    points, faults = clean([])

    assert points.shape == (0, 2)
    assert faults == ()


@given(st.lists(st.tuples(st.floats(-1, 101), st.floats(-1, 61)), max_size=20))
def test_what_is_kept_lies_inside(points):
    """Whatever comes in, marks that go on are inside the picture."""
    kept, _ = clean(points)

    assert len(kept) == len(points)
    assert (kept >= 0).all()
    assert (kept < [100, 60]).all()


POINTS = np.array([[1, 1], [2, 2], [3, 3]], np.float32)
MIXED = LabelledPicture(Path("a.png"), (9, 9), POINTS, labels=("cars", "people", "cars"))
PLAIN = LabelledPicture(Path("b.png"), (9, 9), POINTS)
EMPTY = LabelledPicture(Path("c.png"), (9, 9), POINTS[:0], labels=())


def test_names():
    """Each once; unnamed marks are people; nothing marked is nothing named."""
    assert [names_in(one) for one in (MIXED, PLAIN, EMPTY)] == [
        ("cars", "people"), ("people",), (),
    ]  # fmt: skip
    assert vocabulary((MIXED, PLAIN, EMPTY)) == ("cars", "people")


def test_points_by_name():
    """The kinds share out all marks."""
    np.testing.assert_array_equal(points_named(MIXED, "cars"), POINTS[[0, 2]])
    np.testing.assert_array_equal(points_named(MIXED, "people"), POINTS[[1]])
    np.testing.assert_array_equal(points_named(PLAIN, "people"), POINTS)
    assert len(points_named(PLAIN, "cars")) == len(points_named(EMPTY, "cars")) == 0
