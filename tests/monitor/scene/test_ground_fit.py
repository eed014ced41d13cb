"""The ground from clicks, against cameras that are known exactly."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.scene.ground import HEAD_HEIGHT_M, HORIZON_SHARE
from monitor.scene.ground_fit import from_pairs, from_people, from_rectangle
from tests.rigs.views import ASPECT, KnownCamera, as_points

RECTANGLE = [(-2.0, 12.0), (3.0, 12.0), (3.0, 20.0), (-2.0, 20.0)]
SPREAD = [(-4, 9), (4, 10), (-5, 16), (5, 18), (0, 12), (-2, 26), (4, 30), (1, 20)]
cameras = st.builds(
    KnownCamera,
    height_m=st.floats(3, 15),
    tilt_deg=st.floats(15, 60),
    roll_deg=st.floats(-5, 5),
    focal=st.floats(0.7, 3),
)


def heads_of(camera, places):
    """Where the heads of people at these places are seen."""
    return camera.project(places, HEAD_HEIGHT_M)


def distances(places):
    """Between all pairs: the same wherever the origin lies and however the axes point."""
    places = np.asarray(places, dtype=float)
    return np.linalg.norm(places[:, None] - places[None], axis=2)


@settings(max_examples=50)
@given(cameras)
def test_a_rectangle_gives_the_plane_of_the_heads(camera):
    """Heads are placed where their feet are, to a millimetre, from clicks on the ground alone."""
    corners = as_points(camera.project(RECTANGLE))
    inside = [(0.0, 13.0), (2.5, 15.0), (-1.5, 19.0)]
    if not all(0.0 <= part <= 1.0 for point in corners for part in point):
        return  # the camera does not see it
    if camera.depth_share(RECTANGLE) < 2 * HORIZON_SHARE:
        return  # too far away to be placed at all

    plane = from_rectangle(corners, (5.0, 8.0), aspect=ASPECT)
    found = plane.heads_to_metres(heads_of(camera, inside))

    assert plane.is_head_height_known
    assert found == pytest.approx(np.array(inside) - (-2.0, 12.0), abs=1e-3)
    assert plane.feet_to_metres(np.array(corners)) == pytest.approx(
        np.array([(0, 0), (5, 0), (5, 8), (0, 8)], dtype=float), abs=1e-4
    )


def test_heads_taken_for_feet_would_be_metres_off():
    """Why the head plane: the error that it removes, for this camera by similar triangles."""
    camera = KnownCamera(height_m=8.0)
    plane = from_rectangle(as_points(camera.project(RECTANGLE)), (5.0, 8.0), aspect=ASPECT)
    (seen,) = heads_of(camera, [(0.0, 20.0)])

    ((_, as_feet),) = plane.feet_to_metres(seen)

    too_far_m = 20.0 * HEAD_HEIGHT_M / (8.0 - HEAD_HEIGHT_M)  # the ray goes on to the ground
    assert as_feet - (20.0 - 12.0) == pytest.approx(too_far_m, abs=1e-3)


def test_exact_pairs_leave_nothing_over():
    """Eight points of a known camera: residual nil, and heads where they belong."""
    camera = KnownCamera()

    plane = from_pairs(as_points(camera.project(SPREAD)), SPREAD, aspect=ASPECT)

    assert plane.residual_m < 1e-4
    assert plane.heads_to_metres(heads_of(camera, SPREAD)) == pytest.approx(
        np.array(SPREAD, dtype=float), abs=1e-2
    )


def test_a_wrong_click_shows_in_the_residual():
    """One of eight places is two metres off: the plan no longer fits the picture."""
    camera = KnownCamera()
    wrong = [*SPREAD[:3], (7.0, 18.0), *SPREAD[4:]]

    plane = from_pairs(as_points(camera.project(SPREAD)), wrong, aspect=ASPECT)

    assert 0.2 < plane.residual_m < 2.0


def test_the_places_may_be_mirrored_and_far_from_the_camera():
    """A plan whose y points down and whose origin is kilometres away."""
    camera = KnownCamera()
    plan = [(1000.0 + x, 5000.0 - y) for x, y in SPREAD]

    plane = from_pairs(as_points(camera.project(SPREAD)), plan, aspect=ASPECT)

    assert plane.heads_to_metres(heads_of(camera, SPREAD)) == pytest.approx(
        np.array(plan), abs=0.02
    )


@settings(max_examples=25)
@given(cameras)
def test_people_of_known_height_are_enough(camera):
    """Distances between people come out right without any measure on the ground."""
    feet, heads = camera.project(SPREAD), camera.project(SPREAD, 1.75)
    if feet.min() < 0 or heads.min() < 0 or max(feet.max(), heads.max()) > 1:
        return  # not all of them are in the picture
    if camera.depth_share(SPREAD) < 2 * HORIZON_SHARE:
        return  # too far away to be placed at all

    plane = from_people(as_points(heads), as_points(feet), height_m=1.75, aspect=ASPECT)
    found = plane.heads_to_metres(heads_of(camera, SPREAD))

    assert distances(found) == pytest.approx(distances(SPREAD), rel=0.01, abs=0.01)
    assert plane.residual_m < 0.01


def test_people_of_different_height_still_give_the_ground():
    """Heights that differ by 7 cm (one deviation) leave distances right to a tenth."""
    camera = KnownCamera()
    random = np.random.default_rng(4)
    places = random.uniform((-6, 8), (6, 28), size=(40, 2))
    heads = np.vstack([
        camera.project(place, tall)
        for place, tall in zip(places, random.normal(1.72, 0.07, 40), strict=True)
    ])  # fmt: skip

    plane = from_people(
        as_points(heads), as_points(camera.project(places)), height_m=1.72, aspect=ASPECT
    )
    found = plane.heads_to_metres(heads_of(camera, SPREAD))

    assert distances(found) == pytest.approx(distances(SPREAD), rel=0.1, abs=0.2)
    assert 0.02 < plane.residual_m < 0.12


def test_looking_straight_down_both_planes_are_one():
    """Nothing in a map tells how high the camera hangs; that is said, not guessed."""
    square = as_points(
        [(0.4, 0.3), (0.6, 0.3), (0.6, 0.3 + 0.2 * ASPECT), (0.4, 0.3 + 0.2 * ASPECT)]
    )

    plane = from_rectangle(square, (4.0, 4.0), aspect=ASPECT)

    assert not plane.is_head_height_known
    assert plane.to_heads == pytest.approx(plane.to_ground)


GOOD = as_points(KnownCamera().project(RECTANGLE))
PAIRS = as_points(KnownCamera().project(SPREAD))
FAR = as_points(KnownCamera(tilt_deg=15).project([*RECTANGLE[:2], (3.0, 900.0), (-2.0, 900.0)]))
HEADS = as_points(KnownCamera().project(SPREAD, 1.7))


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (lambda: from_rectangle(GOOD[:3], (5, 8), aspect=ASPECT), "4 corners, not 3"),
        (lambda: from_rectangle(GOOD, (5, 0), aspect=ASPECT), "longer than 0 m"),
        (
            lambda: from_rectangle([GOOD[0], GOOD[2], GOOD[1], GOOD[3]], (5, 8), aspect=ASPECT),
            "corners cross",
        ),
        (lambda: from_rectangle(FAR, (5, 888), aspect=ASPECT), "near the horizon"),
        (lambda: from_pairs(PAIRS[:5], SPREAD[:5], aspect=ASPECT), "6 pairs"),
        (lambda: from_pairs(PAIRS, SPREAD[:7], aspect=ASPECT), "8 points, but 7"),
        (
            lambda: from_pairs(PAIRS, [(x, 0) for x in range(8)], aspect=ASPECT),
            "one line on the ground",
        ),
        (
            lambda: from_pairs([(0.1 * x, 0.5) for x in range(8)], SPREAD, aspect=ASPECT),
            "one line in the picture",
        ),
        (lambda: from_people(HEADS[:4], PAIRS[:4], height_m=1.7, aspect=ASPECT), "5 people"),
        (lambda: from_people(PAIRS, HEADS, height_m=1.7, aspect=ASPECT), "below its feet"),
    ],
)
def test_what_cannot_be_a_ground_is_refused(fit, message):
    """In words that a person at the picture can act on."""
    with pytest.raises(ValueError, match=message):
        fit()


def test_people_that_no_camera_sees_so_are_refused():
    """Heads and feet that contradict each other lead the search astray; that ends in a sentence."""
    heads = [(0.03, 0.49), (0.22, 0.38), (0.44, 0.45), (0.22, 0.41), (0.84, 0.5)]
    feet = [(0.38, 0.98), (0.22, 0.41), (0.23, 0.59), (0.02, 0.59), (0.19, 0.83)]

    with pytest.raises(ValueError, match="no camera sees these people so"):
        from_people(heads, feet, height_m=1.7, aspect=ASPECT)


@given(st.lists(st.tuples(*[st.floats(0, 1, width=16)] * 4), min_size=5, max_size=8))
@settings(max_examples=30, deadline=None)
def test_whatever_was_clicked_on_ends_in_a_plane_or_a_sentence(people):
    """Nothing but a `ValueError` leaves the fit, so nobody need expect anything else."""
    heads = [(x, min(y, other)) for x, y, _, other in people]
    feet = [(x, max(y, other)) for _, y, x, other in people]

    with suppress(ValueError):
        from_people(heads, feet, height_m=1.7, aspect=ASPECT)
