"""Several crops of one picture in a row."""

import pytest
import torch

from tests.rigs.labelled import dotted_picture, write_picture
from training.data.augment import CropSettings
from training.data.crops import Source
from training.data.labelled import LabelledPicture
from training.several import SeveralCrops


@pytest.fixture
def sources(tmp_path):
    """Pictures with 1, 2, 3, … heads that fit a crop whole, so that its heads name its picture."""
    pictures = []
    for people in range(1, 7):
        image, points = dotted_picture((64, 64), people, seed=people)
        path = write_picture(tmp_path / f"p{people}.png", image)
        pictures.append(LabelledPicture(path, (64, 64), points))
    return [Source(tuple(pictures[:3])), Source(tuple(pictures[3:]), weight=2)]


def crops(sources, count, *, in_a_row):
    """The first crops, at full size."""
    settings = CropSettings(side_px=64, smallest_scale=1.0, largest_scale=1.0)
    several = SeveralCrops(sources, settings, seed=5, crops_per_picture=in_a_row)
    return [several[index] for index in range(count)]


def test_crops_in_a_row_are_of_one_picture_and_differ(sources):
    """Three numbers share a picture, each with its own weather; the next three have another."""
    found = crops(sources, 60, in_a_row=3)

    people = [len(heads) for _, heads in found]
    assert all(len(set(people[start : start + 3])) == 1 for start in range(0, 60, 3))
    assert len(set(people)) > 3
    assert not torch.equal(found[0][0], found[1][0])


def test_a_crop_depends_on_its_number_alone(sources):
    """Any worker gives the same crop for the same number."""
    first, second = crops(sources, 9, in_a_row=3), crops(sources, 9, in_a_row=3)

    for (picture, heads), (other, others) in zip(first, second, strict=True):
        assert torch.equal(picture, other)
        assert torch.equal(heads, others)


def test_sources_are_drawn_by_weight(sources):
    """A source of double weight gives two thirds of the pictures."""
    people = [len(heads) for _, heads in crops(sources, 600, in_a_row=2)]
    share = sum(one > 3 for one in people) / len(people)

    assert share == pytest.approx(2 / 3, abs=0.09), "3.3 deviations of 300 drawings"
