"""How wrong counts are: the measures of the field, and the calibration of the interval.

MAE and RMSE are over pictures. NAE divides each picture's absolute error by its true count and
leaves out pictures without people. Coverage is the share of pictures whose true count lies in
the interval that was given.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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


def score_set(scores: Sequence[PictureScore]) -> SetScore:
    """Sum up the errors of a set.

    Args:
        scores: One or more pictures.

    Returns:
        The measures.

    Raises:
        ValueError: If there is no picture.
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
    )


def fit_variance_factor(scores: Sequence[PictureScore], *, level: float = LEVEL) -> float:
    """Find the factor on the variances with which intervals hold the share wanted.

    The interval of a picture holds its true count if |error| ≤ z·√(factor·variance), so the
    factor is the `level` quantile of (error / z)² / variance over the pictures.

    Args:
        scores: Held-out pictures with variances, one or more.
        level: Probability that the interval is meant to hold.

    Returns:
        The factor, above 0.

    Raises:
        ValueError: If no picture has a variance.

    Source:
        Split conformal prediction with the score |error| / √variance (Lei et al. 2018), including
        its correction for the number of pictures.
    """
    width_at_1 = count_interval(1e9, 1.0, level=level)
    z = (width_at_1[1] - width_at_1[0]) / 2
    smallest = 1e-9  # an all-empty picture may have almost no variance
    ratios = sorted(
        (one.error / z) ** 2 / max(one.variance, smallest)
        for one in scores
        if one.variance is not None
    )
    if not ratios:
        raise ValueError("no picture has a variance to calibrate")
    rank = min(len(ratios), math.ceil((len(ratios) + 1) * level))
    return max(ratios[rank - 1], smallest)


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
