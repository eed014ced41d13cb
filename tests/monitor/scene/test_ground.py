"""The ground under blocks: areas in closed form, nothing said of the horizon."""

import math

import numpy as np
import pytest

from monitor.scene.ground import HEAD_HEIGHT_M, HORIZON_SHARE
from monitor.scene.ground_fit import from_pairs
from tests.rigs.views import ASPECT, KnownCamera, as_points

SIZE_HW = (360, 640)
SPREAD = [(-3, 9), (3, 10), (-3, 16), (3, 18), (0, 12), (-2, 26), (4, 30), (1, 20)]


def plane_of(camera):
    """The plane that a known camera gives."""
    return from_pairs(as_points(camera.project(SPREAD)), SPREAD, aspect=ASPECT)


def test_areas_of_blocks_agree_with_the_closed_form():
    """A camera at height h above the heads sees a block at (u, v): h² f² cos³… by integration.

    On the ray through (u, v), with z the downward part of the ray, the ground of a small piece of
    the picture is h² / (f² z³) times its area, for rays of length 1 along the axis.
    """
    camera = KnownCamera(tilt_deg=40.0)
    block_px, tilt = 4, math.radians(40.0)
    areas = plane_of(camera).block_areas_m2(SIZE_HW, block_px)
    rows, columns = areas.shape
    v = ((np.arange(rows) + 0.5) * block_px / SIZE_HW[0] - 0.5) / camera.focal
    down = math.sin(tilt) + v * math.cos(tilt)
    above_m = camera.height_m - HEAD_HEIGHT_M
    each = (block_px / SIZE_HW[0] / camera.focal) ** 2
    expected = np.repeat((above_m**2 * each / down**3)[:, None], columns, axis=1)

    assert areas == pytest.approx(expected, rel=0.01)  # the closed form is for small blocks


def test_beyond_the_horizon_nothing_is_known():
    """A camera that sees the sky: no ground there, none near the horizon, some below."""
    camera = KnownCamera(tilt_deg=10.0)
    plane = plane_of(KnownCamera(tilt_deg=10.0, focal=camera.focal))

    areas = plane.block_areas_m2(SIZE_HW, 8)
    placed = plane.heads_to_metres(np.array([(0.5, 0.0), (0.5, 1.0)]))

    assert np.isinf(areas[0]).all()
    assert np.isfinite(areas[-1]).all()
    assert np.isnan(placed[0]).all()
    assert np.isfinite(placed[1]).all()


def test_depth_is_measured_from_the_nearest_ground():
    """Twice as far along the axis is half the share; the horizon is at the refusal's limit."""
    camera = KnownCamera(tilt_deg=30.0)
    plane = plane_of(camera)
    near, far = plane.depth_shares(camera.project([(0.0, 10.0), (0.0, 300.0)], HEAD_HEIGHT_M))
    tilt, above_m = math.radians(30.0), camera.height_m - HEAD_HEIGHT_M

    def depth_m(away_m):
        return away_m * math.cos(tilt) + above_m * math.sin(tilt)

    assert far / near == pytest.approx(depth_m(10.0) / depth_m(300.0), rel=1e-3)
    assert far < HORIZON_SHARE < near


def test_a_block_over_the_edge_has_only_what_is_inside():
    """The same ground, whether the last blocks hang over or not."""
    plane = plane_of(KnownCamera(tilt_deg=40.0))

    whole, hanging = (plane.block_areas_m2(SIZE_HW, block_px).sum() for block_px in (8, 7))

    assert hanging == pytest.approx(whole, rel=1e-9)
