"""The loss of enhanced blockwise classification: classes, count, and sums at several scales.

Source:
    DACE: CLIP-EBC (arXiv 2403.09281): cross-entropy of the blocks' bins, summed over blocks, plus
    a count loss. Multi-scale MAE: ZIP (arXiv 2506.19955), absolute errors of sums over squares of
    1, 2 and 4 blocks.
"""

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
