"""What a person checks marked ground by, against cameras that are known exactly."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.zone import Zone, ZoneKind, relative_area
from monitor.scene.ground import UNSURE_M2
from monitor.scene.ground_check import (
    LINES_MOST,
    beyond_share,
    camera_place,
    far_part,
    ground_grid,
    horizon,
    near_part,
    pair_misses,
    people_misses,
    suspect_of,
    zone_grounds,
)
from monitor.scene.ground_fit import from_pairs, from_people, from_rectangle
from tests.rigs.views import ASPECT, KnownCamera, as_points

SPREAD = [(-4, 9), (4, 10), (-5, 16), (5, 18), (0, 12), (-2, 26), (4, 30), (1, 20)]
RECTANGLE = [(-2.0, 12.0), (3.0, 12.0), (3.0, 20.0), (-2.0, 20.0)]
SIZE_WH, BLOCK_PX = (1280, 720), 16
cameras = st.builds(
    KnownCamera,
    height_m=st.floats(4, 15),
    tilt_deg=st.floats(20, 50),
    roll_deg=st.floats(-5, 5),
    focal=st.floats(0.8, 2),
)


def plane_of(camera):
    """The planes that exact clicks give."""
    return from_pairs(as_points(camera.project(SPREAD)), SPREAD, aspect=ASPECT)


@settings(max_examples=30)
@given(cameras)
def test_the_camera_is_found_where_it_hangs(camera):
    """Above the origin, at its height, whatever its lens and tilt."""
    try:
        plane = plane_of(camera)
    except ValueError:
        return  # a point lies near the horizon

    found = camera_place(plane, 1.65)

    assert (found.x_m, found.y_m) == pytest.approx((0.0, 0.0), abs=0.05)
    assert found.height_m == pytest.approx(camera.height_m, rel=0.01)
    assert found.misfit_m < 0.01


def test_swapped_sides_of_a_rectangle_show_in_the_misfit():
    """Four corners always fit a plane; but no lens sees 8 m by 5 m so."""
    corners = as_points(KnownCamera().project(RECTANGLE))

    right = camera_place(from_rectangle(corners, (5.0, 8.0), aspect=ASPECT), 1.65)
    swapped = camera_place(from_rectangle(corners, (8.0, 5.0), aspect=ASPECT), 1.65)

    assert right.misfit_m < 1e-3
    assert swapped is None or swapped.misfit_m > 0.3


def test_looking_straight_down_no_height_is_told():
    """A map does not say how high it was taken."""
    square = as_points(
        [(0.4, 0.3), (0.6, 0.3), (0.6, 0.3 + 0.2 * ASPECT), (0.4, 0.3 + 0.2 * ASPECT)]
    )

    assert camera_place(from_rectangle(square, (4.0, 4.0), aspect=ASPECT), 1.65) is None


def test_one_place_that_is_off_is_the_suspect_and_misses_most():
    """A place on the plan that is 2 m wrong, among eight."""
    camera = KnownCamera()
    points = as_points(camera.project(SPREAD))
    wrong = [*SPREAD[:3], (7.0, 18.0), *SPREAD[4:]]

    misses = pair_misses(from_pairs(points, wrong, aspect=ASPECT), points, wrong, SIZE_WH)

    assert suspect_of(points, wrong) == 3
    assert suspect_of(points, SPREAD) is None
    assert max(one.m for one in misses) > 0.3
    assert max(one.px for one in misses) > 3


def test_a_click_beside_the_place_misses_by_as_many_pixels():
    """The plane of eight exact points, and a ninth that was clicked 5 px to the right of it."""
    camera = KnownCamera()
    x, y = camera.project([(2.0, 14.0)])[0]

    (miss,) = pair_misses(plane_of(camera), [(x + 5 / 1280, y)], [(2.0, 14.0)], SIZE_WH)

    assert miss.px == pytest.approx(5.0, abs=0.02)
    # Two rays 5 px apart, this far along the axis: by similar triangles.
    tilt = math.radians(28.0)
    depth_m = 14.0 * math.cos(tilt) + 8.0 * math.sin(tilt)
    assert miss.m == pytest.approx(5 / 720 / 1.2 * depth_m, rel=0.01)


def test_a_child_among_adults_misses_by_what_it_is_shorter():
    """1.10 m tall where 1.75 m was said, seen from a camera that others have given."""
    camera = KnownCamera()
    heads, feet = (as_points(camera.project(SPREAD, tall)) for tall in (1.75, 0.0))
    plane = from_people(heads, feet, height_m=1.75, aspect=ASPECT)
    child = (
        as_points(camera.project([(1.0, 15.0)], 1.10))[0],
        as_points(camera.project([(1.0, 15.0)]))[0],
    )

    found = camera_place(plane, 1.65)
    misses = people_misses(plane, found, [*zip(heads, feet, strict=True), child], 1.75, SIZE_WH)

    assert [one.m for one in misses[:-1]] == pytest.approx([0.0] * len(SPREAD), abs=0.01)
    assert misses[-1].m == pytest.approx(0.65, abs=0.01)
    tall, small = camera.project([(1.0, 15.0)], 1.75)[0], camera.project([(1.0, 15.0)], 1.10)[0]
    assert misses[-1].px == pytest.approx(float(np.linalg.norm((tall - small) * SIZE_WH)), rel=0.02)


@settings(max_examples=30)
@given(cameras)
def test_the_horizon_is_where_the_camera_says(camera):
    """Level with the lens: by the tilt alone, whatever was clicked."""
    try:
        ends = horizon(plane_of(camera))
    except ValueError:
        return

    middle_y = (ends[0][1] + ends[1][1]) / 2
    roll = math.radians(camera.roll_deg)
    expected = 0.5 - camera.focal * math.tan(math.radians(camera.tilt_deg)) / math.cos(roll)
    assert middle_y == pytest.approx(expected, abs=0.01)
    assert (ends[1][1] - ends[0][1]) / ASPECT == pytest.approx(math.tan(roll), abs=0.01)


@pytest.mark.parametrize("tilt_deg", [12.0, 18.0, 28.0, 50.0])
def test_the_near_part_holds_the_blocks_that_are_sure(tilt_deg):
    """The straight line is the limit of 4 m² that blocks are judged by, to half a block."""
    plane = plane_of(KnownCamera(tilt_deg=tilt_deg))
    is_sure = plane.block_areas_m2(SIZE_WH[::-1], BLOCK_PX) <= UNSURE_M2

    near, far = (part(plane, SIZE_WH, BLOCK_PX) for part in (near_part, far_part))

    assert abs(relative_area(near)) == pytest.approx(is_sure.mean(), abs=0.02)
    rest = abs(relative_area(far)) if far else 0.0
    assert abs(relative_area(near)) + rest == pytest.approx(1.0)


def test_grid_lines_lie_on_whole_metres():
    """Both ends of every line, projected by the camera itself; all of them inside the near part."""
    camera = KnownCamera()
    plane = plane_of(camera)

    grid = ground_grid(plane, near_part(plane, SIZE_WH, BLOCK_PX), SIZE_WH)

    assert grid.step_m == 1
    assert 20 < len(grid.lines) <= 2 * LINES_MOST
    for line in grid.lines:
        ends = plane.feet_to_metres(np.array([line.start, line.end]))
        along = np.abs(ends[0] - ends[1]).argmin()  # the coordinate that stays
        value = float(ends[0, along])
        assert value == pytest.approx(round(value), abs=1e-4)
        assert line.is_major is (round(value) % 5 == 0)
        assert camera.project([ends[1]])[0] == pytest.approx(line.end, abs=1e-3)


def test_from_a_tower_only_every_fifth_line_is_drawn():
    """120 m up a square metre is a few pixels everywhere."""
    tower = KnownCamera(height_m=120.0, tilt_deg=45.0)
    wide = [(x * 15, y * 8) for x, y in SPREAD]
    plane = from_pairs(as_points(tower.project(wide)), wide, aspect=ASPECT)

    grid = ground_grid(plane, near_part(plane, SIZE_WH, 8), SIZE_WH)

    assert grid.step_m == 5
    assert grid.lines
    assert all(one.is_major for one in grid.lines)


def test_far_away_only_every_fifth_line_is_drawn():
    """Where a square metre is a few pixels, metres would run into one another."""
    plane = plane_of(KnownCamera(tilt_deg=18.0))

    grid = ground_grid(plane, near_part(plane, SIZE_WH, BLOCK_PX), SIZE_WH)

    def farthest(is_major):
        return min(
            y for one in grid.lines if one.is_major is is_major for _, y in (one.start, one.end)
        )

    assert farthest(True) < farthest(False)


def test_a_zone_on_the_ground_has_its_area():
    """A zone round heads that stand on a rectangle of 5 m by 8 m; nothing for what is left out."""
    camera = KnownCamera()
    plane = plane_of(camera)
    corners = as_points(camera.project(RECTANGLE, 1.65))
    zones = [Zone("stand", corners), Zone("sky", corners, ZoneKind.EXCLUDE)]
    areas = plane.block_areas_m2(SIZE_WH[::-1], BLOCK_PX)

    (alone,) = zone_grounds(zones[:1], areas, SIZE_WH[::-1], BLOCK_PX)
    (with_hole,) = zone_grounds(zones, areas, SIZE_WH[::-1], BLOCK_PX)

    assert alone.area_m2 == pytest.approx(40.0, rel=0.02)
    assert alone.far_share == 0.0
    assert with_hole.area_m2 < 4.0  # blocks on the edge belong to both in part


def test_people_above_the_horizon_are_told():
    """Half of a crowd in the sky: the marks cannot be right."""
    areas = np.array([[np.inf, np.inf], [1.0, 2.0]])

    assert beyond_share(areas, np.array([[2.0, 0.0], [1.0, 1.0]], dtype=np.float32)) == 0.5
    assert beyond_share(areas, np.zeros((2, 2), dtype=np.float32)) == 0.0
