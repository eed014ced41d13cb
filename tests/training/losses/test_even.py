"""Weighing crops by their people."""

import math

import pytest
import torch

from training.losses.even import even_loss, even_weights
from training.models.output import BlockOutput, BlockTarget, LossTerms


def test_weights_fall_as_the_root_of_the_people():
    """1 for nobody, √½ at the chosen number, and half of that for about four times as many."""
    found = even_weights(torch.tensor([0.0, 20.0, 1e6, 4e6]), 20.0).tolist()

    assert found[:2] == pytest.approx([1.0, math.sqrt(0.5)])
    assert found[2] / found[3] == pytest.approx(2.0, rel=1e-4)


def test_each_crop_is_judged_alone_and_weighed():
    """The hand-made sum over crops: Σ √(20 / (20 + people)) · (squared error of the crop) / N."""
    density = torch.rand(3, 4, 4, requires_grad=True)
    blocks = torch.stack([torch.zeros(4, 4), torch.ones(4, 4), torch.full((4, 4), 5.0)])
    target = BlockTarget(blocks, tuple(torch.zeros(0, 2) for _ in range(3)))

    def squared(output: BlockOutput, truth: BlockTarget) -> LossTerms:
        assert len(output.density) == len(truth.blocks) == len(truth.points) == 1
        total = (output.density - truth.blocks).square().sum()
        return LossTerms(total, {"squared": total.detach()})

    found = even_loss(BlockOutput(density), target, squared, even_people=20.0)
    expected = sum(
        math.sqrt(20 / (20 + people)) * float((density.detach()[i] - blocks[i]).square().sum())
        for i, people in enumerate([0, 16, 80])
    )

    assert float(found.total.detach()) == pytest.approx(expected / 3, rel=1e-5)
    assert float(found.parts["squared"]) == pytest.approx(expected / 3, rel=1e-5)
    found.total.backward()
    assert density.grad is not None
    assert torch.all(density.grad != 0)
