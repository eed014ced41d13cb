"""How wrong counts are: the measures of the field, and the calibration of the interval.

MAE and RMSE are over pictures. NAE divides each picture's absolute error by its true count and
leaves out pictures without people. GAME asks besides where people were counted. Coverage is the
share of pictures whose true count lies in the interval that was given.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from monitor.contract.arrays import FloatMap, Points
from monitor.contract.density import Matrix, grid_size
from monitor.contract.interval import count_interval

LEVEL = 0.9
"""Probability that an interval is meant to hold."""


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


def fit_variance_factor(sets: Sequence[Sequence[PictureScore]], *, level: float = LEVEL) -> float:
    """Find the factor on the variances with which intervals hold the share wanted.

    The interval of a picture holds its true count if |error| ≤ z·√(factor·variance), so the
    factor is the `level` quantile of (error / z)² / variance over the pictures. Every set has the
    same say, however many pictures it has.

    Args:
        sets: Held-out pictures with variances, by set; sets without pictures are passed over.
        level: Probability that the interval is meant to hold.

    Returns:
        The factor, above 0.

    Raises:
        ValueError: If no picture has a variance.

    Source:
        Split conformal prediction with the score |error| / √variance (Lei et al. 2018), including
        its correction for the number of pictures.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    smallest = 1e-9  # an all-empty picture may have almost no variance
    weighted = sorted(
        ((one.error / z) ** 2 / max(one.variance, smallest), 1 / len(scores))
        for scores in sets
        for one in scores
        if one.variance is not None
    )
    if not weighted:
        raise ValueError("no picture has a variance to calibrate")
    total = sum(weight for _, weight in weighted)
    wanted = min(1.0, level * (len(weighted) + 1) / len(weighted)) * total
    reached = 0.0
    for ratio, weight in weighted:
        reached += weight
        if reached >= wanted - 1e-12:
            return max(ratio, smallest)
    return max(weighted[-1][0], smallest)


def coverage(scores: Sequence[PictureScore], *, factor: float, level: float = LEVEL) -> float:
    """Give the share of pictures whose true count lies in their interval.

    Args:
        scores: Pictures with variances, one or more.
        factor: On the variances.
        level: Probability that the interval is meant to hold.

    Returns:
        Between 0 and 1.

    Raises:
        ValueError: If no picture has a variance.
    """
    held: list[bool] = []
    for one in scores:
        if one.variance is not None:
            low, high = count_interval(one.count, factor * one.variance, level=level)
            held.append(low <= one.truth <= high)
    if not held:
        raise ValueError("no picture has a variance")
    return sum(held) / len(held)


def coverage_left_out(
    sets: Sequence[Sequence[PictureScore]], *, folds: int = 10, level: float = LEVEL
) -> float:
    """Give the share of pictures whose truth lies in an interval that they did not help to fit.

    The pictures of each set are dealt out into folds; each fold is judged with the factor that
    the other folds give.

    Args:
        sets: Held-out pictures with variances, by set, two or more in all.
        folds: How many.
        level: Probability that the interval is meant to hold.

    Returns:
        Between 0 and 1, each set with the same say.
    """
    held: list[list[bool]] = [[] for _ in sets]
    for fold in range(folds):
        others = [
            [one for index, one in enumerate(scores) if index % folds != fold] for scores in sets
        ]
        if not any(others):
            continue
        factor = fit_variance_factor(others, level=level)
        for place, scores in enumerate(sets):
            judged = [one for index, one in enumerate(scores) if index % folds == fold]
            if judged:
                share = coverage(judged, factor=factor, level=level)
                held[place].extend([True] * round(share * len(judged)))
                held[place].extend([False] * (len(judged) - round(share * len(judged))))
    shares = [sum(one) / len(one) for one in held if one]
    return sum(shares) / len(shares)
