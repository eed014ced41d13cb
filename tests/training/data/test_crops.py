"""Crop number i is the same for ever."""

import torch

from tests.rigs.labelled import write_common
from training.data.augment import CropSettings
from training.data.crops import Collate, CropDataset, CropSampler, Source
from training.data.folder import read_folder
from training.data.histogram import block_histogram, scales_between


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
