"""How much of each block a polygon covers: exactly, so that zones lose and invent nobody."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Shares: TypeAlias = NDArray[np.float64]
"""Shape (rows, columns), 0 to 1: how much of each block lies inside."""


def polygon_coverage(polygon_xy: Sequence[tuple[float, float]], size: tuple[int, int]) -> Shares:
    """Give the share of each block that lies inside a polygon.

    Args:
        polygon_xy: Corners in order, either way round, edges not crossing; in blocks from the
            upper left, within the map.
        size: Rows and columns of blocks.

    Returns:
        Shape `size`. The polygons of a partition add up to 1 in every block.

    Source:
        Green's theorem, one block at a time: each stretch of an edge inside one block adds its
        height times the width that is left of the block on its right side, and its whole height
        to all blocks further right; as in the exact coverage of font rasterisers.
    """
    rows, columns = size
    inside = np.zeros(size, dtype=np.float64)
    beyond = np.zeros((rows, columns + 1), dtype=np.float64)
    corners = np.asarray(polygon_xy, dtype=np.float64)
    for start, stop in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        places = _crossings(start, stop)
        x, y = (start + places[:, None] * (stop - start)).T
        middle_x, height = (x[:-1] + x[1:]) / 2, np.diff(y)
        column = np.clip(np.floor(middle_x), 0, columns - 1).astype(np.intp)
        row = np.clip(np.floor((y[:-1] + y[1:]) / 2), 0, rows - 1).astype(np.intp)
        np.add.at(inside, (row, column), height * (column + 1 - middle_x))
        np.add.at(beyond, (row, column + 1), height)
    signed = inside + np.cumsum(beyond, axis=1)[:, :-1]
    # Rounding leaves a few 1e-16 where there is nothing, on either side of nothing.
    return np.clip(signed if signed.sum() > 0 else -signed, 0.0, 1.0)


def _crossings(start: NDArray[np.float64], stop: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the places, 0 to 1, at which an edge goes from one block to the next; both ends too."""
    places = [np.array([0.0, 1.0])]
    for begin, end in zip(start, stop, strict=True):
        if begin != end:
            lines = np.arange(np.ceil(min(begin, end)), np.floor(max(begin, end)) + 1)
            places.append((lines - begin) / (end - begin))
    return np.sort(np.clip(np.concatenate(places), 0.0, 1.0))
