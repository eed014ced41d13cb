"""CARPK is read as published."""

import numpy as np
import pytest

from tests.rigs.labelled import write_carpk
from training.data.carpk import is_carpk, read_carpk
from training.errors import DataError


def test_published_layout(tmp_path):
    """A car is the middle of its box; test pictures are held out; an empty lot has none."""
    write_carpk(tmp_path, [[(0, 0, 10, 20), (4, 6, 8, 10)], []], [[(30, 10, 40, 30)]])

    found = read_carpk(tmp_path)

    assert is_carpk(tmp_path)
    first, empty, test = found.labelled.pictures
    np.testing.assert_array_equal(first.points_xy, np.float32([[5, 10], [6, 8]]))
    assert [first.labels, empty.labels, test.labels] == [("cars", "cars"), (), ("cars",)]
    assert found.is_held_out == (False, False, True)


def test_what_is_wrong_is_told(tmp_path):
    """A list that names a picture which is not there; boxes that are none."""
    write_carpk(tmp_path, [[(0, 0, 10, 20)], [(0, 0, 4, 4)]], [])
    (tmp_path / "Images" / "2016_01.png").unlink()

    found = read_carpk(tmp_path)

    assert len(found.labelled.pictures) == 1
    assert "2016_01 has no picture" in str(found.labelled.faults[0])
    (tmp_path / "Annotations" / "2016_00.txt").write_text("1 2 3\n")
    with pytest.raises(DataError, match="not one"):
        read_carpk(tmp_path)
