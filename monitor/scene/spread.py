"""Spread a density map a little, for the eye."""

import cv2
import numpy as np

from monitor.core.arrays import FloatMap


def spread(density: FloatMap, *, blocks: float) -> FloatMap:
    """Let each block's people shine onto the blocks around it, keeping how many there are.

    A model that finds heads puts each person into one small block; from across a room single
    blocks are hard to see, and how full a place is shows better in what lies around them.

    Args:
        density: Shape (rows, columns), float32, people per block.
        blocks: Standard deviation of the bell that each block becomes; 0 changes nothing.

    Returns:
        Same shape, with the same sum: what would fall over the edge is reflected.

    Raises:
        ValueError: If `blocks` is negative.
    """
    if blocks < 0:
        raise ValueError(f"a width of {blocks} blocks is negative")
    if blocks == 0 or not density.size:
        return density
    bell = cv2.GaussianBlur(density, (0, 0), blocks, borderType=cv2.BORDER_REFLECT)
    return np.asarray(bell, dtype=np.float32).reshape(density.shape)
