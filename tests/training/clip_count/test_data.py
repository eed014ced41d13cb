"""Crops come with a question and its true answer."""

import cv2
import numpy as np
import pytest
import torch

from training.clip_count.data import PromptCollate, PromptCrops, Questions
from training.data.augment import CropSettings
from training.data.crops import Source
from training.data.labelled import LabelledPicture

SETTINGS = CropSettings(
    side_px=64, smallest_scale=1.0, largest_scale=1.0, blur=0.0, noise=0.0, jpeg=0.0
)


@pytest.fixture
def source(tmp_path):
    """A picture with three red and one blue dot, one with blue dots alone, and an empty one."""
    pictures = []
    for index, labels in enumerate((["red"] * 3 + ["blue"], ["blue"] * 2, [])):
        points = np.array([[8 + 14 * i, 20 + 8 * i] for i in range(len(labels))], np.float32)
        image = np.full((64, 64, 3), 200, np.uint8)
        for (x, y), label in zip(points, labels, strict=True):
            color = (0, 0, 255) if label == "red" else (255, 0, 0)
            cv2.circle(image, (int(x), int(y)), 3, color, -1)
        path = tmp_path / f"{index}.png"
        cv2.imwrite(str(path), image)
        pictures.append(
            LabelledPicture(path, (64, 64), points.reshape(-1, 2), labels=tuple(labels))
        )
    return Source(tuple(pictures))


def crops(source, *, absent=0.0, mosaic=0.0, seed=0) -> PromptCrops:
    return PromptCrops([source], SETTINGS, Questions(absent, mosaic), seed=seed)


def is_colored(crop, place, prompt) -> bool:
    """Whether the pixel is more of the asked color than of the other, whatever the light."""
    red, _, blue = crop[:, int(place[1]), int(place[0])].tolist()
    return (red > blue) == (prompt == "red")


def test_the_answer_is_where_the_asked_things_are(source):
    """Whole crops of pictures: every point lies on a dot of the asked color, none is missing."""
    numbers = {("red", 3), ("blue", 1), ("blue", 2), ("red", 0), ("blue", 0)}
    for index in range(40):
        asked = crops(source)[index]

        assert (asked.prompt, len(asked.points_xy)) in numbers
        assert all(is_colored(asked.picture, one, asked.prompt) for one in asked.points_xy)


def test_mosaics_count_the_asked_kind_in_all_tiles(source):
    """Four pictures in one; points move with their tile and stay on their dots."""
    tiles = [crops(source, mosaic=1.0)[index] for index in range(40)]

    assert all(one.picture.shape == (3, 64, 64) for one in tiles)
    halves = {(x >= 32, y >= 32) for one in tiles for x, y in one.points_xy.tolist()}
    assert len(halves) == 4
    for one in tiles:
        inside = one.points_xy[(one.points_xy % 32 > 1).all(dim=1)]  # a seam cuts a dot in two
        assert all(is_colored(one.picture, place, one.prompt) for place in inside)


def test_absent_things_are_asked_for_as_often_as_wanted(source):
    """A question for what is nowhere in the picture has no points."""
    asked = [crops(source, absent=1.0)[index] for index in range(30)]

    # The first picture holds both colors: nothing is absent from it.
    assert {(one.prompt, len(one.points_xy)) for one in asked} <= {
        ("red", 0), ("blue", 0), ("red", 3), ("blue", 1),
    }  # fmt: skip
    assert any(one.prompt == "red" and not len(one.points_xy) for one in asked)


def test_crop_is_a_function_of_seed_and_number(source):
    """The same again, whatever was asked before; another seed, another crop."""
    made, again = crops(source, absent=0.5, mosaic=0.5), crops(source, absent=0.5, mosaic=0.5)
    first = [made[index] for index in range(8)]

    for index in reversed(range(8)):
        other = again[index]
        assert torch.equal(other.picture, first[index].picture)
        assert other.prompt == first[index].prompt
    others = crops(source, absent=0.5, mosaic=0.5, seed=1)
    assert any(not torch.equal(others[i].picture, first[i].picture) for i in range(8))


def test_batches_keep_questions_with_their_crops(source):
    """Blocks add up to the points of the asked kind."""
    asked = [crops(source)[index] for index in range(4)]

    batch = PromptCollate(8)(asked)

    assert batch.prompts == tuple(one.prompt for one in asked)
    sums = batch.crops.target.blocks.sum(dim=(1, 2)).tolist()
    assert sums == [len(one.points_xy) for one in asked]
