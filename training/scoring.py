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
    rare: float
    """99th percentile of the absolute error, people: what an operator sees on a bad day."""
    exact: float
    """Share of pictures whose count, rounded to whole people, is the true one."""
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


@dataclass(frozen=True)
class PairedDifference:
    """How much smaller or larger one model's error is than another's on the same pictures."""

    difference: float
    """Mean of the one's absolute error minus the other's, people; below 0 the one is better."""
    low: float
    high: float
    """Where the difference lies in nine of ten sets drawn anew from these pictures."""

    @property
    def verdict(self) -> str:
        """Which is better: `better`, `worse`, or `chance` where the range holds 0."""
        if self.low <= 0 <= self.high:
            return "chance"
        return "better" if self.high < 0 else "worse"


def paired_difference(
    scores: Sequence[PictureScore], others: Sequence[PictureScore], *, chance: float = 0.9
) -> PairedDifference:
    """Compare two models picture by picture, so that hard pictures weigh on both alike.

    Args:
        scores: Of the one model, one or more pictures.
        others: Of the other on the same pictures, in the same order.
        chance: Share of sets drawn anew whose difference lies in the range.

    Returns:
        The difference and its range.

    Raises:
        ValueError: If the pictures are not the same.

    Source:
        Paired percentile bootstrap (Efron 1979), scipy.stats.bootstrap.
    """
    if not scores or [one.name for one in scores] != [one.name for one in others]:
        raise ValueError("two models are compared on the same pictures, one or more")
    pairs = zip(scores, others, strict=True)
    apart = np.array([abs(one.error) - abs(other.error) for one, other in pairs])
    mean = float(apart.mean())
    if np.ptp(apart) == 0:
        return PairedDifference(mean, mean, mean)
    drawn = bootstrap(
        (apart,),
        np.mean,
        n_resamples=4000,
        confidence_level=chance,
        method="percentile",
        rng=np.random.default_rng(0),
    )
    low, high = drawn.confidence_interval
    return PairedDifference(mean, float(low), float(high))


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
        rare=float(np.quantile(np.abs(errors), 0.99)),
        exact=sum(round(one.count) == round(one.truth) for one in scores) / count,
        game=tuple(
            sum(grid) / count for grid in zip(*(one.grid_errors for one in scores), strict=True)
        ),
    )
