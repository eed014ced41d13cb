"""Marks are found by their names."""

from pathlib import Path

import numpy as np

from training.data.labelled import LabelledPicture
from training.data.named import names_in, points_named, vocabulary

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
