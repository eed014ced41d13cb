"""The measures of the field."""

import math
from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.density import grid_size
from training.scoring import (
    PictureScore,
    grid_error,
    mae_range,
    paired_difference,
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


def test_range_of_many_pictures_is_that_of_the_normal_law():
    """Of 900 errors the mean is spread normally: ± 1.645 deviations / 30 hold it nine in ten."""
    draw = np.random.default_rng(4)
    errors = draw.exponential(12.0, 900)

    low, high = mae_range([score(100, 100 + error) for error in errors])

    half = 1.645 * errors.std() / 30
    assert low == pytest.approx(errors.mean() - half, abs=0.15 * half)
    assert high == pytest.approx(errors.mean() + half, abs=0.15 * half)


@example([1.9, 1.9, 1.9], Random(0))
@given(st.lists(st.floats(-500, 500), min_size=2, max_size=12), st.randoms())
def test_range_by_chance_knows_no_order_and_no_sign(errors, chance):
    """It holds the MAE's neighborhood within the smallest and largest error, however sorted."""
    shuffled = chance.sample(errors, len(errors))

    low, high = mae_range([score(0, error) for error in errors])

    assert (low, high) == mae_range([score(0, -error) for error in shuffled])
    sizes = [abs(error) for error in errors]
    assert min(sizes) - 1e-9 <= low <= high <= max(sizes) + 1e-9


def test_one_picture_has_no_range_by_chance():
    """Nothing else could have been drawn."""
    assert all(math.isnan(one) for one in mae_range([score(10, 12)]))


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


def test_rare_errors_and_exact_counts():
    """Of 200 pictures three are 30 wrong: the 99th percentile sees them, and 197 are exact."""
    scores = [score(3, 3.4) for _ in range(197)] + [score(0, 30) for _ in range(3)]

    measured = score_set(scores)

    assert measured.exact == pytest.approx(0.985)
    assert measured.rare == pytest.approx(30, abs=0.5)


@pytest.mark.parametrize(
    ("errors", "others", "verdict"),
    [
        pytest.param([1, 2, 1, 2] * 20, [3, 4, 3, 4] * 20, "better", id="better everywhere"),
        pytest.param([3, 4, 3, 4] * 20, [1, 2, 1, 2] * 20, "worse", id="worse everywhere"),
        pytest.param([0, 9] * 20, [9, 0] * 20, "chance", id="better on half of them"),
        pytest.param([5, 5], [5, 5], "chance", id="the same"),
    ],
)
def test_models_are_compared_picture_by_picture(errors, others, verdict):
    """Signs do not matter, and what chance could do is called chance."""
    found = paired_difference(
        [score(50, 50 + one) for one in errors], [score(50, 50 - one) for one in others]
    )

    assert found.verdict == verdict
    assert found.difference == pytest.approx((sum(errors) - sum(others)) / len(errors))
    assert found.low <= found.difference <= found.high


def test_other_pictures_cannot_be_compared():
    """Another number of pictures is no pair."""
    with pytest.raises(ValueError, match="same pictures"):
        paired_difference([score(1, 1)], [])
