"""Small pictures looked at enlarged."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.bins import Bin, BinSet
from training.models.config import PyramidConfig, grid_of
from training.models.enlarging import enlarged, enlargement, on_grid
from training.models.pyramid import PyramidCounter
from training.models.shufflenet import SHUFFLENET

BINS = BinSet((Bin(0, 0), Bin(1, 1), Bin(2, None)), (0.0, 1.0, 2.4))


def counter_of(least_pixels):
    """A tiny pyramid with weights of one seed."""
    torch.manual_seed(5)
    config = PyramidConfig(
        trunk=SHUFFLENET, grid=grid_of(8, BINS), width=8, familiarity=3, least_pixels=least_pixels
    )
    return PyramidCounter(config).eval()


@given(height=st.integers(1, 3000), width=st.integers(1, 3000), least=st.integers(0, 2_000_000))
def test_pictures_come_to_so_many_pixels_or_three_times_their_sides(height, width, least):
    """Never smaller; exactly as many where the factor lets them."""
    factor = enlargement((height, width), least)

    assert 1 <= factor <= 3
    pixels = height * width * factor**2
    if 1 < factor < 3:
        assert pixels == pytest.approx(least)
    else:
        assert factor == 1 if height * width >= least else pixels <= least * 1.0001


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((480, 640), (832, 1120)),  # √(921,600 / 307,200) = 1.732: 831 × 1109
        ((768, 1024), (832, 1120)),  # 1.083: 831 × 1109
        ((736, 1280), (736, 1280)),
        ((1088, 1920), (1088, 1920)),
        ((32, 64), (96, 192)),  # three times is the most
    ],
)
def test_sides_stay_multiples_of_what_the_network_takes(size, expected):
    """Rounded to the next multiple of 32."""
    assert enlarged(torch.zeros(1, 3, *size), 921_600, 32).shape[-2:] == expected


def test_enough_pixels_are_left_as_they_are():
    """To the last bit."""
    pictures = torch.rand(1, 3, 64, 96)
    assert torch.equal(enlarged(pictures, 64 * 96, 32), pictures)
    assert torch.equal(enlarged(pictures, 0, 32), pictures)


@given(
    fine=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_coarser_grid_keeps_every_sum(fine, share, seed):
    """Of the whole, and of each block by its area, checked point by point."""
    rows, columns = (max(1, round(side * part)) for side, part in zip(fine, share, strict=True))
    maps = np.random.default_rng(seed).uniform(0, 3, (1, *fine))

    found = on_grid(torch.from_numpy(maps), rows, columns)[0].numpy()

    assert found.shape == (rows, columns)
    assert found.sum() == pytest.approx(maps.sum())
    # Another way: every fine block is cut into so many equal pieces that each lies in one new one.
    pieces = np.kron(maps[0], np.full((rows, columns), 1 / (rows * columns)))
    by_hand = pieces.reshape(rows, fine[0], columns, fine[1]).sum(axis=(1, 3))
    np.testing.assert_allclose(found, by_hand, rtol=1e-9, atol=1e-12)


def test_a_small_picture_is_counted_as_its_enlarged_self():
    """The count and the novelty of the enlarged picture, on the grid of the picture given."""
    plain, helped = counter_of(0), counter_of(4 * 64 * 96)
    small = torch.rand(1, 3, 64, 96)
    large = torch.nn.functional.interpolate(small, size=(128, 192), mode="bilinear")

    found, wanted = helped(small), plain(large)

    assert found.density.shape == (1, 8, 12)
    assert wanted.density.shape == (1, 16, 24)
    squares = wanted.density.reshape(1, 8, 2, 12, 2).sum(dim=(2, 4))
    torch.testing.assert_close(found.density, squares)
    torch.testing.assert_close(found.variance.sum(), wanted.variance.sum())
    torch.testing.assert_close(found.novelty, wanted.novelty)
    torch.testing.assert_close(helped.describe(small), plain.describe(large))


def test_crops_to_learn_from_are_taken_as_they_come():
    """They have been enlarged where they were cut; the scores of bins belong to that grid."""
    helped = counter_of(10**6).train()
    output = helped(torch.rand(2, 3, 64, 96))
    assert output.logits.shape == (2, 3, 8, 12)
