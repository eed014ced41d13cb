"""Crop number i is the same for ever.

Several crops of one picture in a row.
"""

import pytest
import torch

from tests.rigs.labelled import dotted_picture, write_common, write_picture
from training.data.augment import CropSettings
from training.data.crops import Collate, CropDataset, CropSampler, MultiCrops, Source
from training.data.folder import read_folder
from training.data.histogram import block_histogram, scales_between
from training.data.labelled import LabelledPicture


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
    several = MultiCrops(sources, settings, seed=5, crops_per_picture=in_a_row)
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


def dataset(tmp_path, *, seed=1, pasted=0.0, **options):
    """Crops of two small sets, one drawn three times as often."""
    one, other = (
        read_folder(write_common(tmp_path / name, counts)).part(held_out=False)
        for name, counts in (("a", [4, 4, 4]), ("b", [9, 9, 9, 9]))
    )
    settings = CropSettings(side_px=64, pasted=pasted)
    return CropDataset([Source(one, 3.0), Source(other, 1.0)], settings, seed=seed, **options)


def test_order_and_cache_do_not_matter(tmp_path):
    """The same number gives the same crop, in any order, with and without memory."""
    first = dataset(tmp_path / "1")
    second = dataset(tmp_path / "2", cache_bytes=0)
    order = [3, 0, 7, 3, 11]

    forward = {index: first[index] for index in sorted(order)}

    for index in order:
        picture, heads = second[index]
        assert torch.equal(picture, forward[index][0])
        assert torch.equal(heads, forward[index][1])


def test_crops_put_together_are_repeatable_too(tmp_path):
    """Those left alone are the very same crops; about as many as asked for are not."""
    alone = dataset(tmp_path / "1")
    first, second = (dataset(tmp_path / name, pasted=0.4) for name in ("2", "3"))

    changed = 0
    for index in range(100):
        picture, heads = first[index]
        assert torch.equal(picture, second[index][0])
        assert torch.equal(heads, second[index][1])
        changed += not torch.equal(picture, alone[index][0])

    assert 25 < changed < 55  # 40 expected, with a deviation of 5


def test_other_seed_other_crops(tmp_path):
    """Seeds differ."""
    assert not torch.equal(dataset(tmp_path / "1")[0][0], dataset(tmp_path / "2", seed=2)[0][0])


def test_global_randomness_is_left_alone(tmp_path):
    """Drawing a crop does not change what else in the program draws."""
    crops = dataset(tmp_path)
    torch.manual_seed(5)
    expected = torch.rand(3)

    torch.manual_seed(5)
    crops[0]

    assert torch.equal(torch.rand(3), expected)


def test_epochs_go_on_where_the_last_one_ended():
    """Over epochs and processes every number comes once."""
    seen = []
    for epoch in range(3):
        for rank in range(2):
            sampler = CropSampler(8, lambda done=8 * epoch: done, rank=rank, world_size=2)
            assert len(list(sampler)) == len(sampler) == 4
            seen.extend(sampler)

    assert sorted(seen) == list(range(24))


def test_batch_holds_everybody(tmp_path):
    """Blocks of a batch add up to the heads of its crops."""
    crops = dataset(tmp_path)

    batch = Collate(8)([crops[index] for index in range(6)])

    assert batch.pictures.shape == (6, 3, 64, 64)
    assert batch.target.blocks.shape == (6, 8, 8)
    assert batch.target.blocks.sum(dim=(1, 2)).tolist() == [len(p) for p in batch.target.points]


def test_histogram_counts_every_head_at_every_scale(tmp_path):
    """Heads times scales, whatever blocks they fall in."""
    pictures = read_folder(write_common(tmp_path / "set", [4, 0, 6])).labelled.pictures
    scales = scales_between(0.5, 2.0, count=3)

    histogram = block_histogram(pictures, block_px=8, scales=scales)

    assert scales == (0.5, 1.0, 2.0)
    assert sum(people * seen for people, seen in enumerate(histogram)) == 3 * 10
    assert sum(histogram) == 3 * (8 * 10 + 16 * 20 + 32 * 40)
