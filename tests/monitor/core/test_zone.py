"""Zones: what cannot be one is refused with a reason."""

import pytest

from monitor.core.zone import Zone

SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


@pytest.mark.parametrize(
    ("name", "polygon", "message"),
    [
        (" ", SQUARE, "name"),
        ("a", SQUARE[:2], "2 corners"),
        ("a", ((0, 0), (1.1, 0), (1, 1)), "0 to 1"),
        ("a", ((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), "cross"),
        ("a", ((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "empty"),
    ],
    ids=["no name", "a line", "outside", "a bow tie", "flat"],
)
def test_what_is_no_zone_is_refused(name, polygon, message):
    """Before it is counted with."""
    with pytest.raises(ValueError, match=message):
        Zone(name, polygon)


def test_hollow_shapes_are_zones():
    """A horseshoe round a stage."""
    horseshoe = ((0, 0), (1, 0), (1, 1), (0.7, 1), (0.7, 0.4), (0.3, 0.4), (0.3, 1), (0, 1))

    assert Zone("pit", horseshoe).polygon == horseshoe
