"""A plane through marks, and what is said of it; the camera of the drawn plaza is the truth."""

import math

import numpy as np
import pytest

from monitor.core.zone import Zone
from monitor.plaza.scene import choose_camera
from monitor.ui.ground.draft import Marks, Way
from monitor.ui.ground.fit import GroundFit, Sight, fit_ground
from monitor.ui.ground.words import check_text
from tests.rigs.views import ASPECT, KnownCamera, as_points

RECTANGLE = [(-2.0, 12.0), (3.0, 12.0), (3.0, 20.0), (-2.0, 20.0)]
SPREAD = [(-3, 9), (3, 10), (-3, 16), (3, 18), (0, 12), (-2, 22), (1, 14)]
SIGHT = Sight((1280, 720), 16)
CAMERA = KnownCamera()
CORNERS = as_points(CAMERA.project(RECTANGLE))
FEET, HEADS = as_points(CAMERA.project(SPREAD)), as_points(CAMERA.project(SPREAD, 1.75))


def fit_of(marks, sight=SIGHT):
    """The plane through marks; there is one."""
    found = fit_ground(marks.values(sight.aspect), sight)
    assert isinstance(found, GroundFit), found
    return found


def people_marks(heads=HEADS, feet=FEET, height_m=1.75):
    """Marks of people, head and feet in turn."""
    people = tuple(one for pair in zip(heads, feet, strict=True) for one in pair)
    return Marks(way=Way.PEOPLE, people=people, height_m=height_m)


@pytest.mark.parametrize(
    "marks",
    [
        Marks(corners=CORNERS, sides_m=(5.0, 8.0)),
        Marks(way=Way.PAIRS, points=FEET, metres=tuple(map(tuple, SPREAD))),
        people_marks(),
    ],
    ids=["rectangle", "points", "people"],
)
def test_exact_marks_give_the_camera_and_no_warning(marks):
    """Three ways, one camera: 8 m up."""
    fit = fit_of(marks)

    assert fit.warnings == ()
    assert fit.camera.height_m == pytest.approx(8.0, rel=0.01)
    assert fit.residual_px < 0.5
    assert "Camera 8.0 m above the ground" in check_text(fit)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_plaza_is_measured_from_clicks_with_a_hands_error(seed):
    """Heads and feet clicked to a pixel: distances on the plaza's own ground, to a tenth."""
    random = np.random.default_rng(seed)
    camera = choose_camera(np.random.default_rng(seed), (1280, 720))
    depths = random.uniform(camera.near_m + 2, 0.75 * camera.far_m, 14)
    sides = random.uniform(-0.7, 0.7, 14) * camera.half_width_m(depths)

    def seen(height_m):
        points = np.column_stack([sides, np.full(14, height_m), depths])
        pixels = camera.project(points)[0] + random.normal(0, 0.7, (14, 2))
        return as_points(np.clip(pixels / (1280, 720), 0, 1))

    fit = fit_of(people_marks(seen(1.75), seen(0.0)))
    heads = camera.project(np.column_stack([sides, np.full(14, 1.65), depths]))[0] / (1280, 720)
    placed = fit.settings.to_plane().heads_to_metres(heads)

    true = np.column_stack([sides, depths])
    first, second = np.triu_indices(14, 1)
    found_m = np.linalg.norm(placed[first] - placed[second], axis=1)
    true_m = np.linalg.norm(true[first] - true[second], axis=1)
    assert np.median(np.abs(found_m / true_m - 1)) < 0.1
    assert fit.camera.height_m == pytest.approx(camera.height_m, rel=0.2)


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        (Marks(corners=(CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3])), "corners cross"),
        (
            Marks(
                way=Way.PAIRS,
                points=tuple((0.1 + 0.1 * n, 0.9) for n in range(6)),
                metres=tuple((float(n), 0.0) for n in range(6)),
            ),
            "on one line",
        ),
        (people_marks(heads=FEET, feet=HEADS), "A head lies below its feet"),
        (
            Marks(corners=((0.49, 0.05), (0.51, 0.05), (0.99, 0.99), (0.01, 0.99))),
            "near the horizon",
        ),
    ],
    ids=["crossed", "line", "upside down", "horizon"],
)
def test_what_is_no_ground_is_said_in_one_sentence(marks, words):
    """With what to do; the marks stay to be mended."""
    found = fit_ground(marks.values(ASPECT), SIGHT)

    assert isinstance(found, str)
    assert words in found
    assert "\n" not in found


def test_a_wrong_place_is_named():
    """By its number; the largest miss may be another's, which the wrong one has pulled along."""
    places = [(float(x), float(y)) for x, y in SPREAD]
    places[3] = (6.0, 18.0)

    fit = fit_of(Marks(way=Way.PAIRS, points=FEET, metres=tuple(places)))

    assert fit.warnings[0].startswith("Point 4 does not go with the others")
    assert fit.residual_m > 0.3


def test_swapped_sides_are_doubted():
    """8 m by 5 m where it is 5 m by 8 m."""
    fit = fit_of(Marks(corners=CORNERS, sides_m=(8.0, 5.0)))

    assert "check the lengths" in " ".join(fit.warnings)


def test_people_in_one_row_leave_the_camera_open():
    """All of them 14 m away: a camera twice as high and twice as far would see them so, too."""
    random = np.random.default_rng(2)
    row = [(x, 14.0 + 0.2 * (number % 2)) for number, x in enumerate(np.linspace(-4, 4, 8))]

    def seen(height_m):
        return as_points(CAMERA.project(row, height_m) + random.normal(0, 0.0005, (8, 2)))

    fit = fit_of(people_marks(seen(1.75), seen(0.0)))

    assert fit.warnings[0].startswith("These people leave open how high the camera hangs")


def test_a_horizon_in_the_crowd_is_told():
    """People are counted in the upper rows, where marks would have sky."""
    flat = KnownCamera(tilt_deg=12.0)
    density = np.zeros((45, 80), dtype=np.float32)
    density[:8], density[-8:] = 0.1, 0.1
    marks = Marks(corners=as_points(flat.project(RECTANGLE)), sides_m=(5.0, 8.0))

    fit = fit_of(marks, Sight((1280, 720), 16, density=density))

    assert fit.warnings[0].startswith("The horizon lies in the crowd: 50%")


def test_zones_are_measured():
    """A zone round 5 m by 8 m of heads."""
    zone = Zone("gate", as_points(CAMERA.project(RECTANGLE, 1.65)))

    marks = Marks(corners=CORNERS, sides_m=(5.0, 8.0))
    fit = fit_of(marks, Sight((1280, 720), 16, zones=(zone,)))

    assert fit.zones[0].area_m2 == pytest.approx(40.0, rel=0.02)
    assert "gate 40 m²" in check_text(fit)


def test_the_far_part_ends_below_the_horizon():
    """What is grayed holds all above the horizon."""
    flat = KnownCamera(tilt_deg=15.0)
    fit = fit_of(Marks(corners=as_points(flat.project(RECTANGLE)), sides_m=(5.0, 8.0)))

    horizon_y = 0.5 - flat.focal * math.tan(math.radians(15.0))
    assert fit.horizon[0][1] == pytest.approx(horizon_y, abs=1e-3)
    assert max(y for _, y in fit.far) > horizon_y
