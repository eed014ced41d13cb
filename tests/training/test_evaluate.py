"""Models are scored as the field does, by the tiling of the app, and submitted as asked."""

import csv

import numpy as np
import pytest

from tests.rigs.labelled import write_picture
from tests.rigs.tiny_model import write_tiny_model
from training.data.folder import SplitSet, write_folder
from training.data.labelled import LabelledPicture, LabelledSet
from training.evaluate import main

SIZE_HW = (32, 48)


def bright(path, blocks):
    """Black with white blocks of 8 px at (row, column): the tiny model finds 2 in each."""
    image = np.zeros((*SIZE_HW, 3), np.uint8)
    for row, column in blocks:
        image[8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = 255
    return write_picture(path, image)


def write_set(folder, scenes, *, is_marked=True):
    """Write a set, everything held out; a scene is a name, its white blocks and its heads."""
    pictures = tuple(
        LabelledPicture(
            bright(folder.with_name("source") / name, blocks),
            SIZE_HW,
            np.array(heads, np.float32).reshape(-1, 2),
        )
        for name, blocks, heads in scenes
    )
    labelled = LabelledSet("Bright", "made for tests", pictures, is_marked=is_marked)
    write_folder(SplitSet(labelled, (is_marked,) * len(pictures), "all"), folder)
    return folder


def scenes():
    """Two pictures: one counted right in the wrong place, one with two people too many."""
    return [
        ("1.png", [(0, 0)], [(40, 30), (41, 30)]),
        ("2.png", [(0, 0), (3, 5)], [(1, 1), (2, 2)]),
    ]


def test_scores_and_grids(tmp_path, capsys):
    """Errors by hand: 0 and 2 people; over the quarters, 4 and 2."""
    model = write_tiny_model(tmp_path / "model.onnx")
    folder = write_set(tmp_path / "set", scenes())
    table = tmp_path / "scores.csv"

    code = main([str(model), "--data", str(folder), "--csv", str(table), "--game", "0", "1"])

    assert code == 0
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["1.png", "2.png"]
    assert [float(row["truth"]) for row in rows] == [2, 2]
    assert [float(row["count"]) for row in rows] == pytest.approx([2, 4])
    assert [float(row["grid_error_0"]) for row in rows] == pytest.approx([0, 2], abs=1e-5)
    assert [float(row["grid_error_1"]) for row in rows] == pytest.approx([4, 2], abs=1e-5)
    text = capsys.readouterr().out
    assert "1.00" in text  # MAE and GAME(0)
    assert "3.00" in text  # GAME(1)


def test_errors_by_number_of_people(tmp_path, capsys):
    """One picture of nobody, counted 2; two of 2 people, counted 2 and 4; no picture of more."""
    model = write_tiny_model(tmp_path / "model.onnx")
    folder = write_set(tmp_path / "set", [("0.png", [(0, 0)], []), *scenes()])

    assert main([str(model), "--data", str(folder), "--bands", "50", "1"]) == 0

    rows = {
        line.split("│")[1].strip(): line
        for line in capsys.readouterr().out.splitlines()
        if line.count("│") == 6
    }
    assert "2.00" in rows["0 to 0"]
    assert "+2.00" in rows["0 to 0"]
    assert "1.00" in rows["1 to 49"]
    assert "50.0%" in rows["1 to 49"]
    assert "50 or more" not in rows


def test_errors_under_conditions(tmp_path, capsys):
    """White stays white without color; at night a white block gives fewer people."""
    model = write_tiny_model(tmp_path / "model.onnx")
    folder = write_set(tmp_path / "set", scenes())

    assert main([str(model), "--data", str(folder), "--conditions"]) == 0

    rows = {
        line.split("│")[1].strip(): line.split("│")[2].strip()
        for line in capsys.readouterr().out.splitlines()
        if line.count("│") == 3
    }
    assert rows["as it is"] == "1.00 (+1.00)"
    assert rows["grey"].startswith("1.00 (+")
    assert float(rows["night"].split("(")[1].rstrip(")")) < 1
    assert {"rain", "blur", "noise", "few pixels", "JPEG", "H.264"} <= rows.keys()


def test_csv_without_grids(tmp_path):
    """Columns of grids are there only when asked for."""
    model = write_tiny_model(tmp_path / "model.onnx")
    folder = write_set(tmp_path / "set", scenes())
    table = tmp_path / "scores.csv"

    assert main([str(model), "--data", str(folder), "--csv", str(table)]) == 0

    assert table.read_text().splitlines()[0] == "set,image,truth,count,variance"


def test_change_with_size_and_price_of_intervals_are_shown(tmp_path, capsys):
    """A white block of 8 px is half a block at half the size: its 2 people become ½ of one.

    The tiny model's variance of 0.5 a block, times 4, gives ± 2.33 about 2 and ± 3.29 about 4, so
    both truths of 2 are held, by intervals that are cut at 0.
    """
    model = write_tiny_model(tmp_path / "model.onnx")
    folder = write_set(tmp_path / "set", scenes())

    assert main([str(model), "--data", str(folder), "--shrink", "0.5"]) == 0

    text = capsys.readouterr().out
    assert "75.0%" in text
    half = 1.6448536 * np.array([2**0.5, 2.0])
    width = (np.array([2, 4]) + half - np.maximum(0, np.array([2, 4]) - half)).mean()
    assert "100%" in text
    assert f"{width:.1f}" in text


def test_submission(tmp_path):
    """Test pictures without marks are counted and written as the benchmark takes them."""
    model = write_tiny_model(tmp_path / "model.onnx")
    named = [("3611.png", [(0, 0)], []), ("3610.png", [], []), ("3612.png", [(1, 1), (2, 2)], [])]
    folder = write_set(tmp_path / "set", named, is_marked=False)
    path = tmp_path / "submission.txt"

    assert main([str(model), "--data", str(folder), "--submission", str(path)]) == 0

    assert path.read_text() == "3610 0.0000\n3611 2.0000\n3612 4.0000"


def test_pictures_without_marks_are_not_scored(tmp_path, capsys):
    """They are never taken for empty places."""
    model = write_tiny_model(tmp_path / "model.onnx")
    folder = write_set(tmp_path / "set", [("1.png", [(0, 0)], [])], is_marked=False)

    assert main([str(model), "--data", str(folder), "--all"]) == 1

    assert "points.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        ["--submission", "out.txt", "--csv", "scores.csv"],
        ["--submission", "out.txt", "--game", "1"],
        ["--submission", "out.txt", "--data", "one", "two"],
        ["--calibrate"],
        ["--game", "9"],
        ["--shrink", "2"],
    ],
)
def test_wrong_use_is_refused(more, capsys):
    """Before anything is opened."""
    with pytest.raises(SystemExit) as caught:
        main(["model.onnx", "--data", "set", *more])

    assert caught.value.code == 2
    assert "error" in capsys.readouterr().err


def test_two_models_side_by_side(tmp_path, capsys):
    """The same file twice: no difference, and nobody is called better."""
    model = write_tiny_model(tmp_path / "model.onnx")
    folder = write_set(tmp_path / "set", scenes())

    assert main([str(model), "--data", str(folder), "--against", str(model)]) == 0

    text = capsys.readouterr().out
    assert "+0.00 to +0.00" in text
    assert "neither better nor worse" in text
