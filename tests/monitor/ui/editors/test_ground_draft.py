"""Marks on the ground become a plane with its error, and can be undone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.zone import Zone
from monitor.plaza.scene import choose_camera
from monitor.settings import BandSettings, GroundSettings
from monitor.ui.editors.ground_draft import (
    GroundDraft,
    GroundFit,
    Marks,
    Sight,
    Way,
    check_text,
    fit_ground,
    marks_of,
)
from tests.rigs.views import ASPECT, KnownCamera, as_points

SPREAD = [(-3, 9), (3, 10), (-3, 16), (3, 18), (0, 12), (-2, 22)]
FEET = as_points(KnownCamera().project(SPREAD))
HEADS = as_points(KnownCamera().project(SPREAD, 1.72))
SQUARE = as_points(KnownCamera().project([(-2, 12), (3, 12), (3, 20), (-2, 20)]))
GROUNDS = {
    "rectangle": GroundSettings(rectangle=SQUARE, sides_m=(5.0, 8.0), scale="still"),
    "points": GroundSettings(points=FEET, metres=tuple((float(x), float(y)) for x, y in SPREAD)),
    "people": GroundSettings(heads=HEADS, feet=FEET, height_m=1.72, head_height_m=1.2),
    "own bands": GroundSettings(
        rectangle=SQUARE,
        sides_m=(5.0, 8.0),
        band=(BandSettings(name="ok", from_m2=0), BandSettings(name="full", from_m2=2)),
    ),
}


@pytest.fixture
def draft():
    return GroundDraft(Marks())


def click(draft, *points):
    for point in points:
        draft.add(point)


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
def test_a_ground_comes_back_from_its_marks(ground):
    """Whoever opens the editor and changes nothing loses nothing, not the levels either."""
    marks = marks_of(ground)

    assert marks.missing == ""
    assert GroundSettings.model_validate(marks.values(ground.aspect)) == ground.model_copy(
        update={"aspect": round(ASPECT, 5)}
    )


def test_a_rectangle_takes_four_corners_and_no_fifth(draft):
    """What is still to be clicked is said until it is there."""
    said = []
    for point in SQUARE:
        said.append(draft.marks.missing)
        draft.add(point)
    draft.add((0.5, 0.5))

    assert [words.split(",")[0] for words in said] == [
        f"Click corner {number} of 4" for number in (1, 2, 3, 4)
    ]
    assert draft.marks.missing == ""
    assert np.allclose(draft.marks.corners, SQUARE, atol=1e-5)


def test_each_point_asks_for_its_metres(draft):
    """Six points, and the place of each on the plan."""
    draft.set_way(Way.PAIRS)
    for number, (point, metres) in enumerate(zip(FEET, SPREAD, strict=True)):
        draft.add(point)
        assert f"Enter the plan coordinates of point {number + 1}" in draft.marks.missing
        draft.say_metres(number, metres)

    assert draft.marks.missing == ""
    assert draft.marks.metres == tuple(SPREAD)


def test_people_are_head_and_feet_in_turn(draft):
    """A person without feet is not a person yet; deleting takes both."""
    draft.set_way(Way.PEOPLE)
    click(draft, HEADS[0], FEET[0], HEADS[1])
    half = draft.marks.missing
    draft.add(FEET[1])
    whole = draft.marks.missing
    draft.choose(0)
    draft.delete()

    assert half == "Click the feet of person 2"
    assert whole.startswith("Click the head of person 3 of 5")
    assert np.allclose(draft.marks.people, (HEADS[1], FEET[1]), atol=1e-5)


def test_another_way_keeps_the_marks_of_the_first(draft):
    """To try is free."""
    click(draft, *SQUARE[:2])

    draft.set_way(Way.PEOPLE)
    draft.add(HEADS[0])
    draft.set_way(Way.RECTANGLE)

    assert len(draft.marks.clicked) == 2
    assert len(draft.marks.people) == 1


def test_a_deleted_point_takes_its_metres_along(draft):
    """The others keep theirs."""
    draft.set_way(Way.PAIRS)
    for number in range(3):
        draft.add(FEET[number])
        draft.say_metres(number, SPREAD[number])

    draft.choose(1)
    draft.delete()

    assert draft.marks.metres == (SPREAD[0], SPREAD[2])
    assert np.allclose(draft.marks.points, (FEET[0], FEET[2]), atol=1e-5)


def test_a_nudge_is_one_step_and_stays_in_the_picture(draft):
    """By one pixel of a picture 1280 wide; at the edge it ends."""
    draft.add((0.9995, 0.5))

    draft.nudge(1 / 1280, 0.0)
    draft.nudge(1 / 1280, 0.0)
    at_edge = draft.marks.corners
    draft.undo()
    draft.undo()

    assert at_edge == ((1.0, 0.5),)
    assert draft.marks.corners == ((0.9995, 0.5),)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))),
        st.tuples(st.just("set_way"), st.sampled_from(Way)),
        st.tuples(st.just("delete")),
        st.tuples(st.just("step_chosen"), st.sampled_from((1, -1))),
    ),
    max_size=25,
)


@given(steps)
def test_undo_goes_back_through_every_step(made):
    """Whatever was done, the beginning comes back; and at no time is a mark outside."""
    draft = GroundDraft(Marks())
    for name, *values in made:
        getattr(draft, name)(*values)
        assert all(0 <= part <= 1 for point in draft.marks.clicked for part in point)
        assert len(draft.marks.metres) == len(draft.marks.points)
    while draft.can_undo:
        draft.undo()

    assert draft.marks.values(1.0) == Marks().values(1.0)
    assert draft.marks.points == draft.marks.people == ()


RECTANGLE = [(-2.0, 12.0), (3.0, 12.0), (3.0, 20.0), (-2.0, 20.0)]
FIT_SPREAD = [(-3, 9), (3, 10), (-3, 16), (3, 18), (0, 12), (-2, 22), (1, 14)]
SIGHT = Sight((1280, 720), 16)
CAMERA = KnownCamera()
CORNERS = as_points(CAMERA.project(RECTANGLE))
FIT_FEET, FIT_HEADS = (
    as_points(CAMERA.project(FIT_SPREAD)),
    as_points(CAMERA.project(FIT_SPREAD, 1.75)),
)


def fit_of(marks, sight=SIGHT):
    """The plane through marks; there is one."""
    found = fit_ground(marks.values(sight.aspect), sight)
    assert isinstance(found, GroundFit), found
    return found


def people_marks(heads=FIT_HEADS, feet=FIT_FEET, height_m=1.75):
    """Marks of people, head and feet in turn."""
    people = tuple(one for pair in zip(heads, feet, strict=True) for one in pair)
    return Marks(way=Way.PEOPLE, people=people, height_m=height_m)


@pytest.mark.parametrize(
    "marks",
    [
        Marks(corners=CORNERS, sides_m=(5.0, 8.0)),
        Marks(way=Way.PAIRS, points=FIT_FEET, metres=tuple(map(tuple, FIT_SPREAD))),
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
        (people_marks(heads=FIT_FEET, feet=FIT_HEADS), "A head lies below its feet"),
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
    places = [(float(x), float(y)) for x, y in FIT_SPREAD]
    places[3] = (6.0, 18.0)

    fit = fit_of(Marks(way=Way.PAIRS, points=FIT_FEET, metres=tuple(places)))

    assert fit.warnings[0].startswith("Point 4 does not fit the others")
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

    assert fit.warnings[0].startswith("The camera height cannot be determined from these people")


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
