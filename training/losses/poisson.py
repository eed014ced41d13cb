"""Likelihood of block counts under Poisson laws, with and without extra zeros."""

import torch
import torch.nn.functional as F
from torch import Tensor

from monitor.core.bins import BinSet
from training.losses.dace import classes_of

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
