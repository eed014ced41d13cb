"""What is counted worst is drawn most often, and nothing else changes."""

import csv
from collections import Counter

import numpy as np
import pytest

from tests.rigs.labelled import write_common
from tests.rigs.tiny_model import write_tiny_model
from training.data.augment import CropSettings
from training.data.crops import CropDataset, Source
from training.data.folder import read_folder, read_weights, write_weights
from training.errors import DataError
from training.hard_examples import MOST, main, weight_of


@pytest.mark.parametrize(
    ("truth", "count", "expected"),
    [
        pytest.param(7.0, 7.0, 1.0, id="right"),
        pytest.param(0.0, 57.0, MOST, id="empty room that reads 57"),
        pytest.param(5.0, 10.0, 1 + (MOST - 1) / 2, id="wrong by half of what counts as all"),
        pytest.param(100.0, 0.0, 1 + (MOST - 1) * 100 / 105, id="nobody seen of a hundred"),
    ],
)
def test_weight_follows_the_error(truth, count, expected):
    """A fault is judged against the people there, and five more."""
    assert weight_of(truth, count) == pytest.approx(expected)


def test_command_weighs_what_may_be_learned(tmp_path):
    """Every picture that is not held out has a weight that follows from its count."""
    folder = write_common(tmp_path / "set", [3, 0, 5, 2])
    model = write_tiny_model(tmp_path / "model.onnx")

    assert main([str(model), str(folder)]) == 0

    weights = read_weights(folder)
    assert list(weights) == ["p000.png", "p001.png"]
    assert [one.weight for one in read_folder(folder).labelled.pictures][2:] == [1.0, 1.0]
    assert all(1 <= one <= MOST for one in weights.values())


def test_pictures_are_drawn_as_often_as_they_weigh(tmp_path):
    """Three times the weight, three times the crops."""
    folder = write_common(tmp_path / "set", [0, 4, 1, 1])
    write_weights(folder, {"p001.png": 3.0})
    pictures = read_folder(folder).part(held_out=False)
    crops = CropDataset(
        [Source(pictures)], CropSettings(side_px=64, smallest_scale=0.5, largest_scale=0.5), seed=1
    )

    # At half size a crop holds the whole picture, so its heads tell which picture it is.
    drawn = Counter(len(crops[index][1]) > 0 for index in range(400))

    assert drawn[True] == pytest.approx(300, abs=4 * np.sqrt(400 * 0.75 * 0.25))


def test_equal_weights_leave_the_crops_as_they_were(tmp_path):
    """A set without weights gives the crops that it gave before there were any."""
    plain = read_folder(write_common(tmp_path / "set", [3, 1, 4])).labelled.pictures
    settings = CropSettings(side_px=64)
    whole = read_folder(write_common(tmp_path / "weighed", [3, 1, 4]))
    write_weights(tmp_path / "weighed", {one.name: 1.0 for one in whole.labelled.pictures})
    weighed = read_folder(tmp_path / "weighed").labelled.pictures

    ones = CropDataset([Source(plain)], settings, seed=5)
    others = CropDataset([Source(weighed)], settings, seed=5)

    for index in range(6):
        np.testing.assert_array_equal(ones[index][0], others[index][0])


@pytest.mark.parametrize("weight", ["0", "-1", "much", "nan", ""])
def test_wrong_weight_is_named(tmp_path, weight):
    """A weight that means nothing is refused with its line."""
    folder = write_common(tmp_path / "set", [1])
    with (folder / "weights.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["image", "weight"], ["p000.png", weight]])

    with pytest.raises(DataError, match="line 2: weight"):
        read_folder(folder)


def test_unknown_picture_is_named(tmp_path):
    """Weights of another set are noticed."""
    folder = write_common(tmp_path / "set", [1])
    write_weights(folder, {"other.png": 2.0})

    with pytest.raises(DataError, match=r"weights\.csv names 1 pictures"):
        read_folder(folder)
