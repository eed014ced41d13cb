"""People in zones: who stands in which part of the picture, and who counts nowhere.

A block that a zone's edge crosses counts by the share inside. What is excluded is taken from every
zone and from the whole picture alike, so that the zones of a partition always add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.core.arrays import FloatMap
from monitor.core.prediction import Prediction
from monitor.core.zone import Zone, ZoneKind
from monitor.scene.coverage import Shares, polygon_coverage


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
