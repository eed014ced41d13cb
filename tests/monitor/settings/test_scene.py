"""Zones, ground and rules in a site file: read, and refused where they cannot be."""

import pytest
from pydantic import ValidationError

from monitor.core.rule import Level, Measure, Priority, Rule
from monitor.core.zone import Area, Combine, Member, Zone, ZoneKind
from monitor.settings import CameraSettings, GroundSettings
from monitor.settings.site_file import check_site
from tests.rigs.views import KnownCamera, as_points

VIEW = KnownCamera()
RECTANGLE = as_points(VIEW.project([(-2, 12), (3, 12), (3, 20), (-2, 20)]))
SPREAD = [(-4, 9), (4, 10), (-5, 16), (5, 18), (0, 12), (-2, 26), (4, 30), (1, 20)]
PAIRS = as_points(VIEW.project(SPREAD))

SITE = """
[[camera]]
name = "Gate 1"
source = "synthetic:plaza?people=9"

[camera.limit]
high = 80

[[camera.zone]]
name = "stage"
polygon = [[0.1, 0.2], [0.9, 0.2], [0.9, 0.8]]
moving = true

[[camera.zone]]
name = "screen"
polygon = [[0, 0], [0.2, 0], [0.2, 0.2]]
kind = "exclude"

[camera.ground]
rectangle = [[0.3, 0.4], [0.6, 0.4], [0.7, 0.6], [0.2, 0.6]]
sides_m = [5, 8]
scale = "still"

[[camera.rule]]
name = "crush"
measure = "peak density"
level = "high-high"
zone = "stage"
limit = 4.0
priority = "high"
latching = true
"""


def test_a_site_file_says_what_rings(tmp_path):
    """The short form is one rule among the others."""
    site, mistakes = check_site(SITE, folder=tmp_path)

    assert mistakes == ()
    camera = site.camera[0]
    assert camera.rules == (
        Rule(80.0),
        Rule(
            4.0,
            name="crush",
            measure=Measure.PEAK_DENSITY,
            level=Level.HIGH_HIGH,
            zone="stage",
            priority=Priority.HIGH,
            is_latching=True,
        ),
    )
    assert [one.to_zone() for one in camera.zone] == [
        Zone("stage", ((0.1, 0.2), (0.9, 0.2), (0.9, 0.8)), is_moving=True),
        Zone("screen", ((0, 0), (0.2, 0), (0.2, 0.2)), ZoneKind.EXCLUDE),
    ]
    assert camera.ground.to_scale().name == "still"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('zone = "stage"', 'zone = "stag"', "rule crush: no zone 'stag' is counted"),
        ('zone = "stage"', 'zone = "screen"', "rule crush: no zone 'screen' is counted"),
        ('name = "crush"', 'name = "limit"', "two rules have the name limit"),
        ('name = "crush"', 'name = "stream"', "every camera has that"),
        ('name = "screen"', 'name = "stage"', "two zones have the name stage"),
        ("limit = 4.0", "limit = -4.0", "more than 0 people/m²"),
        ("[0.9, 0.8]]", "[0.9, 1.8]]", "less than or equal to 1"),
        ("sides_m = [5, 8]", "", "needs `sides_m`"),
        ('scale = "still"', 'scale = "stil"', "no scale 'stil'; known are fruin, still"),
        ("[0.2, 0.6]]\n", "[0.65, 0.45]]\n", "corners cross"),
    ],
)
def test_mistakes_are_told(tmp_path, before, after, message):
    """Each with what is wrong, and none with a traceback."""
    assert SITE.count(before) == 1

    _, mistakes = check_site(SITE.replace(before, after), folder=tmp_path)

    assert message in " ".join(str(one) for one in mistakes)


def test_density_needs_a_ground():
    """A rule that could never be judged is a mistake."""
    rule = {"name": "crush", "measure": "density", "limit": 4.0}

    with pytest.raises(ValidationError, match="people per m² need"):
        CameraSettings.model_validate({"name": "a", "source": "webcam:0", "rule": [rule]})


