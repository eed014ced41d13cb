"""How sure a count is: an interval and a probability from a count and its variance.

The count of a picture is a sum over many blocks, so it is treated as normal around its
expectation and cut at zero people. The variance that comes in is already calibrated: the sum of
the blocks' variances times the factor that the manifest carries.
"""

import math
from statistics import NormalDist

_STANDARD = NormalDist()


def count_interval(count: float, variance: float, *, level: float = 0.9) -> tuple[float, float]:
    """Give the central interval that holds the true count with the stated probability.

    Args:
        count: Expected number of people, 0 or more.
        variance: Calibrated variance of the count, people squared, 0 or more.
        level: Probability that the interval should hold, between 0 and 1.

    Returns:
        Lower and upper bound, people; the lower one never below 0.

    Raises:
        ValueError: If the variance is negative or the level is not between 0 and 1.
    """
    if variance < 0:
        raise ValueError(f"variance {variance} is negative")
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    half = _STANDARD.inv_cdf(0.5 + level / 2) * math.sqrt(variance)
    return max(0.0, count - half), max(0.0, count + half)


def probability_at_least(limit: float, *, count: float, variance: float) -> float:
    """Give the probability that at least `limit` people are there.

    Args:
        limit: Number of people asked about.
        count: Expected number of people.
        variance: Calibrated variance of the count; 0 means that the count is certain.

    Returns:
        Between 0 and 1.

    Raises:
        ValueError: If the variance is negative.
    """
    if variance < 0:
        raise ValueError(f"variance {variance} is negative")
    if variance == 0:
        return 1.0 if count >= limit else 0.0
    return 1.0 - NormalDist(count, math.sqrt(variance)).cdf(limit)
