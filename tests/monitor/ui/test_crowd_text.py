"""Crowding and zones in words."""

import pytest

from monitor.core.zone import Crowding, ZoneReading
from monitor.scene.levels import FRUIN, Band, Scale
from monitor.ui.crowd_text import crowding_text, scale_tip, trend_text, zones_text
from tests.rigs.snapshots import reading_of


@pytest.mark.parametrize(
    ("crowding", "words"),
    [
        pytest.param(None, "", id="no ground"),
        pytest.param(
            Crowding(80.0, 2.14, 3.42, "D"), "2.1 people/m², fullest 3.4, level D", id="all"
        ),
        pytest.param(Crowding(3.0, 2.0, None, "C"), "2.0 people/m², level C", id="small"),
        pytest.param(
            Crowding(5000.0, 0.02, 0.0, "A"), "0.02 people/m², fullest 0.0, level A", id="few"
        ),
        pytest.param(
            Crowding(80.0, 2.0, 3.0, "D", unsure_share=0.25),
            "2.0 people/m², fullest 3.0, level D; 25% stand too far away to say",
            id="far",
        ),
    ],
)
def test_crowding_in_words(crowding, words):
    """By hand."""
    assert crowding_text(crowding) == words


@pytest.mark.parametrize(
    ("per_minute", "words"),
    [
        (None, ""),
        (1.0, "steady"),
        (12.4, "rising, +12 in a minute"),
        (-40.0, "falling fast, -40 in a minute"),
    ],
)
def test_trends_in_words(per_minute, words):
    """Of a hundred people."""
    assert trend_text(reading_of(100.0, per_minute=per_minute)) == words


def test_each_zone_has_a_line():
    """With its interval and crowding where they are known."""
    zones = (
        ZoneReading("Gate", 34.4, 27.9, 40.1, 9.0, 34.0, crowding=Crowding(20.0, 1.72, 2.5, "C")),
        ZoneReading("Stairs", 3.0, None, None, None, 3.0),
    )

    assert zones_text(zones) == ("Gate: 34 (27–41), 1.7/m², fullest 2.5, C standing\nStairs: 3")


def test_a_zone_in_which_people_walk_says_so():
    """Its level is that of people who move; a small one has no fullest place."""
    crowding = Crowding(3.0, 1.2, None, "E")

    walking = ZoneReading("Stairs", 3.0, None, None, None, 3.0, None, crowding, is_moving=True)

    assert zones_text((walking,)) == "Stairs: 3, 1.2/m², E moving"


def test_a_scale_tells_its_source_and_every_level():
    """What the tooltips show; one list where standing and moving are alike."""
    bands = (Band("ok", 0.0, ""), Band("close the gate", 2.5, "by order"))

    own = scale_tip(Scale("own", bands, bands, "site plan 2030, section 4"))

    assert own.splitlines() == [
        "site plan 2030, section 4",
        "standing and moving:",
        "  ok from 0.00/m²",
        "  close the gate from 2.50/m²: by order",
    ]
    assert "Fruin" in scale_tip(FRUIN)
    assert scale_tip(FRUIN).count("\n  ") == 12
