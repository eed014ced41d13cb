"""Blocks of prepared sets are counted for the bins of a network."""

import pytest

from tests.rigs.labelled import write_common
from training.bins import count_blocks, training_pictures
from training.errors import DataError


def test_only_training_pictures_count(tmp_path):
    """Held-out pictures of any set are left out."""
    one = write_common(tmp_path / "one", [3, 0, 5], held_out=1)
    other = write_common(tmp_path / "other", [2, 4], held_out=1)

    pictures = training_pictures([one, other])

    assert sorted(len(picture.points_xy) for picture in pictures) == [0, 2, 3]


def test_all_held_out_is_told(tmp_path):
    """There is nothing to count then."""
    with pytest.raises(DataError, match="held out"):
        training_pictures([write_common(tmp_path / "set", [1], held_out=1)])


def test_heads_are_in_one_block_and_in_many_windows(tmp_path):
    """Side by side each head counts once; sliding, in each of 64 windows away from the edge."""
    folder = write_common(tmp_path / "set", [0, 0], held_out=1, size_hw=(64, 64))
    (folder / "points.csv").write_text("image,x,y\np000.png,20.5,20.5\np000.png,40.5,40.5\n")
    pictures = training_pictures([folder])

    assert count_blocks(pictures, block_px=8, sliding=False) == (62, 2)
    assert count_blocks(pictures, block_px=8, sliding=True) == (57 * 57 - 128, 128)
