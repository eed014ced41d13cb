"""People in zones: who stands in which part of the picture, and who counts nowhere.

A block that a zone's edge crosses counts by the share inside. What is excluded is taken from every
zone and from the whole picture alike, so that the zones of a partition always add up to the whole.
The share of each block that a polygon covers is exact: zones neither lose nor invent anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import FloatMap
from monitor.core.prediction import Prediction
from monitor.core.zone import Zone, ZoneKind

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


@dataclass(frozen=True, slots=True)
class Masks:
    """How much of each block counts, for pictures of one size cut into blocks of one size."""

    whole: Shares
    """For the whole picture: all that is not excluded."""
    zones: tuple[tuple[Zone, Shares], ...]
    """For each zone that is counted, in the order of the settings."""


@dataclass(frozen=True, slots=True)
class Share:
    """The people in a part of a picture."""

    count: float
    variance: float | None
    """Their share of the picture's calibrated variance; None where the model gives none."""


def masks_of(zones: Sequence[Zone], size_hw: tuple[int, int], block_px: int) -> Masks:
    """Work out which blocks count where; worth keeping until the picture's size changes.

    Args:
        zones: Zones of one camera, both kinds.
        size_hw: Height and width of the picture, pixels.
        block_px: Side of a block, pixels.

    Returns:
        Shares by block. Where the edges of a zone and of what is excluded cross the same block,
        both shares are multiplied.
    """
    grid = -(-size_hw[0] // block_px), -(-size_hw[1] // block_px)
    whole = np.ones(grid, dtype=np.float64)
    counted: list[tuple[Zone, Shares]] = []
    for zone in zones:
        covered = _coverage_of(zone, size_hw, block_px, grid)
        if zone.kind is ZoneKind.EXCLUDE:
            whole = whole * (1.0 - covered)
        else:
            counted.append((zone, covered))
    return Masks(whole, tuple((zone, covered * whole) for zone, covered in counted))


def _coverage_of(
    zone: Zone, size_hw: tuple[int, int], block_px: int, grid: tuple[int, int]
) -> Shares:
    """Give a zone's share of each block, or of what of the block lies inside the picture."""
    height, width = size_hw[0] / block_px, size_hw[1] / block_px
    covered = polygon_coverage([(x * width, y * height) for x, y in zone.polygon], grid)
    in_rows = np.minimum(1.0, height - np.arange(grid[0]))
    in_columns = np.minimum(1.0, width - np.arange(grid[1]))
    seen: Shares = np.clip(covered / np.outer(in_rows, in_columns), 0.0, 1.0)
    return seen


def share_of(prediction: Prediction, mask: Shares) -> Share:
    """Count the people in a part of a picture.

    Args:
        prediction: What the model says of the picture.
        mask: Shape of its density map: how much of each block is inside.

    Returns:
        People, and their variance. The parts of a partition add up to the whole in both.

    Raises:
        ValueError: If the mask was made for pictures or blocks of another size.
    """
    if mask.shape != prediction.density.shape:
        raise ValueError(f"mask of {mask.shape} on a density map of {prediction.density.shape}")
    density = prediction.density.astype(np.float64)
    count = float((density * mask).sum())
    if prediction.variance is None:
        return Share(count, None)
    weights = _weights(prediction, density)
    return Share(count, prediction.variance * float((weights * mask).sum()))


def _weights(prediction: Prediction, density: Shares) -> Shares:
    """Give each block's share of the variance: its own, else as its people, else as its area."""
    own: FloatMap | None = prediction.block_variance
    for found in (own, density):
        if found is not None and (total := float(found.sum(dtype=np.float64))) > 0:
            weights: Shares = found.astype(np.float64) / total
            return weights
    return np.full(density.shape, 1.0 / density.size)
