"""The marks while they are made: every step, and the way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings import BandSettings, GroundSettings
from monitor.ui.ground.draft import GroundDraft, Marks, Way, marks_of
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
        assert f"point {number + 1} is on the plan" in draft.marks.missing
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
