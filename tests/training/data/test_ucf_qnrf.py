"""UCF-QNRF is read as published."""

import numpy as np
import pytest

from tests.rigs.labelled import dotted_picture, write_ann_points, write_ucf_qnrf
from training.data.folder import SplitSet
from training.data.labelled import LabelledSet
from training.data.ucf_qnrf import is_ucf_qnrf, read_ucf_qnrf
from training.errors import DataError


def test_published_layout(tmp_path):
    """The pictures of Test are held out; names of both parts are told apart."""
    write_ucf_qnrf(tmp_path, [3, 0, 5], [7, 2])

    found = read_ucf_qnrf(tmp_path)

    assert is_ucf_qnrf(tmp_path)
    assert isinstance(found, SplitSet)
    assert [len(one.points_xy) for one in found.part(held_out=False)] == [3, 0, 5]
    assert [len(one.points_xy) for one in found.part(held_out=True)] == [7, 2]
    assert len({one.name for one in found.labelled.pictures}) == 5
    _, expected = dotted_picture((96, 128), 7, seed=401)
    np.testing.assert_allclose(found.labelled.pictures[3].points_xy, expected, rtol=1e-5)
    assert [str(one) for one in found.labelled.faults] == [
        "Train: 3 pictures found, 1201 are published",
        "Test: 2 pictures found, 334 are published",
    ]


def test_without_test_there_is_no_split(tmp_path):
    """Whoever has only Train decides what to hold out."""
    write_ucf_qnrf(tmp_path, [3, 1], [])

    assert isinstance(read_ucf_qnrf(tmp_path), LabelledSet)


def test_every_fault_is_reported_at_once(tmp_path):
    """Damage in both parts is told with file names; the rest is usable."""
    write_ucf_qnrf(tmp_path, [3, 4, 5], [6, 7])
    (tmp_path / "Train" / "img_0001.jpg").write_bytes(b"no picture")
    (tmp_path / "Train" / "img_0002_ann.mat").unlink()
    (tmp_path / "Test" / "img_0001_ann.mat").write_bytes(b"no marks")
    write_ann_points(tmp_path / "Test" / "img_0077_ann.mat", [[1, 1]])

    found = read_ucf_qnrf(tmp_path)

    assert [one.name for one in found.labelled.pictures] == [
        "Train_img_0003.jpg",
        "Test_img_0002.jpg",
    ]
    text = "\n".join(map(str, found.labelled.faults))
    for words in (
        "Train_img_0001.jpg: picture cannot be decoded",
        "Train_img_0002.jpg: no marks (img_0002_ann.mat is missing)",
        "img_0001_ann.mat: marks cannot be read",
        "img_0077_ann.mat: marks without a picture",
    ):
        assert words in text


def test_marks_of_another_shape_are_a_fault(tmp_path):
    """Three columns cannot be taken for places."""
    write_ucf_qnrf(tmp_path, [3, 4], [1])
    write_ann_points(tmp_path / "Train" / "img_0001_ann.mat", [[1, 1, 1]])

    faults = read_ucf_qnrf(tmp_path).labelled.faults

    assert any("shape (1, 3)" in str(one) for one in faults)


def test_nothing_readable_is_an_error(tmp_path):
    """A set without one usable picture is told as such."""
    write_ucf_qnrf(tmp_path, [3], [])
    (tmp_path / "Train" / "img_0001.jpg").write_bytes(b"")

    with pytest.raises(DataError, match="not one of 1 pictures"):
        read_ucf_qnrf(tmp_path)
