"""UCF_CC_50 is read as published, in five folds."""

import pytest

from tests.rigs.labelled import write_ucf_cc_50
from training.data.ucf_cc_50 import is_ucf_cc_50, read_ucf_cc_50
from training.errors import DataError


def test_folds_hold_out_every_picture_once(tmp_path):
    """Each of five folds holds out ten pictures in a row, in the order of their numbers."""
    write_ucf_cc_50(tmp_path, [number % 7 for number in range(1, 51)])

    found = [read_ucf_cc_50(tmp_path, fold=fold) for fold in range(1, 6)]

    held = [[one.name for one in each.part(held_out=True)] for each in found]
    assert held[1] == [f"{number}.jpg" for number in range(11, 21)]
    assert [name for fold in held for name in fold] == [f"{number}.jpg" for number in range(1, 51)]
    assert [len(one.points_xy) for one in found[0].labelled.pictures] == [
        number % 7 for number in range(1, 51)
    ]
    assert found[4].split == "fold 5 of 5: pictures 41 to 50 held out"


def test_layout_and_faults(tmp_path):
    """Missing marks and an incomplete set are told."""
    write_ucf_cc_50(tmp_path, [3, 4])
    (tmp_path / "2_ann.mat").unlink()

    text = "\n".join(map(str, read_ucf_cc_50(tmp_path).labelled.faults))

    assert is_ucf_cc_50(tmp_path)
    assert "UCF_CC_50: 2 pictures found, 50 are published" in text
    assert "2.jpg: no marks (2_ann.mat is missing)" in text
    assert "1.jpg: grey picture" in text


def test_unknown_fold_is_refused(tmp_path):
    """There are five."""
    with pytest.raises(ValueError, match="folds 1 to 5"):
        read_ucf_cc_50(tmp_path, fold=6)


def test_empty_folder_is_an_error(tmp_path):
    """Nothing is not a data set."""
    with pytest.raises(DataError, match="not one of 0"):
        read_ucf_cc_50(tmp_path)
