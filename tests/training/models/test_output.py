"""What is left of answers and truths without their edges."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.data.augment import blocks_of
from training.losses.total import LossWeights, block_loss
from training.models.output import BlockOutput, BlockTarget

SIDE_PX, BLOCK_PX = 96, 8


def target_of(*crops):
    """The truth of some crops, from their heads."""
    blocks = torch.stack([blocks_of(heads, SIDE_PX, BLOCK_PX) for heads in crops])
    return BlockTarget(blocks, crops)


def scattered(seed, people):
    """Heads anywhere in a crop."""
    draw = np.random.default_rng(seed)
    return torch.from_numpy(draw.uniform(0, SIDE_PX - 1e-3, (people, 2))).float()


@given(st.integers(0, 2**31), st.integers(0, 60), st.integers(0, 5))
def test_blocks_and_heads_inside_agree(seed, people, margin):
    """The heads kept, counted anew, are the blocks kept."""
    whole = target_of(scattered(seed, people), scattered(seed + 1, people))

    inner = whole.inside(margin, BLOCK_PX)

    side = SIDE_PX - 2 * margin * BLOCK_PX
    for blocks, heads in zip(inner.blocks, inner.points, strict=True):
        assert torch.equal(blocks, blocks_of(heads, side, BLOCK_PX))
    assert inner.blocks.shape == (2, side // BLOCK_PX, side // BLOCK_PX)


@pytest.mark.parametrize("margin", [1, 4])
def test_no_loss_comes_from_the_edge(margin):
    """Whatever is said of blocks in the margin, the loss is the same, and pulls at none of them."""
    target = target_of(scattered(3, 50)).inside(margin, BLOCK_PX)
    density = torch.rand(1, 12, 12, requires_grad=True)
    inner = (0, slice(margin, 12 - margin), slice(margin, 12 - margin))
    weights = LossWeights(count=1, scales=1, absolute=1)

    def loss(given):
        output = BlockOutput(given).inside(margin)
        return block_loss(output, target, weights, bins=None, block_px=BLOCK_PX).total

    loss(density).backward()
    pulled = density.grad.clone()
    other = density.detach() + 7
    other[inner] = density.detach()[inner]

    assert float(loss(other)) == pytest.approx(float(loss(density.detach())))
    assert (pulled[inner] != 0).any()
    pulled[inner] = 0
    assert (pulled == 0).all()


def test_all_maps_lose_their_edges():
    """Scores of bins and variances are cut like densities."""
    maps = torch.arange(2 * 36.0).view(2, 6, 6)
    output = BlockOutput(maps, maps + 1, maps[:, None], maps[:, None], novelty=torch.ones(2))

    inner = output.inside(2)

    assert inner.density.tolist() == maps[:, 2:4, 2:4].tolist()
    assert inner.variance.tolist() == (maps + 1)[:, 2:4, 2:4].tolist()
    assert inner.logits.shape == inner.zero_logits.shape == (2, 1, 2, 2)
    assert inner.novelty is output.novelty
    assert output.inside(0) is output
