"""Colours of a density map: fixed scale, nothing where nobody is, more is always more."""

import numpy as np
import pytest

from monitor.scene.heatmap import (
    FULL_PEOPLE,
    OPAQUE,
    blend,
    full_people_of,
    heat_colours,
    legend,
)


def lightness(rgb: np.ndarray) -> np.ndarray:
    """Give CIE L* of sRGB colours, shape (..., 3), by the formulas of IEC 61966-2-1 and CIE 15."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(
        luminance > (6 / 29) ** 3, 116 * np.cbrt(luminance) - 16, luminance * (29 / 3) ** 3
    )


def flat(people: float) -> np.ndarray:
    return np.full((3, 4), people, dtype=np.float32)


def test_nobody_is_transparent() -> None:
    """An empty square shows through untouched."""
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)

    heat = heat_colours(flat(0.0), (48, 64))

    assert (heat[..., 3] == 0).all()
    assert np.array_equal(blend(image, heat), image)


def test_more_people_are_never_less_visible() -> None:
    """Along the scale opacity and lightness only grow, up to the top of the scale."""
    ramp = np.linspace(0, FULL_PEOPLE, 64, dtype=np.float32)
    colours = np.stack([heat_colours(flat(people), (1, 1))[0, 0] for people in ramp]).astype(float)

    assert (np.diff(colours[:, 3]) >= 0).all()
    assert colours[-1, 3] == round(255 * OPAQUE)
    assert (np.diff(lightness(colours[:, :3])) > 0).all()


def test_steps_look_even() -> None:
    """Equal steps of people are steps of lightness of like size, none three times another."""
    ramp = np.linspace(0, FULL_PEOPLE, 9, dtype=np.float32)
    colours = np.stack([heat_colours(flat(people), (1, 1))[0, 0, :3] for people in ramp])

    steps = np.diff(lightness(colours.astype(float)))

    assert steps.max() < 3 * steps.min()


def test_the_scale_does_not_depend_on_the_picture() -> None:
    """A crowd elsewhere in the picture changes nothing here."""
    alone, beside = flat(0.0), flat(0.0)
    alone[0, 0] = beside[0, 0] = 0.4
    beside[2, 3] = 50.0

    first, second = (heat_colours(one, (3, 4)) for one in (alone, beside))

    assert np.array_equal(first[0, 0], second[0, 0])


@pytest.mark.parametrize("people", [1.0, 7.5, 1e9, np.inf])
def test_beyond_the_scale_is_the_brightest(people: float) -> None:
    """More than the scale holds looks like its end."""
    top = heat_colours(flat(FULL_PEOPLE), (2, 2))

    assert np.array_equal(heat_colours(flat(people), (2, 2)), top)


@pytest.mark.parametrize("size_hw", [(1, 1), (7, 3), (2160, 3840), (719, 1279)])
def test_any_size(size_hw: tuple[int, int]) -> None:
    """The map is as large as the picture."""
    assert heat_colours(flat(0.5), size_hw).shape == (*size_hw, 4)


def test_the_bright_spot_is_where_the_people_are() -> None:
    """The strongest colour lies over the middle of the block."""
    density = np.zeros((6, 8), dtype=np.float32)
    density[4, 2] = 1.0

    opacity = heat_colours(density, (96, 128))[..., 3]
    rows, columns = np.nonzero(opacity == opacity.max())

    assert 4 * 16 <= rows.mean() < 5 * 16
    assert 2 * 16 <= columns.mean() < 3 * 16


def test_the_size_of_blocks_does_not_change_the_colour() -> None:
    """A crowd spread evenly looks the same counted in blocks of 8 and of 16 px."""
    fine = np.full((8, 8), 0.1, dtype=np.float32)
    coarse = np.full((4, 4), 0.4, dtype=np.float32)  # four fine blocks in each

    first = heat_colours(fine, (64, 64), full_people=full_people_of(8))
    second = heat_colours(coarse, (64, 64), full_people=full_people_of(16))

    assert np.array_equal(first, second)


def test_blend_is_a_weighted_mean() -> None:
    """Each pixel is colour times opacity plus picture times the rest, to one step of 255."""
    generator = np.random.default_rng(1)
    image = generator.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    heat = generator.integers(0, 256, (5, 6, 4), dtype=np.uint8)
    share = heat[..., 3:] / 255

    expected = heat[..., :3] * share + image * (1 - share)

    assert np.abs(blend(image, heat) - expected).max() <= 1.0


def test_blend_refuses_other_sizes() -> None:
    """A map of another size is a mistake of the caller."""
    with pytest.raises(ValueError, match="heat map"):
        blend(np.zeros((4, 4, 3), dtype=np.uint8), np.zeros((4, 5, 4), dtype=np.uint8))


def test_legend_tells_what_the_map_shows() -> None:
    """Each step's colour is the colour that the map gives so many people."""
    for step in legend(full_people=2.0):
        shown = heat_colours(flat(step.people), (1, 1), full_people=2.0)[0, 0]
        assert tuple(int(part) for part in shown) == step.rgba


def test_legend_goes_from_nobody_to_the_top() -> None:
    """The ends of the legend are the ends of the scale."""
    steps = legend(full_people=0.8, steps=3)

    assert [step.people for step in steps] == pytest.approx([0.0, 0.4, 0.8])


@pytest.mark.parametrize("density", [np.zeros((0, 3)), np.zeros(4)])
def test_no_map_is_refused(density: np.ndarray) -> None:
    """A map without blocks cannot be drawn."""
    with pytest.raises(ValueError, match="density map"):
        heat_colours(density.astype(np.float32), (4, 4))


def test_impossible_scales_are_refused() -> None:
    """A scale ends above nobody; a legend has two ends."""
    with pytest.raises(ValueError, match="scale"):
        heat_colours(flat(1.0), (2, 2), full_people=0.0)
    with pytest.raises(ValueError, match="legend"):
        legend(steps=1)
