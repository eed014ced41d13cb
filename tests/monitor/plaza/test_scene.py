"""Camera and light of the drawn square."""

import math

import numpy as np
import pytest

from monitor.plaza.scene import (
    EYE_HEIGHT_M,
    HEAD_HEIGHT_M,
    PlazaCamera,
    choose_camera,
    choose_light,
    lit,
)

CAMERA = PlazaCamera((1280, 720), 1200.0, 0.3, 8.0, 10.0, 40.0)


def test_the_axis_hits_the_middle() -> None:
    """A point on the optical axis appears in the middle of the picture at its distance."""
    distance_m = 20.0
    point = np.array([0.0, 8.0 - distance_m * math.sin(0.3), distance_m * math.cos(0.3)])

    xy, depth = CAMERA.project(point)

    assert xy == pytest.approx([640, 360])
    assert depth == pytest.approx(distance_m)


def test_a_rod_across_has_the_size_of_similar_triangles() -> None:
    """A metre across the view is focal length over depth pixels long."""
    ends = np.array([[-0.5, 0.0, 25.0], [0.5, 0.0, 25.0]])

    xy, depth = CAMERA.project(ends)

    assert xy[1, 0] - xy[0, 0] == pytest.approx(1200.0 / depth[0])


def test_ground_undoes_projection() -> None:
    """The place on the ground that a pixel shows is projected to that pixel."""
    x, z = CAMERA.ground()
    rows, columns = np.array([300, 500, 719]), np.array([10, 640, 1279])
    world = np.stack([x[rows, columns], np.zeros(3), z[rows, columns]], axis=-1)

    xy, _ = CAMERA.project(world)

    assert xy[:, 0] == pytest.approx(columns + 0.5)
    assert xy[:, 1] == pytest.approx(rows + 0.5)


def test_nothing_of_the_ground_is_above_the_horizon() -> None:
    """A camera that looks at the horizon sees the ground in its lower half alone."""
    level = PlazaCamera((64, 64), 50.0, 0.0, 8.0, 10.0, 40.0)

    _, z = level.ground()

    assert np.isnan(z[:32]).all()
    assert np.isfinite(z[33:]).all()


@pytest.mark.parametrize("seed", range(40))
def test_heads_are_neither_specks_nor_faces(seed: int) -> None:
    """Every camera shows heads of about 7 to 48 px, near ones at the lower edge."""
    camera = choose_camera(np.random.default_rng(seed), (1280, 720))
    ends = np.array([[0.0, EYE_HEIGHT_M, camera.near_m], [0.0, EYE_HEIGHT_M, camera.far_m]])

    xy, depth = camera.project(ends)
    heads_px = HEAD_HEIGHT_M * camera.focal_px / depth

    assert xy[0, 1] == pytest.approx(720)
    assert 0.15 * 720 < xy[1, 1] < 0.42 * 720
    assert 6.5 < heads_px[1] < heads_px[0] < 50


def test_other_sizes_show_the_same_scene() -> None:
    """A picture of half the size is the same view, scaled."""
    full = choose_camera(np.random.default_rng(3), (1280, 720))
    half = choose_camera(np.random.default_rng(3), (640, 360))
    point = np.array([1.5, 1.0, 20.0])

    assert half.project(point)[0] * 2 == pytest.approx(full.project(point)[0])


def test_every_light_is_met() -> None:
    """Day, overcast and dusk all come up."""
    names = {choose_light(np.random.default_rng(seed)).name for seed in range(60)}

    assert names == {"day", "overcast", "dusk"}


def test_light_never_leaves_the_range_of_colours() -> None:
    """White under the brightest light is white."""
    light = choose_light(np.random.default_rng(0))

    assert all(0 <= part <= 255 for part in lit(light, (255, 255, 255)))
