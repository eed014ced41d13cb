"""How wrong counts are: the measures of the field.

MAE and RMSE are over pictures. NAE divides each picture's absolute error by its true count and
leaves out pictures without people. GAME asks besides where people were counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import bootstrap

from monitor.core.arrays import FloatMap, Points
from monitor.core.density import Matrix, grid_size


@dataclass(frozen=True)
class PictureScore:
    """One picture: what was counted and what is true."""

    name: str
    truth: float
    """People marked."""
    count: float
    """People counted."""
    variance: float | None
    """Sum of the blocks' variances, not calibrated; None where the method gives none."""
    grid_errors: tuple[float, ...] = ()
    """For each grid asked for: sum of the absolute errors of its cells, people."""
    novelty: float | None = None
    """How unlike known pictures it is; None where the network does not say."""

    @property
    def error(self) -> float:
        """Counted minus true, people."""
        return self.count - self.truth


@dataclass(frozen=True)
class SetScore:
    """A set of pictures, in the measures of the field."""

    pictures: int
    mae: float
    """Mean absolute error, people."""
    rmse: float
    """Root of the mean squared error, people."""
    nae: float
    """Mean of absolute error over true count, pictures with people; NaN where there are none."""
    bias: float
    """Mean of counted minus true, people."""
    game: tuple[float, ...] = ()
    """Grid average mean absolute error for each grid asked for, people."""


def mae_range(scores: Sequence[PictureScore], *, chance: float = 0.9) -> tuple[float, float]:
    """Say how far chance, in which pictures happen to be in the set, may have moved its MAE.

    Args:
        scores: The pictures of a set; their order does not matter.
        chance: Share of sets drawn anew from these pictures whose MAE lies in the range.

    Returns:
        From and to, people; NaN and NaN for fewer than two pictures.

    Source:
        Percentiles of the bootstrap (Efron 1979), scipy.stats.bootstrap.
    """
    if len(scores) < 2:  # of one picture, nothing else can be drawn
        return math.nan, math.nan
    errors = np.sort([abs(one.error) for one in scores])
    drawn = bootstrap(
        (errors,),
        np.mean,
        n_resamples=4000,
        confidence_level=chance,
        method="percentile",
        rng=np.random.default_rng(0),
    )
    # Where all errors are equal, rounding alone may set the ends the wrong way round.
    low, high = sorted(float(one) for one in drawn.confidence_interval)
    return low, high


def grid_error(
    density: FloatMap, points_xy: Points, *, size_hw: tuple[int, int], block_px: int, level: int
) -> float:
    """Give one picture's part in GAME: the absolute errors of the cells of a grid, added up.

    A block that lies in several cells is shared out among them by area.

    Args:
        density: Shape (ceil(H / block), ceil(W / block)), people per block.
        points_xy: Shape (N, 2), pixels: the heads marked.
        size_hw: Height and width of the picture, pixels.
        block_px: Side of a block, pixels.
        level: The picture is cut into 2^level rows and columns; 0 gives the error of the count.

    Returns:
        People; never below the absolute error of the count.

    Raises:
        ValueError: If the level is negative or the map has another size than the picture's.

    Source:
        Guerrero-Gómez-Olmedo et al., "Extremely overlapping vehicle counting", IbPRIA 2015.
    """
    if level < 0:
        raise ValueError(f"GAME has levels from 0 on, not {level}")
    if density.shape != grid_size(size_hw, block_px):
        raise ValueError(f"a map of {density.shape} blocks does not cover {size_hw} pixels")
    cells = 2**level
    down, across = (_shares(side, block_px, cells) for side in size_hw)
    counted = down @ density.astype(np.float64) @ across.T
    height, width = size_hw
    places = np.floor(points_xy.astype(np.float64) * cells / np.array([width, height]))
    columns, rows = np.clip(places, 0, cells - 1).astype(np.intp).T
    true = np.bincount(rows * cells + columns, minlength=cells * cells).reshape(cells, cells)
    return float(np.abs(counted - true).sum())


def _shares(side_px: int, block_px: int, cells: int) -> Matrix:
    # Entry (cell, block): share of the part of a block inside the picture that lies in a cell.
    starts = np.arange(0, side_px, block_px)
    stops = np.minimum(starts + block_px, side_px)
    edges = np.arange(cells + 1) * (side_px / cells)
    common = np.minimum(edges[1:, None], stops) - np.maximum(edges[:-1, None], starts)
    shares: Matrix = np.clip(common, 0.0, None) / (stops - starts)
    return shares


def score_set(scores: Sequence[PictureScore]) -> SetScore:
    """Sum up the errors of a set.

    Args:
        scores: One or more pictures.

    Returns:
        The measures.

    Raises:
        ValueError: If there is no picture, or not every one has the same grids.
    """
    if not scores:
        raise ValueError("no pictures to score")
    errors = [one.error for one in scores]
    relative = [abs(one.error) / one.truth for one in scores if one.truth > 0]
    count = len(errors)
    return SetScore(
        pictures=count,
        mae=sum(map(abs, errors)) / count,
        rmse=math.sqrt(sum(error * error for error in errors) / count),
        nae=sum(relative) / len(relative) if relative else math.nan,
        bias=sum(errors) / count,
        game=tuple(
            sum(grid) / count for grid in zip(*(one.grid_errors for one in scores), strict=True)
        ),
    )
