"""People per m²: uniform crowds give their density everywhere, one knot of people is found."""

import numpy as np
import pytest

from monitor.scene.crowding import GroundGrid, kept_grid
from monitor.scene.ground import HEAD_HEIGHT_M, UNSURE_M2
from monitor.scene.ground_fit import from_pairs
from tests.rigs.views import ASPECT, KnownCamera, as_points

SIZE_HW, BLOCK_PX = (360, 640), 8
SPREAD = [(-3, 9), (3, 10), (-3, 16), (3, 18), (0, 12), (-2, 26), (4, 30), (1, 20)]


def grid_of(camera):
    """The grid of a known camera."""
    plane = from_pairs(as_points(camera.project(SPREAD)), SPREAD, aspect=ASPECT)
    return GroundGrid(plane, SIZE_HW, BLOCK_PX)


@pytest.fixture(scope="module")
def grid():
    """A camera 8 m up that looks down at 28 degrees: from 4 m to the middle distance."""
    return grid_of(KnownCamera())


def everywhere(grid):
    """A mask that leaves nothing out."""
    return np.ones_like(grid.areas_m2)


def crowd_at(camera, places):
    """One person at each place, marked at the head, as a density map."""
    rows, columns = SIZE_HW[0] // BLOCK_PX, SIZE_HW[1] // BLOCK_PX
    density = np.zeros((rows, columns), dtype=np.float32)
    for x, y in camera.project(places, HEAD_HEIGHT_M):
        assert 0 <= x < 1
        assert 0 <= y < 1
        density[int(y * rows), int(x * columns)] += 1
    return density


def test_a_uniform_crowd_has_its_density_everywhere(grid):
    """2.5 people on every m², near and far: mean and peak are both 2.5."""
    density = np.where(grid.is_sure, 2.5 * grid.areas_m2, 0).astype(np.float32)

    found = grid.part(everywhere(grid)).measure(density)

    assert found.mean_m2 == pytest.approx(2.5, rel=1e-4)
    assert found.peak_m2 == pytest.approx(2.5, rel=1e-4)
    assert found.unsure_share == 0


def test_half_of_it_has_the_same_density_on_half_the_ground(grid):
    """A zone is measured by itself."""
    density = np.where(grid.is_sure, 2.5 * grid.areas_m2, 0).astype(np.float32)
    left = everywhere(grid)
    left[:, 40:] = 0

    whole, part = (grid.part(mask).measure(density) for mask in (everywhere(grid), left))

    assert (part.mean_m2, part.peak_m2) == pytest.approx((2.5, 2.5), rel=1e-4)
    assert part.area_m2 == pytest.approx(whole.area_m2 / 2, rel=1e-5)  # the camera is symmetric


@pytest.mark.parametrize("away_m", [8.0, 12.0, 16.0])
def test_a_knot_of_people_is_found_wherever_it_stands(grid, away_m):
    """24 people on 2 m by 2 m among few others: 6 on each m², as dense near as far.

    It may seem a quarter thinner: a block at 16 m is 0.75 m deep, so the knot's ends blur.
    """
    camera = KnownCamera()
    knot = [
        (-0.75 + column / 2, away_m - 5 / 6 + row / 3) for column in range(4) for row in range(6)
    ]

    found = grid.part(everywhere(grid)).measure(crowd_at(camera, knot))

    assert found.peak_m2 == pytest.approx(6.0, rel=0.25)
    assert found.mean_m2 == pytest.approx(24 / found.area_m2, rel=1e-5)


def test_the_peak_hides_in_no_mean(grid):
    """The same people spread out have the same mean and a far lower peak."""
    camera = KnownCamera()
    random = np.random.default_rng(1)
    spread = random.uniform((-3, 8), (3, 18), size=(60, 2))
    knot = random.uniform((-1, 12), (1, 14), size=(60, 2))

    loose, tight = (
        grid.part(everywhere(grid)).measure(crowd_at(camera, places)) for places in (spread, knot)
    )

    assert tight.mean_m2 == pytest.approx(loose.mean_m2, rel=1e-5)
    assert tight.peak_m2 > 3 * loose.peak_m2


def test_far_blocks_are_unsure_and_left_out():
    """Near the horizon a block is a room: shown grey, its people told apart."""
    grid = grid_of(KnownCamera(tilt_deg=12.0))
    density = np.zeros(grid.areas_m2.shape, dtype=np.float32)
    density[0], density[-1] = 1.0, 1.0

    found = grid.part(everywhere(grid)).measure(density)

    assert (grid.areas_m2[grid.is_sure] <= UNSURE_M2).all()
    assert not grid.is_sure[0].any()
    assert found.unsure_share == pytest.approx(0.5)
    assert found.mean_m2 == pytest.approx(density[-1].sum() / found.area_m2)


