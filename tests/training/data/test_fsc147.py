"""FSC-147 is read as published, in either spelling."""

import numpy as np
import pytest

from tests.rigs.labelled import write_fsc147
from training.data.folder import read_folder, write_folder
from training.data.fsc147 import is_fsc147, read_fsc147
from training.data.layouts import Reading, recognize
from training.errors import DataError

PARTS = {
    "train": [("2.jpg", "sea shells", [[5.0, 6.0], [5.0, 6.0], [40.5, 20.25]])],
    "val": [("7.jpg", "hot air balloons", [[10, 10]])],
    "test": [("1123.jpg", "beads", [[1, 1], [2, 2]]), ("9.jpg", "apples", [])],
    "val_coco": [],
}
SPELLINGS = [("FSC_147", "FSC147"), ("FSC_147", "FSC_147"), ("", "FSC147")]


@pytest.mark.parametrize(("inner", "spelling"), SPELLINGS)
def test_either_spelling(tmp_path, inner, spelling):
    """Files lie beside the pictures or in a folder, with an underscore or without."""
    write_fsc147(tmp_path, PARTS, inner=inner, spelling=spelling)

    learned, test = read_fsc147(tmp_path)

    assert is_fsc147(tmp_path)
    assert [one.name for one in learned.part(held_out=False)] == ["2.jpg"]
    assert [one.name for one in learned.part(held_out=True)] == ["7.jpg"]
    assert [one.name for one in test.part(held_out=True)] == ["1123.jpg", "9.jpg"]


def test_things_of_coco_are_sets_of_their_own(tmp_path):
    """They stay in their parts, too; a name that is in no part brings no picture."""
    parts = PARTS | {"val_coco": [], "test_coco": [("9.jpg", "apples", [])]}
    write_fsc147(tmp_path, parts)

    learned, test, coco = read_fsc147(tmp_path)

    assert (coco.labelled.name, coco.split) == ("FSC-147 test COCO", "official split: test_coco")
    assert [one.name for one in coco.part(held_out=True)] == ["9.jpg"]
    assert coco.part(held_out=False) == ()
    assert [one.name for one in test.labelled.pictures] == ["1123.jpg", "9.jpg"]
    assert len(learned.labelled.pictures) == 2


def test_every_point_counts_and_has_its_name(tmp_path):
    """Points that coincide are two things; boxes around examples are not read."""
    write_fsc147(tmp_path, PARTS)

    shells = read_fsc147(tmp_path)[0].labelled.pictures[0]

    assert shells.labels == ("sea shells",) * 3
    np.testing.assert_array_equal(shells.points_xy, np.float32([[5, 6], [5, 6], [40.5, 20.25]]))


def test_names_survive_the_common_format(tmp_path):
    """Prepared and read again, marks keep their names, empty pictures their emptiness."""
    write_fsc147(tmp_path / "set", PARTS)
    (_, layout) = recognize(tmp_path / "set")[0]
    learned, test = layout.read(tmp_path / "set", Reading(lambda items: items))
    for one, name in ((learned, "learned"), (test, "test")):
        write_folder(one, tmp_path / name)

    again = read_folder(tmp_path / "test").labelled.pictures

    assert [one.labels for one in again] == [("beads", "beads"), ()]
    kept = read_folder(tmp_path / "learned").labelled.pictures
    assert [one.labels for one in kept] == [("sea shells",) * 3, ("hot air balloons",)]


def test_what_is_wrong_is_told(tmp_path):
    """Pictures without class, marks or file are left out, each with its reason."""
    write_fsc147(tmp_path, PARTS)
    (tmp_path / "images_384_VarV2" / "7.jpg").write_bytes(b"no picture")
    classes = tmp_path / "FSC_147" / "ImageClasses_FSC147.txt"
    classes.write_text(classes.read_text().replace("9.jpg", "8.jpg"))

    learned, test = read_fsc147(tmp_path)

    told = [str(one) for one in learned.labelled.faults]
    assert any("7.jpg: picture cannot be decoded" in one for one in told)
    assert any("9.jpg: no class" in one for one in told)
    assert [one.name for one in test.labelled.pictures] == ["1123.jpg"]


def test_damaged_lists_are_an_error(tmp_path):
    """Without the annotation nothing is known."""
    write_fsc147(tmp_path, PARTS)
    (tmp_path / "FSC_147" / "annotation_FSC147_384.json").write_text("{")

    with pytest.raises(DataError, match=r"annotation_FSC147_384\.json: cannot be read"):
        read_fsc147(tmp_path)
