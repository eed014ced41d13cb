"""The Mall set is read as published."""

import pytest

from tests.rigs.labelled import write_mall
from training.data.mall import is_mall, read_mall
from training.errors import DataError


def test_published_layout(tmp_path):
    """Every frame has its own marks."""
    write_mall(tmp_path, [3, 0, 5])

    found = read_mall(tmp_path)

    assert is_mall(tmp_path)
    assert [len(one.points_xy) for one in found.pictures] == [3, 0, 5]
    assert found.faults == ()


def test_frames_that_are_not_there_are_passed_over(tmp_path):
    """Only some frames may have been kept; the numbers in their names find their marks."""
    write_mall(tmp_path, [3, 4, 5])
    (tmp_path / "frames" / "seq_000002.jpg").unlink()

    assert [len(one.points_xy) for one in read_mall(tmp_path).pictures] == [3, 5]


def test_damaged_marks_are_an_error(tmp_path):
    """Nothing can be learned without marks."""
    write_mall(tmp_path, [3])
    (tmp_path / "mall_gt.mat").write_bytes(b"damaged")

    with pytest.raises(DataError, match="mall_gt"):
        read_mall(tmp_path)