def test_a_part_smaller_than_the_window_has_no_peak(grid):
    """One m² says nothing of four."""
    corner = np.zeros_like(grid.areas_m2)
    corner[-1, :3] = 1

    found = grid.part(corner).measure(np.ones(corner.shape, dtype=np.float32))

    assert found.area_m2 < 3
    assert found.peak_m2 is None


def test_where_no_ground_is_seen_nothing_is_said(grid):
    """An empty part: no area, no mean, no peak, and no division by nothing."""
    nothing = np.zeros_like(grid.areas_m2)

    found = grid.part(nothing).measure(np.ones(nothing.shape, dtype=np.float32))

    assert (found.area_m2, found.mean_m2, found.peak_m2, found.unsure_share) == (0, 0, None, 0)


def inside(outline, point):
    """Whether a convex outline goes round a point: it lies on one side of every edge."""
    corners = np.asarray(outline)
    edges, away = np.roll(corners, -1, axis=0) - corners, np.asarray(point) - corners
    sides = edges[:, 0] * away[:, 1] - edges[:, 1] * away[:, 0]
    return (sides > 0).all() or (sides < 0).all()


@pytest.mark.parametrize("away_m", [8.0, 12.0, 16.0])
def test_the_outline_of_the_peak_goes_round_the_knot(grid, away_m):
    """A window of 2 m by 2 m, drawn at the height of heads, with the middle of the knot in it."""
    camera = KnownCamera()
    knot = [(x / 2, away_m + y / 3) for x in (-1, 0, 1) for y in (-1, 0, 1)]

    found = grid.part(everywhere(grid)).measure(crowd_at(camera, knot))
    placed = grid_plane(camera).heads_to_metres(np.array(found.peak_outline))

    (middle,) = camera.project([(0.0, away_m)], HEAD_HEIGHT_M)
    assert inside(found.peak_outline, middle)
    assert np.linalg.norm(np.roll(placed, -1, axis=0) - placed, axis=1) == pytest.approx(2.0)


def grid_plane(camera):
    """The planes of a known camera."""
    return from_pairs(as_points(camera.project(SPREAD)), SPREAD, aspect=ASPECT)


def test_around_each_block_a_uniform_crowd_has_its_density(grid):
    """Also at the edge of the picture, and nothing where a block says too little."""
    density = np.where(grid.is_sure, 2.5 * grid.areas_m2, 0).astype(np.float32)

    local = grid.part(everywhere(grid)).around(density)

    assert local[grid.is_sure] == pytest.approx(2.5, rel=1e-4)
    assert not local[~grid.is_sure].any()


def test_the_heat_ends_at_the_peak_and_lies_where_people_are(grid):
    """The brightest place of a heat map is the number that is written: law, on random crowds."""
    camera, random = KnownCamera(), np.random.default_rng(7)
    for _ in range(5):
        density = crowd_at(camera, random.uniform((-3, 8), (3, 18), size=(60, 2)))
        part = grid.part(everywhere(grid))

        local, found = part.around(density), part.measure(density)

        assert local.max() <= found.peak_m2 * (1 + 1e-6)
        assert local.max() > 0.8 * found.peak_m2  # a block's mean over its own cells
        assert not local[:, :2].any()  # nobody stands within 2 m of the left edge


def test_outside_the_part_there_is_no_heat(grid):
    """What is left out of the count is left out of the picture of it."""
    left = everywhere(grid)
    left[:, 40:] = 0

    local = grid.part(left).around(grid.areas_m2.astype(np.float32))

    assert not local[:, 40:].any()
    assert local[20:, :39].all()


def test_the_grid_of_a_plane_is_made_once():
    """Zones drawn one after the other wait for it once; other blocks have a grid of their own."""
    plane = grid_plane(KnownCamera())

    first, again = kept_grid(plane, SIZE_HW, BLOCK_PX), kept_grid(plane, SIZE_HW, BLOCK_PX)

    assert again is first
    assert kept_grid(plane, SIZE_HW, 2 * BLOCK_PX) is not first
    assert kept_grid(grid_plane(KnownCamera()), SIZE_HW, BLOCK_PX) is not first
