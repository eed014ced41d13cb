"""The common format keeps everything, and tells everything that is wrong."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.rigs.labelled import write_common
from training.data.folder import SplitSet, read_folder, read_unmarked, write_folder
from training.data.labelled import LabelledSet
from training.errors import DataError


def test_what_is_written_is_read(tmp_path):
    """Pictures, marks, split, name and licence survive."""
    folder = write_common(tmp_path / "set", [3, 0, 5, 2])

    found = read_folder(folder)

    assert [len(one.points_xy) for one in found.labelled.pictures] == [3, 0, 5, 2]
    assert found.is_held_out == (False, False, True, True)
    assert found.labelled.name == "set"
    assert found.labelled.licence == "made for tests"
    copied = tmp_path / "copy"
    write_folder(found, copied)
    again = read_folder(copied)
    for one, other in zip(found.labelled.pictures, again.labelled.pictures, strict=True):
        np.testing.assert_array_equal(one.points_xy, other.points_xy)
        assert one.path.read_bytes() == other.path.read_bytes()


def test_only_images_and_points_are_needed(tmp_path):
    """A folder that another tool made holds nothing out."""
    folder = write_common(tmp_path / "set", [1, 2])
    (folder / "dataset.json").unlink()

    found = read_folder(folder)

    assert found.is_held_out == (False, False)
    assert found.labelled.licence == "not stated"


def test_full_folder_is_not_overwritten(tmp_path):
    """Data that somebody marked is never lost by a command."""
    folder = write_common(tmp_path / "set", [1])

    with pytest.raises(DataError, match="holds a data set already"):
        write_folder(read_folder(folder), folder)


def test_set_without_marks(tmp_path):
    """Test pictures of a benchmark are kept without marks, and never taken for empty places."""
    marked = read_folder(write_common(tmp_path / "set", [1, 2])).labelled
    unmarked = replace(marked, is_marked=False)

    write_folder(SplitSet(unmarked, (False, False), "none"), tmp_path / "copy")

    found = read_unmarked(tmp_path / "copy")
    assert [one.name for one in found.pictures] == ["p000.png", "p001.png"]
    assert (found.name, found.licence, found.is_marked) == ("set", "made for tests", False)
    with pytest.raises(DataError, match=r"points\.csv"):
        read_folder(tmp_path / "copy")
    with pytest.raises(DataError, match="images"):
        read_unmarked(tmp_path)


def test_marks_stay_in_their_pixels(tmp_path):
    """Marks a hair before the next pixel or the edge, and tiny ones, keep all their digits."""
    one = read_folder(write_common(tmp_path / "one", [0], held_out=0)).labelled.pictures[0]
    height, width = one.size_hw
    last = np.nextafter(np.array([width, height], np.float32), np.float32(0))
    points = np.array([last, [1e-7, 31.999998]], np.float32)

    labelled = LabelledSet("set", "made for tests", (replace(one, points_xy=points),))
    write_folder(SplitSet(labelled, (False,), "none"), tmp_path / "copy")

    found = read_folder(tmp_path / "copy").labelled
    np.testing.assert_array_equal(found.pictures[0].points_xy, points)
    assert found.faults == ()


def test_names_of_a_set_may_differ_from_their_files(tmp_path):
    """Files of the same name in two folders are kept apart."""
    one = read_folder(write_common(tmp_path / "one", [1], held_out=0)).labelled.pictures[0]
    two = read_folder(write_common(tmp_path / "two", [5], held_out=0)).labelled.pictures[0]
    both = (replace(one, kept_as="a.png"), replace(two, kept_as="b.png"))

    labelled = LabelledSet("both", "made for tests", both)
    write_folder(SplitSet(labelled, (False, True), "b"), tmp_path / "both")

    found = read_folder(tmp_path / "both")
    assert [(p.name, len(p.points_xy)) for p in found.labelled.pictures] == [
        ("a.png", 1),
        ("b.png", 5),
    ]
    assert found.is_held_out == (False, True)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("points.csv", "picture,x,y\n", "first row must be image,x,y"),
        ("points.csv", "image,x,y\np000.png,1,a\np000.png,,2\n", r"2 rows.*line 2.*line 3"),
        ("points.csv", "image,x,y\nother.png,1,2\n", r"not in `images`: other\.png"),
        ("dataset.json", "{", "cannot be read"),
        ("dataset.json", json.dumps({"name": "n", "validation": ["z.png"]}), r"z\.png"),
    ],
)
def test_faults_name_file_and_place(tmp_path, file, text, words):
    """What is wrong is told so that it can be mended."""
    folder = write_common(tmp_path / "set", [1, 2])
    (folder / file).write_text(text)

    with pytest.raises(DataError, match=words):
        read_folder(folder)


def test_folder_of_something_else_says_how_to_make_one(tmp_path):
    """The way to the format is in the message."""
    with pytest.raises(DataError, match=r"training\.prepare"):
        read_folder(tmp_path)


def test_labels_are_kept_and_kinds_may_coincide(tmp_path):
    """A fourth column says what things are; two kinds at one place are two things."""
    folder = write_common(tmp_path / "set", [1, 0])
    (folder / "points.csv").write_text(
        "image,x,y,label\np000.png,5,6,people\np000.png,5,6,cars\np000.png,9,9,people\n"
        "p000.png,5000,6,cars\n"
    )

    first, empty = read_folder(folder).labelled.pictures

    assert sorted(zip(first.labels, first.points_xy.tolist(), strict=True)) == [
        ("cars", [5, 6]), ("people", [5, 6]), ("people", [9, 9]),
    ]  # fmt: skip
    assert empty.labels == ()
    assert read_folder(write_common(tmp_path / "plain", [1])).labelled.pictures[0].labels is None


def test_rows_without_a_label_are_an_error(tmp_path):
    """A thing that nobody named cannot be asked for."""
    folder = write_common(tmp_path / "set", [1])
    (folder / "points.csv").write_text("image,x,y,label\np000.png,5,6,\n")

    with pytest.raises(DataError, match="no label"):
        read_folder(folder)