@pytest.mark.parametrize(
    "given",
    [
        {"rectangle": RECTANGLE, "sides_m": (5, 8)},
        {"points": PAIRS, "metres": SPREAD},
        {"heads": as_points(VIEW.project(SPREAD, 1.72)), "feet": PAIRS},
    ],
    ids=["rectangle", "pairs", "people"],
)
def test_all_three_ways_lead_to_the_ground(given):
    """Each gives a plane on which a known distance comes out right."""
    plane = GroundSettings.model_validate(given).to_plane()

    one, other = plane.heads_to_metres(VIEW.project([(0.0, 13.0), (3.0, 17.0)], 1.65))
    assert sum((one - other) ** 2) ** 0.5 == pytest.approx(5.0, rel=0.01)


@pytest.mark.parametrize("given", [{}, {"points": PAIRS, "metres": SPREAD, "rectangle": RECTANGLE}])
def test_one_way_must_be_given(given):
    """Not none, and not two that may differ."""
    with pytest.raises(ValidationError, match="give one of"):
        GroundSettings.model_validate(given)


@pytest.mark.parametrize("side_m", [1e-300, 1e300])
def test_no_rectangle_is_as_small_or_large_as_that(side_m):
    """A slip of the keys is refused in words, and no arithmetic runs over."""
    with pytest.raises(ValidationError, match=r"sides_m[\s\S]*(greater|less) than or equal"):
        GroundSettings(rectangle=RECTANGLE, sides_m=(side_m, 8.0))


def test_the_same_people_are_laid_out_once():
    """The window would wait a tenth of a second for each zone that is drawn, and each save."""
    people = {"heads": as_points(VIEW.project(SPREAD, 1.72)), "feet": PAIRS}
    ground = GroundSettings(**people)

    again = GroundSettings(**people, scale="still", reference="kept.npz")
    other = GroundSettings(**people, height_m=1.8)

    assert again.to_plane() is ground.to_plane()
    assert other.to_plane() is not ground.to_plane()


def test_a_scale_of_ones_own():
    """With its source, for standing and moving people alike."""
    band = [
        {"name": "ok", "from_m2": 0, "source": "site plan 2030"},
        {"name": "full", "from_m2": 2.5, "source": "site plan 2030"},
    ]

    scale = GroundSettings.model_validate(
        {"rectangle": RECTANGLE, "sides_m": (5, 8), "band": band}
    ).to_scale()

    assert [one.name for one in scale.moving] == ["ok", "full"]
    assert scale.source == "site plan 2030"


AREA = """
[[area]]
name = "Stand"
combine = "max"
member = [{ camera = "Gate 1", zone = "stage" }, { camera = "Gate 1" }]
[[area.rule]]
name = "full"
limit = 500
"""


def test_areas_are_read(tmp_path):
    """With their members and rules."""
    site, mistakes = check_site(SITE + AREA, folder=tmp_path)

    assert mistakes == ()
    assert site.area[0].to_area() == Area(
        "Stand", (Member("Gate 1", "stage"), Member("Gate 1")), Combine.MAX
    )
    assert site.area[0].rules == (Rule(500.0, name="full"),)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('camera = "Gate 1", zone', 'camera = "Gate 2", zone', "no camera 'Gate 2'"),
        ('zone = "stage" }', 'zone = "pit" }', "Gate 1 has no zone 'pit'"),
        ('name = "Stand"', 'name = "Gate 1"', "two cameras or areas"),
        ('name = "full"', 'name = "stream"', "none is stream"),
        ("limit = 500", 'limit = 500\nzone = "stage"', "name no zone"),
    ],
)
def test_areas_that_cannot_be_counted_are_refused(tmp_path, before, after, message):
    """Before anything is opened."""
    _, mistakes = check_site(SITE + AREA.replace(before, after), folder=tmp_path)

    assert message in " ".join(str(one) for one in mistakes)
