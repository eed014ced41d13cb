"""Crop, resize and mask a density map without changing how many people it holds.

A density map gives people per block. Its sum is the count, so every operation here is written as
a law: parts add up to the whole, resizing keeps the sum, a mask and its complement share the sum.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import FloatMap, Points

Matrix: TypeAlias = NDArray[np.float64]


def points_to_blocks(points_xy: Points, size_hw: tuple[int, int], block_px: int) -> FloatMap:
    """Count the points in each block of a picture; points that coincide all count.

    Args:
        points_xy: Shape (N, 2), pixels. Points outside the picture go to the nearest block.
        size_hw: Height and width of the picture, pixels.
        block_px: Side of a block, pixels; blocks at the right and lower edge may be partial.

    Returns:
        Shape (ceil(H / block), ceil(W / block)), float32, whole numbers; sums to N.
    """
    rows, columns = grid_size(size_hw, block_px)
    blocks = np.zeros((rows, columns), dtype=np.float32)
    if len(points_xy):
        column = np.clip(np.floor(points_xy[:, 0] / block_px), 0, columns - 1).astype(np.intp)
        row = np.clip(np.floor(points_xy[:, 1] / block_px), 0, rows - 1).astype(np.intp)
        np.add.at(blocks, (row, column), 1.0)
    return blocks


def grid_size(size_hw: tuple[int, int], block_px: int) -> tuple[int, int]:
    """Rows and columns of blocks that cover a picture; the last ones may be partial."""
    return -(-size_hw[0] // block_px), -(-size_hw[1] // block_px)


def overlap_matrix(
    before: int, after: int, *, start: float = 0.0, stop: float | None = None
) -> Matrix:
    """Share out a row of equal cells among other equal cells, by length.

    Args:
        before: Number of cells that there are, each 1 long.
        after: Number of cells wanted.
        start: Where the wanted cells begin, in units of the old cells.
        stop: Where they end; None is the end of the old cells.

    Returns:
        Shape (after, before): the share of each old cell that lies in each new one. Every column
        of a resize that covers all cells adds up to 1.
    """
    end = float(before) if stop is None else stop
    edges = np.linspace(start, end, after + 1)
    left = np.maximum(edges[:-1, None], np.arange(before)[None, :])
    right = np.minimum(edges[1:, None], np.arange(1, before + 1)[None, :])
    shares: Matrix = np.clip(right - left, 0.0, None)
    return shares


def resize(density: FloatMap, size: tuple[int, int]) -> FloatMap:
    """Resize a density map, keeping its sum: people are shared out by area.

    Args:
        density: Shape (H, W), float32, people per cell.
        size: Rows and columns wanted, 1 or more each.

    Returns:
        Shape `size`, float32, with the same sum.

    Raises:
        ValueError: If a side wanted is below 1.
    """
    if min(size) < 1:
        raise ValueError(f"cannot resize a density map to {size[0]} rows and {size[1]} columns")
    rows = overlap_matrix(density.shape[0], size[0])
    columns = overlap_matrix(density.shape[1], size[1])
    return np.asarray(rows @ density.astype(np.float64) @ columns.T, dtype=np.float32)


def mask(density: FloatMap, share: FloatMap) -> FloatMap:
    """Keep the people in the part of each block that a mask covers.

    Args:
        density: Shape (H, W), float32, people per block.
        share: Shape (H, W), between 0 and 1: how much of each block is inside.

    Returns:
        Shape (H, W), float32. A mask and its complement add up to the whole map.

    Raises:
        ValueError: If the shapes differ or a share lies outside 0 to 1.
    """
    if density.shape != share.shape:
        raise ValueError(f"mask of shape {share.shape} on a density map of {density.shape}")
    if share.size and (float(share.min()) < 0 or float(share.max()) > 1):
        raise ValueError("shares of a mask must lie between 0 and 1")
    return np.asarray(density * share, dtype=np.float32)
