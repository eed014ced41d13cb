"""How wrong counts are: the measures of the field, and the calibration of the interval.

MAE and RMSE are over pictures. NAE divides each picture's absolute error by its true count and
leaves out pictures without people. Coverage is the share of pictures whose true count lies in
the interval that was given.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

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
