"""Names of series: what a camera counts can be told from them, and nothing else is mixed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.series import (
    PEOPLE,
    SEPARATOR,
    camera_of,
    check_camera_name,
    check_things,
    series_name,
    thing_of,
    things_named,
    unit_for,
)

NAMES = st.text(min_size=1).filter(lambda name: SEPARATOR not in f"{name}{SEPARATOR[:-1]}"[:-1])
THINGS = st.text("abc xyz/.-", min_size=1).map(lambda words: " ".join(words.split())).filter(bool)


@given(NAMES.filter(lambda name: not name.endswith((" ", " ·"))), THINGS)
def test_camera_and_thing_come_back(camera: str, thing: str) -> None:
    """Whatever a camera is called."""
    check_camera_name(camera)

    name = series_name(camera, thing)

    assert (camera_of(name), thing_of(name)) == (camera, thing)


def test_people_go_by_the_camera_alone() -> None:
    """Sites that count people notice nothing."""
    assert series_name("Gate", PEOPLE) == "Gate"
    assert (camera_of("Gate"), thing_of("Gate")) == ("Gate", PEOPLE)


@pytest.mark.parametrize(
    ("typed", "things"),
    [
        ("", ()),
        (" , ,", ()),
        ("Bicycles", ("bicycles",)),
        ("people,  red   cars ,people", ("people", "red cars")),
    ],
)
def test_what_is_typed_is_read(typed: str, things: tuple[str, ...]) -> None:
    """Case, blanks and repetition do not count."""
    assert things_named(typed) == things


@pytest.mark.parametrize(
    ("things", "words"),
    [
        (tuple("abcdefghi"), "9 things are too many; 8"),
        (("a", "a"), "twice"),
        (("",), "no name for a thing"),
        (("x" * 201,), "no name for a thing"),
        (("a · b",), "no comma and no ·"),
        (("a, b",), "no comma"),
    ],
)
def test_what_cannot_be_asked_for_is_told(things: tuple[str, ...], words: str) -> None:
    """One sentence each."""
    with pytest.raises(ValueError, match=words):
        check_things(things)


def test_a_camera_cannot_be_called_like_a_series() -> None:
    """Else its people would be taken for something else."""
    with pytest.raises(ValueError, match="stands between a camera and what it counts"):
        check_camera_name("Gate · north")


def test_units_follow_the_thing() -> None:
    """Rates too."""
    assert unit_for("people", PEOPLE) == "people"
    assert unit_for("people/min", "bicycles") == "bicycles/min"
    assert unit_for("s", "bicycles") == "s"
