"""Errors of the sums over regions of a crop, from some heads' width to a third of a picture.

A picture's count is wrong by what is wrong alike over whole regions of it; errors that change
sign from block to block cancel. The classes of blocks ask for the one as loudly as for the other,
and the count of a whole crop is a single number. Sums over squares in between say where.
"""

import torch.nn.functional as F
from torch import Tensor

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
