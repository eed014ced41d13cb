"""How sure counts are: fitting the spread of a count, and judging the intervals it gives.

A count's standard deviation is taken as a product of powers of things known without the truth:
the sum of the blocks' variances, the count itself, by how much it is above that of a crowd, and
how unlike known pictures the picture is, where the network says that. Coverage is the share of
pictures whose true count lies in the interval; wide intervals buy it, so the interval score and
the CRPS are given beside it, which reward intervals that are narrow and right.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from monitor.core.interval import count_interval
from monitor.core.manifest import Calibration
from training.scoring import PictureScore

LEVEL = 0.9
"""Probability that an interval is meant to hold."""

_HELD_WITHIN = 0.03
"""How far the share of a set that is held may be from what is wanted at no cost."""
_UNHELD_COSTS = 10.0
"""Cost of each 100 % beyond that, in interval scores of a constant fraction."""
_SOFTNESS = 0.06  # share of the half-width over which a truth goes from inside to outside
_MOVED = (0.0, 0.5, 1.0)
"""Where searches begin: counts and sums of variances go together, so there are several valleys."""
_STEP = 0.3  # first steps of the search, as powers
CROWD_FROM = 100.0
"""People. With one power of the count, intervals that hold full streets are too wide for half-full
ones. On pictures of streets and squares 75, 100, 150 and 200 did alike, 300 worse."""
ROUNDING_VARIANCE = 1 / 12
"""People squared: variance of what rounding to whole people takes away, uniform within ± 0.5."""
LEAST_HELD = 0.8
"""Share of pictures that intervals hold in the kind of scene that suits them least."""
TRANSFER_CROWD_POWER = 1.6
"""How the variance grows in crowds, where heads hide each other, for scenes of any kind. Fitted
powers (1.5 to 1.6 on streets and squares) say the same, but not where the only dense kind is the
one that is left out."""
TRANSFER_LEAST_VARIANCE = 0.25
"""People squared, for scenes of any kind: no picture is so empty that its count is nearer than
half a person to the truth for sure."""
_FACTORS = tuple(0.05 * 1.05**power for power in range(160))
"""Factors of the variance that are tried for scenes of any kind, 0.05 to 117."""
_SMALLEST = 1e-3  # people, or people squared: an empty picture may have almost no spread
_Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SpreadScore:
    """How good the intervals of a set of pictures are; all means over its pictures."""

    coverage: float
    """Share of pictures whose true count lies in the interval."""
    width: float
    """Width of the interval, people."""
    interval_score: float
    """Width, plus 2 / (1 - level) times the distance of a truth outside, people; low is good."""
    crps: float
    """Continuous ranked probability score of the normal distribution, people; low is good."""


def fit_calibration(sets: Sequence[Sequence[PictureScore]], *, level: float = LEVEL) -> Calibration:
    """Find how a count's variance follows from its blocks' variances, the count, the novelty.

    Powers come from maximum likelihood of normal errors. Where there are several sets one law must
    suit them all, which no likelihood asks for: there the powers are moved to where the intervals
    score best, each set against a constant fraction of the count, and each set is held about as
    often as wanted. The factor is then the one with which intervals hold the share wanted. Every
    set has the same say, however many pictures it has.

    Args:
        sets: Held-out pictures with variances, by set; sets without pictures are passed over.
        level: Probability that the interval is meant to hold.

    Returns:
        The calibration, without a measured coverage.

    Raises:
        ValueError: If no picture has a variance.

    Source:
        Log-linear model of the spread, whose likelihood is convex in its logarithm's
        coefficients (Harvey, Econometrica 1976); interval score (Gneiting and Raftery 2007,
        equation 43); then split conformal prediction with the score |error| / spread (Lei et al.
        2018), including its correction for the number of pictures.
    """
    known = [[one for one in scores if one.variance is not None] for scores in sets]
    pictures = [one for scores in known for one in scores]
    if not pictures:
        raise ValueError("no picture has a variance to calibrate")
    shares = np.array([1 / len(scores) for scores in known for _ in scores])
    shares /= shares.sum()
    errors = np.array([one.error for one in pictures])
    features = _features(pictures)
    powers = _fit_powers(features, errors, shares)
    filled = [one for one in known if one]
    if len(filled) > 1:
        powers = _suit_all(powers, features, filled, level)
    spreads = np.exp(features[:, 1:] @ powers[1:])
    factor = _quantile(np.abs(errors) / _z(level) / spreads, shares, level)
    return Calibration(
        variance_factor=max(factor**2, 1e-9),
        variance_power=2 * float(powers[1]),
        count_power=2 * float(powers[2]),
        crowd_from=CROWD_FROM,
        crowd_power=2 * float(powers[3]),
        novelty_power=2 * float(powers[4]),
        least_variance=ROUNDING_VARIANCE,
        level=level,
        pictures=len(pictures),
    )


def _features(pictures: Sequence[PictureScore]) -> _Vector:
    """Give logarithms, one row a picture; a novelty that is not known in all is left out."""
    has_novelty = all(one.novelty is not None for one in pictures)
    rows = [
        (
            one.variance or 0.0,
            one.count,
            max(1.0, one.count / CROWD_FROM),
            (one.novelty or 0.0) if has_novelty else 1.0,
        )
        for one in pictures
    ]
    logs = np.log(np.maximum(np.array(rows), _SMALLEST))
    return np.concatenate([np.ones((len(rows), 1)), logs], axis=1)


def _fit_powers(features: _Vector, errors: _Vector, shares: _Vector) -> _Vector:
    """Maximize the likelihood of errors ~ N(0, exp(features @ powers)²), powers not negative."""

    def loss(powers: _Vector) -> tuple[float, _Vector]:
        logs = features @ powers
        ratios = (errors * np.exp(-logs)) ** 2
        return float(shares @ (logs + ratios / 2)), features.T @ (shares * (1 - ratios))

    start = np.array([0.0, 0.5, 0.0, 0.0, 0.0])  # independent blocks
    bounds = [(-20.0, 20.0), *((0.0, 2.0) for _ in start[1:])]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x, dtype=np.float64)


def _suit_all(
    powers: _Vector, features: _Vector, sets: Sequence[Sequence[PictureScore]], level: float
) -> _Vector:
    """Move powers to where the intervals of every set are narrow and hold what they should."""
    parts = [_Part.of(scores, level) for scores in sets]
    is_told = np.any(features != 0, axis=0)  # crowds and novelties that are not there have no say
    told = features[:, is_told]
    rows = np.split(told, np.cumsum([len(scores) for scores in sets])[:-1])
    z = _z(level)

    def loss(candidate: _Vector) -> float:
        halves = (z * np.exp(np.clip(one @ candidate, -50, 50)) for one in rows)
        return float(np.mean([part.loss(half) for part, half in zip(parts, halves, strict=True)]))

    misses = np.concatenate([part.misses for part in parts])
    bounds = [(-20.0, 20.0), *((0.0, 2.0) for _ in powers[is_told][1:])]

    def search(moved: float) -> tuple[float, _Vector]:
        """Search from where a share of the power of the variances is given to the count."""
        moved_on = powers.copy()
        moved_on[1:3] = (1 - moved) * powers[1], min(2.0, powers[2] + moved * powers[1])
        begin = moved_on[is_told]
        ratios = misses / (z * np.exp(told @ begin))
        begin[0] += np.log(max(float(np.quantile(ratios, level)), _SMALLEST))
        steps = np.where(begin + _STEP <= np.array(bounds)[:, 1], _STEP, -_STEP)
        corners = begin + np.vstack([np.zeros(len(begin)), np.diag(steps)])
        found = minimize(
            loss,
            begin,
            method="Nelder-Mead",
            bounds=bounds,
            options={"initial_simplex": corners, "maxiter": 600, "xatol": 1e-3, "fatol": 1e-5},
        )
        return float(found.fun), np.asarray(found.x, dtype=np.float64)

    _, best = min((search(moved) for moved in _MOVED), key=lambda one: one[0])
    suited = powers.copy()
    suited[is_told] = best
    return suited


@dataclass(frozen=True)
class _Part:
    """One set, as its intervals are judged while powers are sought."""

    counts: _Vector
    truths: _Vector
    misses: _Vector
    """Absolute errors, people."""
    usual: float
    """Interval score of a constant fraction of the count."""
    level: float

    @classmethod
    def of(cls, scores: Sequence[PictureScore], level: float) -> "_Part":
        counts = np.array([one.count for one in scores])
        truths = np.array([one.truth for one in scores])
        usual = score_fraction(scores, fit_fraction([scores], level=level), level).interval_score
        return cls(counts, truths, np.abs(counts - truths), max(usual, _SMALLEST), level)

    def loss(self, halves: _Vector) -> float:
        """Judge intervals of these half-widths: 1 as good as a constant fraction, less better."""
        lows, highs = np.maximum(0.0, self.counts - halves), self.counts + halves
        outside = np.maximum(0.0, np.maximum(lows - self.truths, self.truths - highs))
        score = float(np.mean(highs - lows + 2 / (1 - self.level) * outside)) / self.usual
        # How often truths are held, without steps, so that each small move is felt.
        beyond = np.clip((self.misses / halves - 1) / _SOFTNESS, -50, 50)
        held = float(np.mean(1 / (1 + np.exp(beyond))))
        return score + _UNHELD_COSTS * max(0.0, abs(held - self.level) - _HELD_WITHIN)


def _quantile(ratios: _Vector, shares: _Vector, level: float) -> float:
    wanted = min(1.0, level * (len(ratios) + 1) / len(ratios))
    order = np.argsort(ratios)
    reached = np.cumsum(shares[order])
    place = int(np.searchsorted(reached, wanted - 1e-12))
    hair = 1 + 1e-6  # the picture that sets the width is held by it, whatever rounding says
    return hair * float(ratios[order][min(place, len(ratios) - 1)])


def _variance(one: PictureScore, calibration: Calibration) -> float:
    return calibration.variance_of(
        max(one.variance or 0.0, _SMALLEST),
        max(one.count, _SMALLEST),
        None if one.novelty is None else max(one.novelty, _SMALLEST),
    )


def _z(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2)


def score_spread(scores: Sequence[PictureScore], calibration: Calibration) -> SpreadScore:
    """Judge the intervals of a set.

    Args:
        scores: Pictures with variances, one or more.
        calibration: How variances become intervals.

    Returns:
        The means over the pictures.

    Raises:
        ValueError: If no picture has a variance.

    Source:
        Interval score and CRPS: Gneiting and Raftery, Strictly proper scoring rules, 2007,
        equations 43 and 21.
    """
    found = [
        _judge(one, _variance(one, calibration), calibration.level)
        for one in scores
        if one.variance is not None
    ]
    if not found:
        raise ValueError("no picture has a variance")
    return SpreadScore(*(float(np.mean(column)) for column in zip(*found, strict=True)))


def score_fraction(scores: Sequence[PictureScore], fraction: float, level: float) -> SpreadScore:
    """Judge intervals of a constant fraction of the count, which any spread must beat.

    Args:
        scores: Pictures, one or more.
        fraction: Standard deviation over count.
        level: Probability that the interval is meant to hold.

    Returns:
        The means over the pictures.
    """
    found = [_judge(one, (fraction * max(one.count, _SMALLEST)) ** 2, level) for one in scores]
    return SpreadScore(*(float(np.mean(column)) for column in zip(*found, strict=True)))


def fit_fraction(sets: Sequence[Sequence[PictureScore]], *, level: float = LEVEL) -> float:
    """Find the constant fraction with which intervals hold the share wanted; as above."""
    pictures = [one for scores in sets for one in scores]
    shares = np.array([1 / len(scores) for scores in sets for _ in scores])
    ratios = np.array([abs(one.error) / max(one.count, _SMALLEST) for one in pictures])
    return _quantile(ratios / _z(level), shares / shares.sum(), level)


def _judge(one: PictureScore, variance: float, level: float) -> tuple[float, float, float, float]:
    low, high = count_interval(one.count, variance, level=level)
    outside = max(low - one.truth, one.truth - high, 0.0)
    spread = math.sqrt(variance)
    return (
        float(low <= one.truth <= high),
        high - low,
        high - low + 2 / (1 - level) * outside,
        _crps((one.truth - one.count) / spread) * spread,
    )


def _crps(standard_error: float) -> float:
    normal = NormalDist()
    below, density = normal.cdf(standard_error), normal.pdf(standard_error)
    return standard_error * (2 * below - 1) + 2 * density - 1 / math.sqrt(math.pi)


def coverage_left_out(
    sets: Sequence[Sequence[PictureScore]], *, folds: int = 10, level: float = LEVEL
) -> tuple[float, ...]:
    """Give the share of pictures whose truth lies in an interval that they did not help to fit.

    The pictures of each set are dealt out into folds; each fold is judged with the calibration
    that the other folds give.

    Args:
        sets: Held-out pictures with variances, by set, one or more in each, two or more in all.
        folds: How many.
        level: Probability that the interval is meant to hold.

    Returns:
        One share for each set, between 0 and 1.
    """
    held: list[list[float]] = [[] for _ in sets]
    for fold in range(folds):
        others = [
            [one for index, one in enumerate(scores) if index % folds != fold] for scores in sets
        ]
        if not any(others):
            continue
        calibration = fit_calibration(others, level=level)
        for place, scores in enumerate(sets):
            judged = (one for index, one in enumerate(scores) if index % folds == fold)
            held[place].extend(score_spread([one], calibration).coverage for one in judged)
    return tuple(sum(one) / len(one) for one in held)


@dataclass(frozen=True)
class Transfer:
    """A calibration for scenes of kinds that it was not fitted to."""

    calibration: Calibration
    """The same for all kinds, with its coverage."""
    held: tuple[float, ...]
    """For each kind, the share of its pictures that are held by a calibration that was fitted to
    the other kinds alone and widened as much."""


def fit_transfer(sets: Sequence[Sequence[PictureScore]], *, level: float = LEVEL) -> Transfer:
    """Fit a calibration that holds kinds of scenes that it was not fitted to.

    Pictures of a camera that a fit has seen say nothing of the next camera. So each kind of scene
    is judged by what the others give, and all intervals are widened alike until the share wanted
    is held on average over the kinds, and no kind is held less often than `LEAST_HELD`. Powers are
    not fitted: what a fit makes of them suits the kinds it saw. The variance is a factor times
    the blocks' variances, times max(1, count / 100)^1.6, plus a quarter of a person squared.

    Args:
        sets: Held-out pictures with variances, by kind of scene; two kinds or more.
        level: Probability that intervals are meant to hold.

    Returns:
        The calibration, and how often each kind was held.

    Raises:
        ValueError: If there are fewer than two kinds.

    Source:
        Leave-one-domain-out, as split conformal prediction with whole domains as the units
        that are exchanged (Lei et al. 2018; Dunn, Wasserman and Ramdas 2022).
    """
    if len(sets) < 2:
        raise ValueError("one kind of scene says nothing of another; give two or more")
    # Shape (factors, kinds): how often each kind is held.
    coverage = np.array(
        [
            [_coverage(scores, _transferable(factor, level)) for scores in sets]
            for factor in _FACTORS
        ]
    )

    def smallest(kinds: npt.NDArray[np.bool_]) -> int:
        enough = coverage[:, kinds].mean(axis=1) >= level
        return int(np.argmax(enough)) if enough.any() else len(_FACTORS) - 1

    every = np.ones(len(sets), dtype=np.bool_)
    without = [smallest(every & (np.arange(len(sets)) != place)) for place in range(len(sets))]

    def held_by(steps: int) -> list[float]:
        last = len(_FACTORS) - 1
        return [
            float(coverage[min(last, begin + steps), place]) for place, begin in enumerate(without)
        ]

    steps = next(
        (
            steps
            for steps in range(len(_FACTORS))
            if min(held_by(steps)) >= LEAST_HELD and float(np.mean(held_by(steps))) >= level
        ),
        len(_FACTORS) - 1,
    )
    held = held_by(steps)
    factor = _FACTORS[min(len(_FACTORS) - 1, smallest(every) + steps)]
    calibration = _transferable(factor, level).model_copy(
        update={"coverage": float(np.mean(held)), "pictures": sum(len(one) for one in sets)}
    )
    return Transfer(calibration, tuple(held))


def _transferable(factor: float, level: float) -> Calibration:
    return Calibration(
        variance_factor=factor,
        crowd_from=CROWD_FROM,
        crowd_power=TRANSFER_CROWD_POWER,
        least_variance=TRANSFER_LEAST_VARIANCE,
        level=level,
    )


def _coverage(scores: Sequence[PictureScore], calibration: Calibration) -> float:
    return score_spread(scores, calibration).coverage
