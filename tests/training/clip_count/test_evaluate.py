"""A checkpoint is asked about pictures, and what it answers is summed up."""

import csv
import json

import cv2
import numpy as np
import pytest

from tests.rigs.tiny_count import tiny_counter
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.clip_count.evaluate import read_questions
from training.errors import DataError
from training.evaluate import main


@pytest.fixture
def model(tmp_path):
    """A network that was never taught."""
    counter = tiny_counter()
    save_checkpoint(Checkpoint(counter.config, counter.state_dict()), tmp_path / "model.ckpt")
    return tmp_path / "model.ckpt"


@pytest.fixture
def data(tmp_path):
    """Three pictures of cars, people and birds, two of them held out, one of these empty."""
    images = tmp_path / "set" / "images"
    images.mkdir(parents=True)
    for name in ("a", "b", "c"):
        cv2.imwrite(str(images / f"{name}.png"), np.full((50, 90, 3), 120, np.uint8))
    (tmp_path / "set" / "points.csv").write_text(
        "image,x,y,label\na.png,5,5,birds\nb.png,5,5,cars\nb.png,9,9,cars\nb.png,9,9,people\n"
    )
    (tmp_path / "set" / "dataset.json").write_text(
        json.dumps({"name": "three", "validation": ["b.png", "c.png"]})
    )
    return tmp_path / "set"


def test_right_and_absent_things_are_asked_for(model, data, tmp_path, capsys):
    """Everything in a held-out picture and two things that are not, as far as there are two."""
    code = main([str(model), "--data", str(data), "--csv", str(tmp_path / "out.csv")])

    assert code == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    asked = {(row["image"], row["prompt"], float(row["truth"]), row["is_absent"]) for row in rows}
    assert {one for one in asked if one[0] == "b.png"} == {
        ("b.png", "cars", 2.0, "0"), ("b.png", "people", 1.0, "0"), ("b.png", "birds", 0.0, "1"),
    }  # fmt: skip
    of_empty = [one for one in asked if one[0] == "c.png"]
    assert len(of_empty) == 2
    assert all(one[2:] == (0.0, "1") for one in of_empty)
    assert "sensitivity" in " ".join(capsys.readouterr().out.split())


def test_errors_go_into_the_checkpoint(model, data):
    """The exporter finds them there."""
    assert main([str(model), "--data", str(data), "--calibrate"]) == 0

    (error,) = load_checkpoint(model).metadata["errors"]
    assert error["split"].startswith("three")
    assert error["pictures"] == 2


def test_questions_of_a_file(model, data, tmp_path):
    """One kind of several is asked for, and the file says how many there are."""
    asks, out = tmp_path / "asks.json", tmp_path / "out.csv"
    asks.write_text(json.dumps({"a.png": {"class": "red birds", "count": 7}}))

    code = main([str(model), "--data", str(data), "--asks", str(asks), "--csv", str(out)])

    assert code == 0
    with out.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["image"], row["prompt"], float(row["truth"])) == ("a.png", "red birds", 7.0)


@pytest.mark.parametrize("text", ["{", "[]", '{"a.png": 3}', '{"a.png": {"class": "x"}}'])
def test_files_without_questions(tmp_path, text):
    """The form is shown."""
    (tmp_path / "asks.json").write_text(text)

    with pytest.raises(DataError, match="it holds JSON such as"):
        read_questions(tmp_path / "asks.json")
