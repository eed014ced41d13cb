"""Errors of sums over regions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.losses.regions import SIDES, regions_loss


def by_hand(density, blocks):
    """Sum up square by square."""
    total = 0.0
    for side in SIDES:
        for picture in density - blocks:
            for top in range(0, picture.shape[0], side):
                for left in range(0, picture.shape[1], side):
                    square = picture[top : top + side, left : left + side]
                    total += side / 32 * abs(float(square.sum()))
    return total / len(density)


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 70),
    pictures=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_square_counts(height, width, pictures, seed):
    """Those at the edges too, which are not full."""
    draw = np.random.default_rng(seed)
    density = draw.uniform(0, 3, (pictures, height, width))
    blocks = draw.integers(0, 4, density.shape).astype(float)

    found = regions_loss(torch.from_numpy(density), torch.from_numpy(blocks))

    assert float(found) == pytest.approx(by_hand(density, blocks))


def test_what_is_wrong_alike_costs_more_than_what_cancels():
    """The same error of each block, once all too high, once by turns too high and too low."""
    truth = torch.ones(1, 64, 64)
    alike = truth + 0.1
    turns = truth + 0.1 * torch.tensor([1.0, -1.0]).repeat(32)

    assert float(regions_loss(turns, truth)) == pytest.approx(0, abs=1e-4)
    # 0.1 in each of 4096 blocks, once for each size, weighed by s / 32.
    assert float(regions_loss(alike, truth)) == pytest.approx(
        409.6 * (4 + 8 + 16 + 32) / 32, rel=1e-4
    )


def test_the_slope_of_a_block_is_that_of_the_regions_around_it():
    """A block in squares that are all too high is pushed down by each of them."""
    density = torch.full((1, 32, 32), 0.5, requires_grad=True)
    regions_loss(density, torch.zeros(1, 32, 32)).backward()
    assert torch.equal(density.grad, torch.full((1, 32, 32), (4 + 8 + 16 + 32) / 32))
