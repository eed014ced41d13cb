"""Every published layout is told from the others, wherever it lies."""

from pathlib import Path

import pytest

from tests.rigs.labelled import (
    write_common,
    write_jhu_crowd,
    write_mall,
    write_nwpu_crowd,
    write_shanghaitech,
    write_ucf_cc_50,
    write_ucf_qnrf,
)
from training.data.layouts import LAYOUTS, Reading, recognize
from training.errors import DataError


def write_all(root):
    """Write one of every kind; gives layout names by folder."""
    write_common(root / "common", [1, 2])
    write_nwpu_crowd(root / "nwpu", [1, 2], [1], 1)
    write_jhu_crowd(root / "jhu", [1], [1], [1])
    write_ucf_qnrf(root / "UCF-QNRF_ECCV18", [1], [1])
    write_ucf_cc_50(root / "UCF_CC_50", [1, 2])
    write_mall(root / "mall", [1])
    write_shanghaitech(root / "ShanghaiTech" / "part_A" / "train_data", [1])
    write_shanghaitech(root / "ShanghaiTech" / "part_A" / "test_data", [1])
    write_shanghaitech(root / "ShanghaiTech" / "part_B" / "train_data", [1])
    return {
        "common": "the common format",
        "nwpu": "NWPU-Crowd",
        "jhu": "JHU-Crowd++",
        "UCF-QNRF_ECCV18": "UCF-QNRF",
        "UCF_CC_50": "UCF_CC_50",
        "mall": "Mall",
        "ShanghaiTech/part_A": "ShanghaiTech",
        "ShanghaiTech/part_B/train_data": "one part of ShanghaiTech",
    }


def test_all_sets_below_a_folder_are_found(tmp_path):
    """Each is found once, as what it is, and can be read as that."""
    expected = write_all(tmp_path)

    found = recognize(tmp_path)

    names = {path.relative_to(tmp_path).as_posix(): layout.name for path, layout in found}
    assert names == expected
    sets = [one for path, how in found for one in how.read(path, Reading(lambda items: items))]
    assert len(sets) == len(expected) + 1  # the test pictures of NWPU-Crowd


def test_the_set_itself_may_be_named(tmp_path):
    """The folder given may be the set."""
    write_all(tmp_path)

    assert [layout.name for _, layout in recognize(tmp_path / "jhu")] == ["JHU-Crowd++"]


def test_unknown_folder_lists_what_is_known(tmp_path):
    """The sentence says what is looked for."""
    (tmp_path / "images").mkdir()

    with pytest.raises(DataError, match=r"points\.csv.*mats.*mall_gt\.mat"):
        recognize(tmp_path)


def test_no_folder_is_told(tmp_path):
    """A wrong path is not a wrong layout."""
    with pytest.raises(DataError, match="no such folder"):
        recognize(tmp_path / "nothing")


def test_every_layout_is_documented():
    """Whoever adds a set says in the documentation how it must lie on disk."""
    text = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")

    missing = [one.name for one in LAYOUTS if one.name.removeprefix("one part of ") not in text]

    assert missing == []
