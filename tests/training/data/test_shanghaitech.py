"""ShanghaiTech is read as published, with every fault named."""

from pathlib import Path

import numpy as np
import pytest

from tests.rigs.labelled import dotted_picture, write_shanghaitech, write_shanghaitech_marks
from training.data.shanghaitech import is_part, is_whole, read_part, read_whole
from training.errors import DataError

REAL = Path(__file__).parents[4] / "shared" / "data" / "ShanghaiTech"


def test_published_layout(tmp_path):
    """Pictures come in the order of their numbers, each with its own marks."""
    write_shanghaitech(tmp_path, [3, 0, 7, 1, 2, 4, 5, 6, 8, 9, 11])

    found = read_part(tmp_path)

    assert [one.name for one in found.pictures][:3] == ["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"]
    assert found.pictures[-1].name == "IMG_11.jpg"
    assert [len(one.points_xy) for one in found.pictures] == [3, 0, 7, 1, 2, 4, 5, 6, 8, 9, 11]
    _, expected = dotted_picture((96, 128), 3, seed=1)
    np.testing.assert_allclose(found.pictures[0].points_xy, expected, rtol=1e-5)
    assert found.faults == ()


def test_every_fault_is_reported_at_once(tmp_path):
    """Damage, missing files and wrong totals are told with file names; the rest is usable."""
    write_shanghaitech(tmp_path, [3, 4, 5, 6])
    (tmp_path / "images" / "IMG_1.jpg").write_bytes(b"no picture")
    (tmp_path / "ground-truth" / "GT_IMG_2.mat").unlink()
    (tmp_path / "ground-truth" / "GT_IMG_3.mat").write_bytes(b"no marks")
    write_shanghaitech_marks(tmp_path / "ground-truth" / "GT_IMG_4.mat", [[1, 1]], stated=9)
    write_shanghaitech_marks(tmp_path / "ground-truth" / "GT_IMG_77.mat", [[1, 1]])

    found = read_part(tmp_path)

    assert [one.name for one in found.pictures] == ["IMG_4.jpg"]
    text = "\n".join(map(str, found.faults))
    for words in (
        "IMG_1.jpg: picture cannot be decoded",
        "IMG_2.jpg: no marks",
        "GT_IMG_3.mat: marks cannot be read",
        "GT_IMG_4.mat: states 9 people but marks 1",
        "GT_IMG_77.mat: marks without a picture",
    ):
        assert words in text


def test_both_spellings_of_the_marks_folder(tmp_path):
    """Copies of the set spell it with a hyphen or an underscore."""
    write_shanghaitech(tmp_path, [2])
    marks = tmp_path / "ground-truth"
    marks.rename(marks.with_name("ground_truth"))

    assert is_part(tmp_path)
    assert [len(one.points_xy) for one in read_part(tmp_path).pictures] == [2]


def test_official_split(tmp_path):
    """Training and test pictures, which share their names, become one set; test is held out."""
    write_shanghaitech(tmp_path / "part_A" / "train_data", [1, 2, 3])
    write_shanghaitech(tmp_path / "part_A" / "test_data", [4, 5])

    found = read_whole(tmp_path / "part_A")

    assert is_whole(tmp_path / "part_A")
    assert found.labelled.name == "ShanghaiTech part_A"
    assert [one.name for one in found.part(held_out=True)] == ["test_IMG_1.jpg", "test_IMG_2.jpg"]
    assert [len(one.points_xy) for one in found.part(held_out=True)] == [4, 5]
    assert [len(one.points_xy) for one in found.part(held_out=False)] == [1, 2, 3]
    assert "test_data" in found.split


def test_nothing_readable_is_an_error(tmp_path):
    """A set without one usable picture is told as such."""
    write_shanghaitech(tmp_path, [3])
    (tmp_path / "images" / "IMG_1.jpg").write_bytes(b"")

    with pytest.raises(DataError, match="not one of 1 pictures"):
        read_part(tmp_path)


@pytest.mark.data
@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data")
def test_real_part_b_first_picture():
    """The published file of part B has 400 pictures; read here: that its totals are as stated."""
    part = REAL / "part_B" / "train_data"
    few = {"IMG_1.jpg", "IMG_55.jpg", "IMG_99.jpg"}

    found = read_part(
        part, progress=lambda pairs: [one for one in pairs if one.picture.name in few]
    )

    shared = {str(one) for one in found.faults if "share a place" in one.what}
    assert {one.name for one in found.pictures} == few
    assert all(one.size_hw == (768, 1024) for one in found.pictures)
    assert "IMG_99.jpg: 5 marks that share a place with another, kept" in shared
    assert not [one for one in found.faults if "states" in one.what]
