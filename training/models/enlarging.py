"""Small pictures are looked at enlarged, inside the network, and come out on their own grid.

In a picture of few pixels heads are smaller than what a network with blocks of 8 pixels tells
apart. Enlarged, they are not sharper, but they fill blocks, and no picture takes longer than one
of so many pixels.
"""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

LARGEST_FACTOR = 3.0
"""No side is enlarged more than this: beyond it there is nothing to see."""


def enlargement(size_hw: tuple[int, int], least_pixels: int) -> float:
    """Say how much a picture is enlarged.

    Args:
        size_hw: Height and width, pixels.
        least_pixels: Pictures of fewer pixels are enlarged to so many; 0: none is.

    Returns:
        Factor of both sides, 1 to 3.
    """
    wanted = (least_pixels / (size_hw[0] * size_hw[1])) ** 0.5
    # Not Python's min and max, which would decide for one size for good while a graph is traced.
    return cast("float", torch.sym_min(torch.sym_max(wanted, 1.0), LARGEST_FACTOR))


def enlarged(pictures: Tensor, least_pixels: int, multiple: int) -> Tensor:
    """Enlarge pictures of too few pixels.

    Args:
        pictures: Shape (N, C, H, W), float; H and W multiples of `multiple`.
        least_pixels: As in `enlargement`.
        multiple: Both sides of what comes out are multiples of this, too.

    Returns:
        Shape (N, C, H', W'), by bilinear interpolation; as given where there are enough pixels.
    """
    if not least_pixels:
        return pictures
    height, width = pictures.shape[-2:]
    factor = enlargement((height, width), least_pixels)
    size = [math.floor(side * factor / multiple + 0.5) * multiple for side in (height, width)]
    return F.interpolate(pictures, size=size, mode="bilinear", align_corners=False)


def on_grid(maps: Tensor, rows: int, columns: int) -> Tensor:
    """Bring maps of people per block to a coarser grid over the same picture; sums are kept.

    Args:
        maps: Shape (N, h, w).
        rows: Rows of the new grid, up to h.
        columns: Columns, up to w.

    Returns:
        Shape (N, rows, columns): each block shares what it holds among the new ones that it
        lies in, by area.
    """
    down = _shares(maps.shape[-2], rows, like=maps)
    across = _shares(maps.shape[-1], columns, like=maps)
    return down @ maps @ across.T


def _shares(fine: int, coarse: int, *, like: Tensor) -> Tensor:
    # Shape (coarse, fine): which share of each fine stretch lies in each coarse one.
    ratio = fine / coarse
    first = torch.arange(coarse, dtype=like.dtype, device=like.device)[:, None] * ratio
    left = torch.arange(fine, dtype=like.dtype, device=like.device)[None, :]
    return (torch.minimum(first + ratio, left + 1) - torch.maximum(first, left)).clamp(min=0)
