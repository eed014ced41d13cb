"""Levels of service: the published thresholds, by hand."""

import pytest

from monitor.scene.levels import FRUIN, SCALES, STILL, Band, Scale, band_of


@pytest.mark.parametrize(
    ("density_m2", "is_moving", "level"),
    [
        (0.0, True, "A"),
        (0.30, True, "A"),
        (0.31, True, "B"),
        (0.44, True, "C"),  # 0.43 people/m²: normal walking speed is kept below it
        (1.0, True, "D"),
        (2.1, True, "E"),
        (2.2, True, "F"),
        (3.5, False, "D"),
        (3.6, False, "E"),  # 3.57 people/m²: people touch without wanting to
        (5.4, False, "F"),
        (99.0, False, "F"),
    ],
)
def test_fruins_levels(density_m2, is_moving, level):
    """Square feet for each person turned into people per m²."""
    assert band_of(density_m2, FRUIN.bands(is_moving=is_moving)).name == level


@pytest.mark.parametrize(("density_m2", "is_moving"), [(5.0, False), (4.0, True)])
def test_where_danger_begins(density_m2, is_moving):
    """Standing at five, moving earlier."""
    bands = STILL.bands(is_moving=is_moving)

    assert band_of(density_m2, bands).name == "dangerous"
    assert band_of(density_m2 - 0.01, bands).name == "dense"


@pytest.mark.parametrize("scale", SCALES.values(), ids=list(SCALES))
def test_every_scale_says_where_it_comes_from(scale):
    """A number without a source is nobody's."""
    assert scale.source
    assert all(one.meaning for one in (*scale.standing, *scale.moving))


@pytest.mark.parametrize("begins", [(), (1.0,), (0.0, 2.0, 2.0), (0.0, 3.0, 2.0)])
def test_bands_that_do_not_rise_from_nothing_are_refused(begins):
    """Every density has one level."""
    bands = tuple(Band(str(one), one, "") for one in begins)

    with pytest.raises(ValueError, match="rise from 0"):
        Scale("own", bands, bands, "")
