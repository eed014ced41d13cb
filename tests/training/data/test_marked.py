"""Pictures and marks are brought together, and nothing wrong passes unseen."""

from pathlib import Path

import numpy as np
import pytest

from tests.rigs.labelled import dotted_picture, write_ann_points, write_picture
from training.data.marked import (
    Marks,
    Pair,
    as_points,
    other_than_published,
    read_ann_points,
    read_pair,
    without_picture,
)


@pytest.mark.parametrize("empty", [[], np.zeros((0, 0)), np.zeros((0, 2)), np.zeros((1, 0))])
def test_nobody_in_any_shape(empty):
    """Empty arrays of any shape mean that nobody is there."""
    assert as_points(empty).shape == (0, 2)


@pytest.mark.parametrize("wrong", [[1.0, 2.0], [[1.0, 2.0, 3.0]], [[[1.0, 2.0]]]])
def test_other_shapes_are_refused(wrong):
    """Numbers that are no pairs are never taken for places."""
    with pytest.raises(ValueError, match="shape"):
        as_points(wrong)


def test_marks_survive_the_file(tmp_path):
    """What is published as annPoints is what is read."""
    points = np.array([[1.5, 2.5], [3.25, 4.0]])

    marks = read_ann_points(write_ann_points(tmp_path / "a.mat", points))

    np.testing.assert_array_equal(marks.raw, points)
    assert marks.stated is None


def pair(tmp_path, image):
    """A picture with a file of marks that is there."""
    (tmp_path / "marks.txt").write_text("")
    return Pair(write_picture(tmp_path / "one.png", image), tmp_path / "marks.txt", kept_as="x.png")


def test_all_faults_of_a_picture_are_told(tmp_path):
    """A wrong total, lost color and marks outside, each under the name in the set."""
    image = np.full((40, 50, 3), 90, np.uint8)
    raw = np.array([[10.0, 10.0], [500.0, 10.0]])

    picture, faults = read_pair(pair(tmp_path, image), lambda _: Marks(raw, stated=7))

    assert picture is not None
    assert (picture.name, picture.size_hw, len(picture.points_xy)) == ("x.png", (40, 50), 1)
    assert [str(one) for one in faults] == [
        "marks.txt: states 7 people but marks 2; marks kept",
        "x.png: grey picture stored as color, kept",
        "x.png: 1 marks outside the picture, dropped",
    ]


def test_good_picture_has_no_faults(tmp_path):
    """Nothing is reported where nothing is wrong."""
    image, points = dotted_picture((40, 50), 3, seed=1)

    picture, faults = read_pair(
        pair(tmp_path, image), lambda _: Marks(points.astype(np.float64), stated=3)
    )

    assert picture is not None
    assert len(picture.points_xy) == 3
    assert faults == []


def test_marks_without_pictures(tmp_path):
    """Only files that no picture claims are told."""
    claimed, alone = tmp_path / "1.mat", tmp_path / "2.mat"

    faults = without_picture([alone, claimed], [Pair(Path("1.jpg"), claimed)])

    assert [one.file for one in faults] == ["2.mat"]


def test_incomplete_parts():
    """As many as published is no fault."""
    assert other_than_published("Train", 10, published=10) == []
    assert str(other_than_published("Train", 9, published=10)[0]) == (
        "Train: 9 pictures found, 10 are published"
    )
