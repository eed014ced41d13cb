"""A rectangle of one crop in another: scenes that never were, with people who were.

A network that learns from few pictures comes to know their places by heart, and takes how full
the rest of a picture is for a hint at every part of it. In a crop put together from two, each
part must be counted for itself.
"""

import numpy as np
import torch
from torch import Tensor

_SMALLEST_SHARE, _LARGEST_SHARE = 0.15, 0.6
_LARGEST_LOG_RATIO = 0.7  # twice as wide as high, or the other way round


def paste(
    crop: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor], draw: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Put a rectangle of another crop into a crop, at the same place, with its heads.

    Args:
        crop: Pixels (3, side, side), uint8, and heads (N, 2), pixels.
        other: Another one of the same side.
        draw: Chooses the rectangle: 15 to 60 % of the crop, up to twice as wide as high, or as
            high as wide.

    Returns:
        A new crop: heads of the first outside the rectangle, of the second inside.

    Source:
        CutMix: Yun et al. (arXiv 1905.04899), with marks in place of classes.
    """
    (pixels, heads), (others_pixels, others) = crop, other
    side = pixels.shape[-1]
    area = draw.uniform(_SMALLEST_SHARE, _LARGEST_SHARE) * side**2
    ratio = np.exp(draw.uniform(-_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO))
    high, wide = (min(side, round(float(np.sqrt(area * one)))) for one in (ratio, 1 / ratio))
    top, left = int(draw.integers(side - high + 1)), int(draw.integers(side - wide + 1))

    def is_inside(points: Tensor) -> Tensor:
        x, y = points[:, 0], points[:, 1]
        return (x >= left) & (x < left + wide) & (y >= top) & (y < top + high)

    place = (slice(None), slice(top, top + high), slice(left, left + wide))
    mixed = pixels.clone()
    mixed[place] = others_pixels[place]
    return mixed, torch.cat([heads[~is_inside(heads)], others[is_inside(others)]])
