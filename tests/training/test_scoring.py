"""The measures of the field, and intervals that hold what they promise."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.contract.density import grid_size
from training.scoring import (
    PictureScore,
    coverage,
    coverage_left_out,
    fit_variance_factor,
    grid_error,
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


def test_grids_by_hand():
    """Three people counted left, one of them stands right: one too many here, one too few there."""
    density = np.array([[3.0, 0.0], [0.0, 0.0]], np.float32)
    points = np.array([[1, 1], [2, 7.9], [15, 1]], np.float32)

    errors = [
        grid_error(density, points, size_hw=(16, 16), block_px=8, level=level) for level in (0, 1)
    ]

    assert errors == pytest.approx([0.0, 2.0])


def test_blocks_are_shared_out_by_area():
    """A picture of 12 × 8 px has one block and a half; halves of 6 px share the first one."""
    density = np.array([[8.0, 3.0]], np.float32)
    nobody = np.zeros((0, 2), np.float32)
    somebody = np.array([[1, 1], [11, 1]], np.float32)

    # Left half: 6/8 of 8. Right half: 2/8 of 8 and all of the block at the edge.
    empty = grid_error(density, nobody, size_hw=(8, 12), block_px=8, level=1)
    marked = grid_error(density, somebody, size_hw=(8, 12), block_px=8, level=1)

    assert empty == pytest.approx(11)
    assert marked == pytest.approx((6 - 1) + (5 - 1))


@given(st.integers(0, 2**31), st.integers(9, 90), st.integers(9, 90))
def test_finer_grids_never_err_less(seed, height, width):
    """Cutting cells can only part errors that hid each other; the coarsest is the count's."""
    draw = np.random.default_rng(seed)
    density = draw.exponential(1, grid_size((height, width), 8)).astype(np.float32)
    points = draw.uniform((0, 0), (width - 0.01, height - 0.01), (20, 2)).astype(np.float32)

    errors = [
        grid_error(density, points, size_hw=(height, width), block_px=8, level=level)
        for level in range(4)
    ]

    assert errors[0] == pytest.approx(abs(density.sum(dtype=np.float64) - 20), abs=1e-6)
    for coarse, fine in pairwise(errors):
        assert fine >= coarse - 1e-9


@pytest.mark.parametrize(
    ("level", "size_hw", "words"), [(-1, (16, 16), "from 0 on"), (1, (16, 24), "does not cover")]
)
def test_grids_that_cannot_be_are_refused(level, size_hw, words):
    """A negative level and the map of another picture."""
    with pytest.raises(ValueError, match=words):
        grid_error(
            np.zeros((2, 2), np.float32),
            np.zeros((0, 2), np.float32),
            size_hw=size_hw,
            block_px=8,
            level=level,
        )


def test_grids_are_averaged_over_pictures():
    """Each grid on its own."""
    pair = [replace(score(1, 1), grid_errors=(1.0, 4.0)), replace(score(1, 1), grid_errors=(3, 8))]

    assert score_set(pair).game == (2.0, 6.0)
    assert score_set([score(1, 1)]).game == ()


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
