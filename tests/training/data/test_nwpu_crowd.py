"""NWPU-Crowd is read as published, and its submission is what the benchmark takes."""

import shutil

import pytest

from tests.rigs.labelled import write_ann_points, write_nwpu_crowd
from training.data.folder import SplitSet
from training.data.labelled import LabelledSet
from training.data.nwpu_crowd import is_nwpu_crowd, read_nwpu_crowd, write_submission
from training.errors import DataError


@pytest.mark.parametrize("without", ["jsons", "mats"])
def test_published_layout(tmp_path, without):
    """Validation is held out, test pictures have no marks; either kind of marks will do."""
    write_nwpu_crowd(tmp_path, [3, 0, 5], [7, 2], 2)
    shutil.rmtree(tmp_path / without)

    marked, test = read_nwpu_crowd(tmp_path)

    assert is_nwpu_crowd(tmp_path)
    assert isinstance(marked, SplitSet)
    assert [len(one.points_xy) for one in marked.part(held_out=False)] == [3, 0, 5]
    assert [len(one.points_xy) for one in marked.part(held_out=True)] == [7, 2]
    assert isinstance(test, LabelledSet)
    assert not test.is_marked
    assert [one.name for one in test.pictures] == ["0006.jpg", "0007.jpg"]
    assert [str(one) for one in marked.labelled.faults] == [
        "train.txt: 3 pictures found, 3109 are published",
        "val.txt: 2 pictures found, 500 are published",
        "test.txt: 2 pictures found, 1500 are published",
    ]


def test_every_fault_is_reported_at_once(tmp_path):
    """Lists, pictures and marks that do not fit each other are told with names."""
    write_nwpu_crowd(tmp_path, [3, 4, 5], [2], 1)
    (tmp_path / "train.txt").write_text("0001 0 1\n0002 0 1\n0088 0 1\n")
    (tmp_path / "val.txt").write_text("0002 0 1\n0004 0 1\n")
    (tmp_path / "mats" / "0001.mat").write_bytes(b"no marks")
    (tmp_path / "images_part1" / "0005.jpg").write_bytes(b"no picture")
    write_ann_points(tmp_path / "mats" / "0077.mat", [[1, 1]])

    (marked,) = read_nwpu_crowd(tmp_path)

    assert [one.name for one in marked.labelled.pictures] == ["0002.jpg", "0004.jpg"]
    text = "\n".join(map(str, marked.labelled.faults))
    for words in (
        "0001.mat: marks cannot be read",
        "train.txt: picture 0088.jpg is missing",
        "val.txt: 0002 is in train.txt too, kept there",
        "0003.jpg: in none of the lists, left out",
        "0077.mat: marks without a picture",
        "0005.jpg: picture cannot be decoded",
    ):
        assert words in text


def test_submission_is_the_guideline_s_example(tmp_path):
    """Rows in the order of the numbers, four decimals, as in the benchmark's own example."""
    path = tmp_path / "out.txt"

    write_submission(path, {"5109.jpg": 8976.01734, "3610.jpg": 100.0, "3611.jpg": 2.2456})

    assert path.read_text() == "3610 100.0000\n3611 2.2456\n5109 8976.0173"


def test_submission_needs_numbers(tmp_path):
    """A picture of another set is named."""
    with pytest.raises(DataError, match=r"IMG_1\.jpg"):
        write_submission(tmp_path / "out.txt", {"IMG_1.jpg": 1.0, "3610.jpg": 1.0})


def test_submission_that_cannot_be_written_is_told(tmp_path):
    """A folder that is not there is named."""
    with pytest.raises(DataError, match="cannot be written"):
        write_submission(tmp_path / "no" / "out.txt", {"3610.jpg": 1.0})
