"""Losses over blocks: classes, sums at several scales and over regions, likelihoods of counts."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from monitor.core.bins import BinSet
from training.models.output import BlockOutput, BlockTarget, LossTerms

_SCALES = ((1, 0.25), (2, 0.5), (4, 1.0))
"""Side of a square in blocks, and its weight, as published with ZIP."""


@dataclass(frozen=True)
class DaceWeights:
    """How much each part of the loss counts; a part with weight 0 is left out."""

    classes: float = 1.0
    """Cross-entropy, summed over blocks."""
    count: float = 1.0
    """Absolute error of the picture's count."""
    scales: float = 1.0
    """Multi-scale absolute error."""


def classes_of(blocks: Tensor, bins: BinSet) -> Tensor:
    """Say which bin each block's count falls in.

    Args:
        blocks: Any shape, float, whole numbers of people.
        bins: The bins.

    Returns:
        Same shape, int64, index of the bin.
    """
    lows = torch.tensor([float(one.low) for one in bins.bins[1:]], device=blocks.device)
    return torch.bucketize(blocks.contiguous(), lows, right=True)


def class_loss(logits: Tensor, blocks: Tensor, bins: BinSet) -> Tensor:
    """Cross-entropy of the bins, summed over blocks, mean over pictures.

    Args:
        logits: Shape (N, K, h, w).
        blocks: Shape (N, h, w), people marked in each block.
        bins: The K bins.

    Returns:
        Scalar.
    """
    return F.cross_entropy(logits, classes_of(blocks, bins), reduction="sum") / len(logits)


def count_loss(density: Tensor, blocks: Tensor) -> Tensor:
    """Absolute error of the count, mean over pictures; both shape (N, h, w)."""
    return (density.sum(dim=(1, 2)) - blocks.sum(dim=(1, 2))).abs().mean()


def multi_scale_loss(density: Tensor, blocks: Tensor) -> Tensor:
    """Absolute errors of means over squares of 1, 2 and 4 blocks, summed, mean over pictures.

    Args:
        density: Shape (N, h, w), people per block.
        blocks: Same shape, people marked.

    Returns:
        Scalar. A square at the edge that is not full is left out.
    """
    total = density.new_zeros(())
    for side, weight in _SCALES:
        if min(density.shape[1:]) < side:
            continue
        apart = F.avg_pool2d(density, side) - F.avg_pool2d(blocks, side)
        total = total + weight * apart.abs().sum() / len(density)
    return total


def dace_loss(
    output: BlockOutput, target: BlockTarget, bins: BinSet, weights: DaceWeights
) -> LossTerms:
    """Compute the whole loss.

    Args:
        output: What the network says, with logits.
        target: The truth.
        bins: The network's bins.
        weights: How much each part counts.

    Returns:
        The loss and its parts: `classes`, `count`, `scales`.

    Raises:
        ValueError: If the network gives no scores of bins.
    """
    if output.logits is None:
        raise ValueError("DACE needs scores of bins; a regression head has none")
    parts = {
        "classes": weights.classes * class_loss(output.logits, target.blocks, bins),
        "count": weights.count * count_loss(output.density, target.blocks),
        "scales": weights.scales * multi_scale_loss(output.density, target.blocks),
    }
    total = torch.stack(list(parts.values())).sum()
    return LossTerms(total, {name: part.detach() for name, part in parts.items()})


_EPSILON = 1e-8  # inside the logarithm of a density that may be 0, as published


def zip_loss(zero_logits: Tensor, rate: Tensor, blocks: Tensor) -> Tensor:
    """Negative logarithm of the zero-inflated Poisson likelihood, up to log y!.

    Args:
        zero_logits: Shape (N, 2, h, w), scores of `structurally empty` and its contrary.
        rate: Shape (N, h, w), λ of each block, above 0.
        blocks: Same shape, people marked in each block.

    Returns:
        Scalar, summed over blocks, mean over pictures.

    Source:
        ZIP (arXiv 2506.19955): P(0) = π + (1 − π)·e^−λ; P(y) = (1 − π)·λ^y·e^−λ / y!. Computed on
        logarithms; the published program adds 1e-8 inside them instead, so that a block that is
        surely but wrongly called empty no longer learns.
    """
    log_empty, log_open = zero_logits.log_softmax(dim=1).unbind(dim=1)
    of_none = -torch.logaddexp(log_empty, log_open - rate)
    of_some = -log_open - (blocks * torch.log(rate) - rate)
    return torch.where(blocks == 0, of_none, of_some).sum() / len(blocks)


def poisson_loss(density: Tensor, blocks: Tensor) -> Tensor:
    """Negative logarithm of the Poisson likelihood, up to log y!, mean over pictures.

    Args:
        density: Shape (N, h, w), expected people per block.
        blocks: Same shape, people marked.

    Returns:
        Scalar, summed over blocks.
    """
    return (density - blocks * torch.log(density + _EPSILON)).sum() / len(blocks)


def positive_class_loss(logits: Tensor, blocks: Tensor, bins: BinSet) -> Tensor:
    """Cross-entropy over the positive bins, on blocks that hold somebody.

    Args:
        logits: Shape (N, K − 1, h, w), scores of the bins but the first.
        blocks: Shape (N, h, w), people marked.
        bins: All K bins, the first one for 0 alone.

    Returns:
        Scalar, summed over those blocks, divided by the pictures; empty blocks teach nothing.
    """
    classes = classes_of(blocks, bins)
    ignored = -1
    wanted = torch.where(classes > 0, classes - 1, torch.full_like(classes, ignored))
    summed = F.cross_entropy(logits, wanted, ignore_index=ignored, reduction="sum")
    return summed / len(blocks)


SIDES = (4, 8, 16, 32)
"""Sides of the squares, blocks."""


def regions_loss(density: Tensor, blocks: Tensor) -> Tensor:
    """Absolute errors of sums over squares of 4, 8, 16 and 32 blocks.

    A square of s blocks counts s / 32: were errors of blocks independent, each size would give
    the same.

    Args:
        density: Shape (N, h, w), people per block.
        blocks: Same shape, people marked.

    Returns:
        Scalar, summed over squares and sizes, mean over pictures. What is left of a square at
        the lower and right edges is a square of its own.
    """
    apart = (density - blocks)[:, None]
    return sum(
        (side / SIDES[-1] * _sums(apart, side).abs().sum() / len(density) for side in SIDES),
        start=density.new_zeros(()),
    )


def _sums(maps: Tensor, side: int) -> Tensor:
    height, width = maps.shape[-2:]
    full = F.pad(maps, (0, -width % side, 0, -height % side))
    return F.avg_pool2d(full, side, divisor_override=1)
