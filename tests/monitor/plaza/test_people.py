"""Paths of the people on the drawn square."""

import numpy as np
import pytest

from monitor.plaza.people import Crowd, gather
from monitor.plaza.scene import EYE_HEIGHT_M, PlazaCamera, choose_camera


def a_square(seed: int, people: int) -> tuple[PlazaCamera, Crowd]:
    generator = np.random.default_rng(seed)
    camera = choose_camera(generator, (1280, 720))
    return camera, gather(generator, people, camera)


@pytest.mark.parametrize("people", [0, 1, 2, 7, 120])
def test_exactly_as_many_as_asked(people: int) -> None:
    """Groups never make more or fewer people than were asked for."""
    _, crowd = a_square(1, people)

    assert len(crowd) == people
    assert crowd.at(3.0).ground_xz.shape == (people, 2)


def test_nobody_moves_faster_than_a_walk() -> None:
    """Between two moments everybody moves as far as a walk goes, or enters again."""
    _, crowd = a_square(2, 200)
    before, after = crowd.at(10.0), crowd.at(10.1)

    moved_m = np.hypot(*(after.ground_xz - before.ground_xz).T)
    enters = moved_m > 1.0

    assert moved_m[~enters].max() < 0.1 * 2.5
    assert enters.sum() < 20


@pytest.mark.parametrize("seed", range(6))
def test_people_enter_and_leave_unseen(seed: int) -> None:
    """Where a path starts again, the head is outside the picture before and after."""
    camera, crowd = a_square(seed, 300)

    jumps = 0
    for step in range(120):
        before, after = (crowd.at(time_s) for time_s in (0.25 * step, 0.25 * (step + 1)))
        jumped = np.hypot(*(after.ground_xz - before.ground_xz).T) > 1.0
        jumps += int(jumped.sum())
        for moment in (before, after):
            ground = moment.ground_xz[jumped]
            head = np.stack([ground[:, 0], EYE_HEIGHT_M + 0 * ground[:, 0], ground[:, 1]], axis=-1)
            x, y = camera.project(head)[0].T
            assert not ((x > 0) & (x < 1280) & (y < 720)).any()

    assert jumps > 50  # otherwise nothing was tested


def test_walkers_look_where_they_go() -> None:
    """Heading 0 is away from the camera, a right angle is to the right."""
    _, crowd = a_square(4, 100)
    walks = crowd.length_m > 0
    heading = crowd.at(0.0).heading_rad[walks]

    looks = np.stack([np.sin(heading), np.cos(heading)], axis=-1)

    assert np.sum(looks * crowd.along_xz[walks], axis=1) == pytest.approx(1.0)


def test_those_who_stand_stay() -> None:
    """A person who stands and talks is in the same place a minute later, give or take a sway."""
    _, crowd = a_square(5, 200)
    stands = crowd.length_m == 0

    moved = crowd.at(60.0).ground_xz[stands] - crowd.at(0.0).ground_xz[stands]

    assert stands.any()
    assert np.abs(moved).max() < 0.1
