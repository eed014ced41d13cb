"""What is said of areas."""

from dataclasses import replace

import pytest

from monitor.core.reading import Quality
from monitor.core.zone import Crowding
from monitor.engine.area import AreaSnapshot
from monitor.ui.areas.words import area_line, areas_text
from tests.rigs.snapshots import reading_of

READING = reading_of(240.4, low=200.2, high=279.5)


def area(reading=READING, quality=Quality.GOOD):
    return AreaSnapshot("Square", reading, quality, ())


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (area(), "Square: 240 (200–280)"),
        (
            area(replace(READING, crowding=Crowding(80.0, 2.14, 3.42, "D"))),
            "Square: 240 (200–280), 2.1 people/m², fullest 3.4, level D",
        ),
        (area(quality=Quality.LOST), "Square: –, lost"),
        (area(None, Quality.LOST), "Square: –, lost"),
        (area(quality=Quality.DEGRADED), "Square: 240 (200–280), degraded"),
    ],
    ids=["good", "ground", "lost", "never", "doubtful"],
)
def test_an_area_in_words(shown, words):
    """A lost one is a dash, never nobody."""
    assert area_line(shown) == words


def test_each_area_has_a_line():
    """In their order."""
    assert areas_text([area(), area(None, Quality.LOST)]).count("\n") == 1
