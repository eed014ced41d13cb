"""All losses together, against numbers of the published programs.

Weighing crops by their people.
"""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from monitor.core.bins import Bin, BinSet, parse_bins
from tests.rigs import golden
from training.losses.total import PUBLISHED, LossWeights, block_loss, even_loss, even_weights
from training.models.heads import positive_rate
from training.models.output import BlockOutput, BlockTarget, LossTerms

NWPU = BinSet(parse_bins("0,1,2,3,4+"), (0.0, 1.0, 2.0, 3.0, 4.21931))
POINTS = (torch.tensor([[3.0, 4.0], [20.5, 9.2], [21.0, 10.0]]), torch.zeros(0, 2))


@pytest.fixture
def example() -> tuple[BlockOutput, BlockTarget]:
    """Two crops of 32 × 32 with three points and none, scores (index mod 7) / 7."""
    logits = (torch.arange(2 * 5 * 16) % 7 / 7).view(2, 5, 4, 4)
    density = (logits.softmax(dim=1) * torch.tensor(NWPU.values).view(1, -1, 1, 1)).sum(dim=1)
    blocks = torch.zeros(2, 4, 4)
    blocks[0, 0, 0], blocks[0, 1, 2] = 1, 2
    return BlockOutput(density.requires_grad_(), logits=logits), BlockTarget(blocks, POINTS)


@pytest.mark.parametrize(
    ("name", "total"), [("dace-mae", 58.10701), ("dace-mse", 90.61375), ("dace-dm", 57.93497)]
)
def test_totals_of_the_published_program(
    example: tuple[BlockOutput, BlockTarget], name: str, total: float
) -> None:
    """Each variant of DACE gives the number that the published program gives."""
    loss = block_loss(*example, PUBLISHED[name], bins=NWPU, block_px=8)

    assert float(loss.total.detach()) == pytest.approx(total, abs=1e-4)
    assert float(loss.parts["classes"]) == pytest.approx(26.66696, abs=1e-4)


def test_parts_of_distribution_matching(example: tuple[BlockOutput, BlockTarget]) -> None:
    """Counts, variation and the gradient of the count term are as published."""
    output, target = example
    weights = PUBLISHED["dm-count"]

    loss = block_loss(output, target, weights, bins=None, block_px=8)
    loss.total.backward()

    assert float(loss.parts["variation"]) == pytest.approx(0.01 * 2.63362, abs=1e-6)
    assert float(loss.parts["count"]) == pytest.approx(31.24168, abs=1e-4)
    gradient = output.density.grad
    assert gradient is not None
    assert gradient[0, 0, :3].tolist() == pytest.approx([-0.191323, 0.050456, 0.133671], abs=2e-5)
    assert float(gradient[1, 0, 0]) == pytest.approx(0.5, abs=1e-6)


@golden.needs_golden
@pytest.mark.parametrize(
    ("combination", "name"),
    [
        ("zipnll+none", LossWeights(classes=1, zip=1, count=1)),
        ("zipnll+msmae", PUBLISHED["zip"]),
        # ZIP switches the count term of DM off and its own on: the sum is the same.
        ("zipnll+dm", PUBLISHED["zip-dm"]),
        ("dm+none", PUBLISHED["dace-dm"]),
    ],
)
def test_losses_of_zip(combination: str, name: LossWeights) -> None:
    """Total and gradients to the scores are those of the published program."""
    file = golden.load("losses")
    bins, centers = file["bins"], file["centers"]
    bin_set = BinSet(
        tuple(Bin(int(low), None if np.isinf(high) else int(high)) for low, high in bins),
        tuple(float(value) for value in centers),
    )
    target = BlockTarget(
        torch.from_numpy(file["gt_blocks"])[:, 0],
        tuple(torch.from_numpy(file[f"points{index}"]) for index in range(2)),
    )
    is_inflated = combination.startswith("zipnll")
    logits = torch.from_numpy(file["bin_logits_zi" if is_inflated else "bin_logits_full"])
    zero_logits = torch.from_numpy(file["pi_logits"])
    logits.requires_grad_()
    zero_logits.requires_grad_()

    output = _output(logits, zero_logits if is_inflated else None, bin_set)
    loss = block_loss(output, target, name, bins=bin_set, block_px=16)
    loss.total.backward()

    assert float(loss.total.detach()) == pytest.approx(
        float(file[f"{combination}_total"]), abs=1e-3
    )
    _assert_gradient(logits, file[f"{combination}_grad_bin"])
    if is_inflated:
        _assert_gradient(zero_logits, file[f"{combination}_grad_pi"])


@golden.needs_golden
def test_zip_parts_have_their_published_values() -> None:
    """Cross-entropy, likelihood, scales and count, each by itself."""
    file = golden.load("losses")

    found = {
        "classes": float(file["zipnll+msmae_info_cls_zice"]),
        "zip": float(file["zipnll+msmae_info_reg_zipnll"]),
        "count": float(file["zipnll+msmae_info_cnt_loss"]),
        "scales": 0.25 * float(file["zipnll+msmae_info_aux_mae_loss_1"])
        + 0.5 * float(file["zipnll+msmae_info_aux_mae_loss_2"])
        + float(file["zipnll+msmae_info_aux_mae_loss_4"]),
    }

    bins = [Bin(int(low), None if np.isinf(high) else int(high)) for low, high in file["bins"]]
    bin_set = BinSet(tuple(bins), tuple(float(value) for value in file["centers"]))
    output = _output(
        torch.from_numpy(file["bin_logits_zi"]), torch.from_numpy(file["pi_logits"]), bin_set
    )
    points = tuple(torch.from_numpy(file[f"points{index}"]) for index in range(2))
    target = BlockTarget(torch.from_numpy(file["gt_blocks"])[:, 0], points)
    loss = block_loss(output, target, PUBLISHED["zip"], bins=bin_set, block_px=16)
    for part, value in found.items():
        assert float(loss.parts[part]) == pytest.approx(value, rel=1e-5)


def test_loss_over_classes_needs_bins() -> None:
    """A regression network cannot be taught by classes."""
    output = BlockOutput(torch.ones(1, 2, 2))
    target = BlockTarget(torch.ones(1, 2, 2), (torch.zeros(4, 2),))

    with pytest.raises(ValueError, match="bins"):
        block_loss(output, target, PUBLISHED["dace-mae"], bins=None, block_px=8)
    with pytest.raises(ValueError, match="emptiness"):
        block_loss(output, target, PUBLISHED["zip"].__class__(zip=1), bins=NWPU, block_px=8)


def test_weights_must_count_something() -> None:
    """All weights 0, or one below, is a mistake."""
    with pytest.raises(ValueError, match="above 0"):
        LossWeights()
    with pytest.raises(ValueError, match="0 or more"):
        LossWeights(classes=1, count=-1)


def _output(logits: Tensor, zero_logits: Tensor | None, bins: BinSet) -> BlockOutput:
    values = torch.tensor(bins.values, dtype=torch.float32)
    if zero_logits is None:
        return BlockOutput(positive_rate(logits, values), logits=logits)
    rate = positive_rate(logits, values[1:])
    density = zero_logits.softmax(dim=1)[:, 1] * rate
    return BlockOutput(density, logits=logits, zero_logits=zero_logits)


def _assert_gradient(scores: Tensor, published: np.ndarray) -> None:
    assert scores.grad is not None
    torch.testing.assert_close(scores.grad, torch.from_numpy(published), atol=2e-5, rtol=0)


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
