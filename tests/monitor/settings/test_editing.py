"""Rules stay with the thing that they are about, whatever is counted meanwhile."""

import pytest

from monitor.core.rule import Rule
from monitor.core.zone import Zone
from monitor.settings import SiteSettings
from monitor.settings.editing import (
    camera_of,
    with_camera,
    with_rules,
    with_things,
    with_zones,
    without_camera,
)

LIMIT = {"high": 400}
FULL = {"name": "full", "limit": 500}


def site(**camera: object) -> SiteSettings:
    """One camera."""
    return SiteSettings.model_validate({"camera": [{"name": "Gate", "source": "x"} | camera]})


def about(settings: SiteSettings) -> dict[str, str | None]:
    """What each rule is about, by its name."""
    return {rule.name: thing for thing, rule in settings.camera[0].rules_by_thing}


def test_a_limit_on_people_is_none_on_bicycles() -> None:
    """It sleeps under its thing's name, and the file that holds it is right."""
    asked = with_things(site(limit=LIMIT, rule=[FULL]), "Gate", ["bicycles"], "people")

    assert asked.camera[0].count == ("bicycles",)
    assert about(asked) == {"limit": "people", "full": "people"}
    assert SiteSettings.model_validate(asked.model_dump(mode="json")) == asked


@pytest.mark.parametrize("things", [["people"], ["people", "bicycles"]])
def test_what_stays_first_keeps_its_rules_as_they_are(things: list[str]) -> None:
    """A file that nobody need read again."""
    before = site(limit=LIMIT, rule=[FULL])

    asked = with_things(before, "Gate · bicycles", things, "people")

    assert asked.camera[0].limit == before.camera[0].limit
    assert asked.camera[0].rule == before.camera[0].rule


def test_rules_of_one_thing_leave_those_of_others_alone() -> None:
    """Of a model that counts several by itself, too, where the file names no thing."""
    rule = Rule(5, name="bikes")
    for camera in ({"limit": LIMIT}, {"limit": LIMIT, "count": ["people", "bicycles"]}):
        changed = with_rules(site(**camera), "Gate · bicycles", [rule], "people")

        assert about(changed) == {"limit": None, "bikes": "bicycles"}
        again = with_rules(changed, "Gate · bicycles", [], "people")
        assert about(again) == {"limit": None}


def test_an_area_of_bicycles_follows_a_zone_that_is_called_anew() -> None:
    """Zones are the camera's, whatever is counted in them."""
    corners = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0))
    before = SiteSettings.model_validate(
        {
            "camera": [
                {"name": "Gate", "source": "x", "zone": [{"name": "a", "polygon": corners}]}
            ],
            "area": [{"name": "All", "member": [{"camera": "Gate · bicycles", "zone": "a"}]}],
        }
    )

    after = with_zones(before, "Gate", [Zone("b", corners)])

    assert after.area[0].member[0].zone == "b"


def two_cameras() -> SiteSettings:
    """An area of what a camera counts besides people, and of another camera."""
    return SiteSettings.model_validate(
        {
            "camera": [{"name": "Gate", "source": "x"}, {"name": "Yard", "source": "y"}],
            "area": [
                {"name": "Bikes", "member": [{"camera": "Gate · bicycles"}]},
                {"name": "All", "member": [{"camera": "Gate · bicycles"}, {"camera": "Yard"}]},
            ],
        }
    )


def test_an_area_of_bicycles_follows_a_camera_that_is_called_anew() -> None:
    """Whatever the camera counts; the file that holds it can be written."""
    before = two_cameras()
    door = camera_of(before, "Gate").model_copy(update={"name": "Door"})

    after = with_camera(before, door, was="Gate")

    assert [one.camera for one in after.area[1].member] == ["Door · bicycles", "Yard"]
    assert SiteSettings.model_validate(after.model_dump()) == after


def test_an_area_loses_the_bicycles_of_a_camera_that_goes() -> None:
    """Its share goes, and an area of which nothing is left goes with it."""
    after = without_camera(two_cameras(), "Gate")

    assert [(one.name, [part.camera for part in one.member]) for one in after.area] == [
        ("All", ["Yard"])
    ]
    assert SiteSettings.model_validate(after.model_dump()) == after
