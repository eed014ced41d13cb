"""Bodies: as large as people, upright, feet on the ground."""

import math

import numpy as np
import pytest

from monitor.plaza.figure import Figures, pose
from monitor.plaza.people import Standing
from monitor.plaza.scene import HEAD_HEIGHT_M, PlazaCamera

CAMERA = PlazaCamera((1280, 720), 1300.0, 0.3, 8.0, 10.0, 45.0)


def person(
    *, z: float = 22.0, heading: float = 0.0, step: float = 0.0, swing: float = 0.0,
    stature: float = 1.75,
) -> Figures:  # fmt: skip
    standing = Standing(
        ground_xz=np.array([[0.0, z]]),
        heading_rad=np.array([heading]),
        step_rad=np.array([step]),
        swing=np.array([swing]),
        is_holding=np.array([False]),
    )
    return pose(standing, np.array([stature]), CAMERA, (0.5, 0.2))


@pytest.mark.parametrize("z", [12.0, 22.0, 40.0])
def test_heads_have_the_size_that_is_said(z: float) -> None:
    """A head is as high as its length in metres at its distance, to a tenth."""
    figures = person(z=z)
    height = np.ptp(figures.head[0, :, 1])

    assert height == pytest.approx(HEAD_HEIGHT_M * figures.px_per_m[0], rel=0.1)


@pytest.mark.parametrize("stature", [1.1, 1.6, 1.95])
def test_people_are_as_tall_as_they_are(stature: float) -> None:
    """From the ground to the crown is the stature, to some centimetres."""
    figures = person(stature=stature)
    ends = np.array([[0.0, 0.0, 22.0], [0.0, stature, 22.0]])
    (_, foot), (_, crown) = CAMERA.project(ends)[0]

    centimetre = figures.px_per_m[0] / 100
    assert figures.head[0, :, 1].min() == pytest.approx(crown, abs=8 * centimetre)
    assert figures.limbs[0, :, :, 1].max() == pytest.approx(foot, abs=14 * centimetre)


@pytest.mark.parametrize("step", np.linspace(0, 2 * math.pi, 9))
def test_one_foot_is_always_on_the_ground(step: float) -> None:
    """Nobody floats: through the whole step the lower foot stays where the ground is."""
    standing, walking = person(), person(step=step, swing=1.0)
    centimetre = standing.px_per_m[0] / 100

    lowest = walking.limbs[0, :, :, 1].max()

    assert lowest == pytest.approx(standing.limbs[0, :, :, 1].max(), abs=20 * centimetre)


def test_the_head_does_not_bob_more_than_people_do() -> None:
    """Through a step the head rises and falls by less than eight centimetres."""
    heights = [person(step=step, swing=1.0).head_xy[0, 1] for step in np.linspace(0, 6.28, 33)]

    assert np.ptp(heights) < 8 * person().px_per_m[0] / 100


def test_who_looks_at_the_camera_shows_a_face() -> None:
    """Heading half a turn is towards the camera, heading 0 away from it."""
    assert person(heading=math.pi).toward[0] == pytest.approx(1.0)
    assert person(heading=0.0).toward[0] == pytest.approx(-1.0)
    assert person(heading=math.pi).face[0, :, 1].mean() > person().face[0, :, 1].mean()


def test_the_nearer_side_is_known() -> None:
    """Walking to the right, one has the camera on the right hand; to the left, on the left."""
    assert not person(heading=-math.pi / 2).right_is_near[0]
    assert person(heading=math.pi / 2).right_is_near[0]


def test_nobody_is_fine() -> None:
    """An empty square has empty outlines."""
    nobody = Standing(
        np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool)
    )

    figures = pose(nobody, np.zeros(0), CAMERA, (0.0, 0.0))

    assert figures.head.shape[0] == figures.limbs.shape[0] == 0
