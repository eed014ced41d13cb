"""JHU-Crowd++ is read as published."""

import numpy as np

from tests.rigs.labelled import dotted_picture, write_jhu_crowd
from training.data.folder import SplitSet
from training.data.jhu_crowd import is_jhu_crowd, read_jhu_crowd
from training.data.labelled import LabelledSet


def test_published_layout(tmp_path):
    """Test is held out, train and val are learned from; a picture without people counts."""
    write_jhu_crowd(tmp_path, [3, 0], [5], [7, 2])

    found = read_jhu_crowd(tmp_path)

    assert is_jhu_crowd(tmp_path)
    assert isinstance(found, SplitSet)
    assert [len(one.points_xy) for one in found.part(held_out=False)] == [3, 0, 5]
    assert [one.name for one in found.part(held_out=True)] == ["test_0004.jpg", "test_0005.jpg"]
    assert found.split == "official split: the pictures of test held out"
    _, expected = dotted_picture((96, 128), 3, seed=701)
    np.testing.assert_allclose(found.labelled.pictures[0].points_xy, expected, rtol=1e-5)
    assert [str(one) for one in found.labelled.faults] == [
        "train: 2 pictures found, 2272 are published",
        "val: 1 pictures found, 500 are published",
        "test: 2 pictures found, 1600 are published",
    ]


def test_every_fault_is_reported_at_once(tmp_path):
    """Counts that disagree, rows without numbers and missing files are told."""
    write_jhu_crowd(tmp_path, [3, 4, 5], [2], [1])
    (tmp_path / "train" / "gt" / "0001.txt").write_text("1 2 3 4 5 6\n")
    (tmp_path / "train" / "gt" / "0002.txt").write_text("1 north 3 4 5 6\n")
    (tmp_path / "train" / "gt" / "0099.txt").write_text("")
    (tmp_path / "val" / "gt" / "0004.txt").unlink()
    (tmp_path / "test" / "image_labels.txt").write_text("0005\n")

    found = read_jhu_crowd(tmp_path).labelled

    assert [one.name for one in found.pictures] == [
        "train_0001.jpg",
        "train_0003.jpg",
        "test_0005.jpg",
    ]
    text = "\n".join(map(str, found.faults))
    for words in (
        "0001.txt: states 3 people but marks 1",
        "0002.txt: marks cannot be read",
        "0099.txt: marks without a picture",
        "val_0004.jpg: no marks (0004.txt is missing)",
        "test/image_labels.txt: line 1 has no file name and count",
    ):
        assert words in text


def test_val_is_held_out_where_test_is_missing(tmp_path):
    """Part of the set still has the publishers' split."""
    write_jhu_crowd(tmp_path, [3], [2], [])

    found = read_jhu_crowd(tmp_path)

    assert isinstance(found, SplitSet)
    assert [one.name for one in found.part(held_out=True)] == ["val_0002.jpg"]


def test_train_alone_has_no_split(tmp_path):
    """What to hold out is then decided elsewhere."""
    write_jhu_crowd(tmp_path, [3], [], [])

    assert isinstance(read_jhu_crowd(tmp_path), LabelledSet)
