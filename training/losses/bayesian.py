"""Bayesian loss: every marked person should be expected exactly once."""

from collections.abc import Sequence

import torch
from torch import Tensor

HEAD_SPREAD_PX = 8.0
"""Standard deviation of where a head may be around its mark, pixels, as published."""

BACKGROUND_SHARE = 0.15
"""Distance from the nearest head where background begins, as a share of the crop's shorter side."""

_EPSILON = 1e-5  # square pixels; a head in the very center of a block is not infinitely near


def bayesian_loss(
    density: Tensor,
    points: Sequence[Tensor],
    *,
    block_px: int,
    spread_px: float = HEAD_SPREAD_PX,
    background_share: float = BACKGROUND_SHARE,
) -> Tensor:
    """Expect one person at each mark and nobody in the background.

    Args:
        density: Shape (N, h, w), people per block.
        points: One a picture, shape (people, 2), x and y in pixels.
        block_px: Side of a block, pixels.
        spread_px: Standard deviation of a head around its mark.
        background_share: Where background begins, as a share of the crop's shorter side.

    Returns:
        Scalar: absolute errors of the expected people at each mark and in the background, summed,
        mean over pictures. A picture without marks should be empty.

    Source:
        Ma et al., Bayesian Loss for Crowd Count Estimation (arXiv 1908.03684), equations 8 to 15
        (Bayesian+). As in the authors' program, and not as in their equation 13, the squared
        distance to background is d² over the squared distance to the nearest head.
    """
    rows, columns = density.shape[1:]
    y = (torch.arange(rows, device=density.device, dtype=density.dtype) + 0.5) * block_px
    x = (torch.arange(columns, device=density.device, dtype=density.dtype) + 0.5) * block_px
    centers = torch.stack([x.repeat(rows), y.repeat_interleave(columns)], dim=1)  # (h · w, 2)
    reach_px = background_share * min(rows, columns) * block_px
    total = density.new_zeros(())
    for predicted, marked in zip(density, points, strict=True):
        people = predicted.flatten()
        if len(marked) == 0:
            total = total + people.abs().sum()
            continue
        shares = _posteriors(marked.to(density), centers, spread_px, reach_px)
        expected = shares @ people
        wanted = torch.ones_like(expected)
        wanted[-1] = 0  # background
        total = total + (wanted - expected).abs().sum()
    return total / len(density)


def _posteriors(points: Tensor, centers: Tensor, spread_px: float, reach_px: float) -> Tensor:
    """Probability of each mark, and last of background, given each block: (P + 1, M)."""
    squared = (points[:, None] - centers[None, :]).square().sum(dim=2)
    background = reach_px**2 / (squared.min(dim=0).values + _EPSILON)
    energies = torch.cat([squared, background[None]]) / (-2 * spread_px**2)
    return energies.softmax(dim=0)
