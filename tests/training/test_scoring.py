"""The measures of the field, and intervals that hold what they promise."""

import math

import numpy as np
import pytest

from training.scoring import (
    PictureScore,
    coverage,
    coverage_left_out,
    fit_variance_factor,
    score_set,
)


def score(truth, count, variance=1.0):
    """One picture."""
    return PictureScore("p", truth=truth, count=count, variance=variance)


def test_measures_by_hand():
    """Errors 3, −4 and 0; the empty picture has no relative error."""
    measured = score_set([score(10, 13), score(8, 4), score(0, 0)])

    assert measured.mae == pytest.approx(7 / 3)
    assert measured.rmse == pytest.approx(math.sqrt(25 / 3))
    assert measured.nae == pytest.approx((0.3 + 0.5) / 2)
    assert measured.bias == pytest.approx(-1 / 3)


def test_only_empty_pictures_have_no_relative_error():
    """There is nothing to divide by."""
    assert math.isnan(score_set([score(0, 1)]).nae)


def test_no_pictures_are_refused():
    """A mean over nothing is a mistake."""
    with pytest.raises(ValueError, match="no pictures"):
        score_set([])


def test_factor_is_found_again():
    """Errors with 9 times the stated variance call for a factor near 9 and then hold 90 %."""
    draw = np.random.default_rng(4)
    variances = draw.uniform(1, 50, 4000)
    errors = draw.normal(0, 3 * np.sqrt(variances))
    scores = [score(500, 500 + e, v) for e, v in zip(errors, variances, strict=True)]

    factor = fit_variance_factor([scores])

    assert factor == pytest.approx(9, rel=0.1)
    assert coverage(scores, factor=factor) == pytest.approx(0.9, abs=0.005)
    assert coverage_left_out([scores]) == pytest.approx(0.9, abs=0.02)


def test_small_set_has_the_same_say():
    """Ten times as many easy pictures do not outvote a hard set."""
    easy = [score(100, 100 + e, 1.0) for e in np.linspace(-1, 1, 1000)]
    hard = [score(100, 100 + e, 1.0) for e in np.linspace(-50, 50, 100)]

    together = fit_variance_factor([easy, hard])

    assert together > 10 * fit_variance_factor([easy])


def test_left_out_coverage_is_honest_on_few_pictures():
    """A picture is never judged by a factor that it helped to find."""
    draw = np.random.default_rng(1)
    found = []
    for _ in range(60):
        scores = [score(50, 50 + e, 1.0) for e in draw.normal(0, 2, 20)]
        found.append(coverage_left_out([scores]))

    assert np.mean(found) == pytest.approx(0.9, abs=0.05)


def test_nothing_to_calibrate_is_refused():
    """A regression gives no variance."""
    with pytest.raises(ValueError, match="variance"):
        fit_variance_factor([[score(1, 1, None)]])
