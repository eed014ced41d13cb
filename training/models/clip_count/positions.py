"""Where a patch lies, as fixed vectors of sines and cosines."""

import math

import torch
from torch import Tensor

_BASE = 10000.0


def line_code(places: int, width: int) -> Tensor:
    """Code places on a line, shape (places, width); even columns sine, odd ones cosine.

    Args:
        places: How many.
        width: Length of a vector, an even number.

    Returns:
        Values between -1 and 1.

    Source:
        Vaswani et al. (arXiv 1706.03762), section 3.5.
    """
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(_BASE) / width))
    angles = torch.arange(places)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)


def plane_code(side: int, width: int) -> Tensor:
    """Code the places of a square, shape (side · side, width), row by row.

    The first half of a vector is the code of its row, the second that of its column, so that
    places one above the other are neighbors too.

    Args:
        side: Rows, and columns.
        width: Length of a vector, a multiple of 4.

    Returns:
        Values between -1 and 1.
    """
    line = line_code(side, width // 2)
    rows = line[:, None].expand(side, side, -1)
    columns = line[None, :].expand(side, side, -1)
    return torch.cat([rows, columns], dim=2).reshape(side * side, width)
