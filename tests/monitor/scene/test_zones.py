"""People in zones: nobody lost between zones, nobody counted where nobody counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.prediction import Prediction
from monitor.core.zone import Zone, ZoneKind
from monitor.scene.zones import masks_of, share_of

LEFT = Zone("left", ((0, 0), (0.37, 0), (0.37, 1), (0, 1)))
RIGHT = Zone("right", ((0.37, 0), (1, 0), (1, 1), (0.37, 1)))
SCREEN = Zone("screen", ((0.2, 0.1), (0.6, 0.3), (0.4, 0.8)), ZoneKind.EXCLUDE)


def prediction_of(density, *, variance=None, block_px=16, size_hw=None, block_variance=None):
    """A prediction whose blocks cover a picture."""
    grid = np.asarray(density, dtype=np.float32)
    size = size_hw or (grid.shape[0] * block_px, grid.shape[1] * block_px)
    return Prediction(grid, block_px, size, variance, 0.0, block_variance=block_variance)


def shares(prediction, *zones):
    """The whole, and each zone that is counted."""
    masks = masks_of(zones, prediction.size_hw, prediction.block_px)
    return share_of(prediction, masks.whole), [share_of(prediction, one) for _, one in masks.zones]


@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([(64, 96), (61, 83)]))
def test_zones_of_a_partition_add_up_to_the_whole(seed, is_excluding, size_hw):
    """In people and in variance, with a screen excluded across both and with partial blocks."""
    density = np.random.default_rng(seed).gamma(0.3, size=(4, 6))
    prediction = prediction_of(density, variance=7.5, size_hw=size_hw)
    zones = [LEFT, RIGHT, SCREEN] if is_excluding else [LEFT, RIGHT]

    whole, parts = shares(prediction, *zones)

    assert sum(one.count for one in parts) == pytest.approx(whole.count, rel=1e-9)
    assert sum(one.variance for one in parts) == pytest.approx(whole.variance, rel=1e-9)
    if not is_excluding:
        assert whole.count == pytest.approx(density.sum(), rel=1e-5)
        assert whole.variance == pytest.approx(7.5)


def test_people_are_shared_by_area():
    """One block of four people, a quarter of it inside."""
    zone = Zone("corner", ((0, 0), (0.25, 0), (0.25, 0.5), (0, 0.5)))

    _, (part,) = shares(prediction_of([[4.0, 0.0]]), zone)

    assert part.count == pytest.approx(4.0 * 0.25)  # half the width of the block, half its height


def test_excluded_people_count_nowhere():
    """A poster takes its people from the zone and from the whole."""
    half = Zone("upper half", ((0, 0), (1, 0), (1, 0.5), (0, 0.5)))
    poster = Zone("poster", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)), ZoneKind.EXCLUDE)

    whole, (part,) = shares(prediction_of([[8.0, 1.0], [16.0, 2.0]]), half, poster)

    assert (whole.count, part.count) == pytest.approx((3.0, 1.0))


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_zone_stays_where_it_is_at_another_resolution(scale):
    """The same scene with blocks of the same size on a picture of twice the size."""
    density = np.arange(6.0).reshape(2, 3)
    fine = np.kron(density, np.ones((scale, scale))) / scale**2

    _, (part,) = shares(prediction_of(fine), LEFT)

    assert part.count == pytest.approx(shares(prediction_of(density), LEFT)[1][0].count, rel=1e-6)


def test_a_block_that_hangs_over_the_picture_belongs_to_what_is_inside():
    """A picture of 24 px in blocks of 16: the second block is half in it, and wholly counted."""
    right = Zone("right", ((2 / 3, 0), (1, 0), (1, 1), (2 / 3, 1)))

    _, (part,) = shares(prediction_of([[1.0, 5.0]], size_hw=(16, 24)), right)

    assert part.count == pytest.approx(5.0)


def test_variance_follows_the_model_where_it_says_how():
    """Three quarters of the variance stand in the right block, though half of the people do."""
    own = np.array([[1.0, 3.0]], dtype=np.float32)
    half = Zone("right", ((0.5, 0), (1, 0), (1, 1), (0.5, 1)))

    _, (part,) = shares(prediction_of([[2.0, 2.0]], variance=8.0, block_variance=own), half)

    assert part.variance == pytest.approx(6.0)


def test_without_people_variance_is_shared_by_area():
    """An empty place can still be wrong anywhere."""
    _, (left, right) = shares(prediction_of(np.zeros((4, 6)), variance=2.0), LEFT, RIGHT)

    assert (left.variance, right.variance) == pytest.approx((2 * 0.37, 2 * 0.63))


def test_without_variance_there_is_none():
    """Unknown is not zero."""
    assert shares(prediction_of([[1.0]]), LEFT)[1][0].variance is None
