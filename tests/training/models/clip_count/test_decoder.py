"""The decoder's map has the size asked for, at every size of tower."""

import pytest
import torch

from training.models.clip_count.decoder import DensityDecoder


@pytest.mark.parametrize(
    ("coarse", "side"),
    [
        pytest.param(14, 384, id="published: 14, 28, 56, 112, 384"),
        pytest.param(24, 96, id="ViT-B-16 at 384 px, cells of 4"),
        pytest.param(12, 96, id="ViT-B-32"),
        pytest.param(28, 98, id="odd ratio"),
        pytest.param(4, 8, id="no room to grow"),
    ],
)
def test_sizes(coarse, side):
    """Bilinear steps reach the side from any grid."""
    decoder = DensityDecoder(8, (16, 8, 8, 8), side=side)

    scores = decoder(torch.randn(2, 8, coarse, coarse), torch.randn(2, 8, 2 * coarse, 2 * coarse))

    assert scores.shape == (2, side, side)


def test_published_stages_double():
    """The stages of the published decoder see 14, 28, 56 and 112 rows."""
    decoder, seen = DensityDecoder(8, (16, 8, 8, 8), side=384), []
    for stage in decoder.stages:
        stage.register_forward_hook(lambda _, given, __: seen.append(given[0].shape[-1]))

    decoder(torch.randn(1, 8, 14, 14), torch.randn(1, 8, 28, 28))

    assert seen == [14, 28, 56, 112]


def test_both_scales_reach_the_map():
    """Neither the coarse nor the fine features are lost."""
    decoder = DensityDecoder(8, (16, 8), side=16)
    coarse = torch.randn(1, 8, 4, 4, requires_grad=True)
    fine = torch.randn(1, 8, 8, 8, requires_grad=True)

    decoder(coarse, fine).sum().backward()

    assert coarse.grad is not None
    assert fine.grad is not None
    assert coarse.grad.abs().sum() > 0
    assert fine.grad.abs().sum() > 0
