"""Colors for a density map: where the people are, at a glance.

The colors are those of matplotlib's "inferno" without its darkest part: even steps look even, more
is always brighter, and people who confuse red and green read it as well as others. Its scale
is fixed in people per block, so that the same color means the same crowd in every picture; where
nobody is, nothing is drawn.
"""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import FloatMap, RgbImage

RgbaImage: TypeAlias = NDArray[np.uint8]
"""Shape (H, W, 4), uint8: RGB and opacity, not multiplied together."""

FULL_PEOPLE = 1.0
"""People per block of 16 px at which the color is the brightest; more looks the same."""
_FULL_BLOCK_PX = 16
OPAQUE = 0.72
"""Opacity of the strongest color: what is below must stay recognizable."""
_STRONG_FROM = 0.35  # share of the scale from which the opacity no longer grows
_DARKEST = 70  # inferno below this is too dark to be told from shadows
_LEVELS = 256


@dataclass(frozen=True, slots=True)
class LegendStep:
    """One color of the legend and what it means."""

    people: float
    """People per block."""
    rgba: tuple[int, int, int, int]


def heat_colours(
    density: FloatMap, size_hw: tuple[int, int], *, full_people: float = FULL_PEOPLE
) -> RgbaImage:
    """Color a density map at the size of a picture.

    Between the middles of blocks the color goes smoothly from one to the other; this is for the
    eye alone, and nothing is counted from it.

    Args:
        density: Shape (rows, columns), float32, people per block.
        size_hw: Height and width wanted, pixels, 1 or more.
        full_people: People per block at which the color is the brightest, more than 0.

    Returns:
        Shape (H, W, 4), uint8; opacity 0 where nobody is.

    Raises:
        ValueError: If `full_people` is not positive or the map is empty.
    """
    levels = heat_levels(density, full_people=full_people)
    smooth = cv2.resize(levels, (size_hw[1], size_hw[0]), interpolation=cv2.INTER_LINEAR)
    return level_colours(np.asarray(smooth, dtype=np.uint8))


def heat_levels(
    density: FloatMap, *, full_people: float = FULL_PEOPLE, threshold_share: float = 0.0
) -> NDArray[np.uint8]:
    """Say how far up the scale each block is.

    Args:
        density: Shape (rows, columns), float32, people per block.
        full_people: People per block at the end of the scale, more than 0.
        threshold_share: Share of the scale below which a block counts as empty, 0 to 1.

    Returns:
        Shape (rows, columns), uint8: 0 for nobody, 255 for the end of the scale.

    Raises:
        ValueError: If `full_people` is not positive or the map is empty.
    """
    if not full_people > 0:
        raise ValueError(f"the scale must end above 0 people per block, not at {full_people}")
    if density.ndim != 2 or not density.size:
        raise ValueError(f"a density map has rows and columns, not the shape {density.shape}")
    share = np.clip(np.nan_to_num(density) / full_people, 0.0, 1.0)
    share[share < threshold_share] = 0.0
    return np.asarray(np.rint(share * (_LEVELS - 1)), dtype=np.uint8)


def level_colours(levels: NDArray[np.uint8], *, opacity: float = 1.0) -> RgbaImage:
    """Color levels of the scale.

    Args:
        levels: Shape (H, W), uint8: 0 for nobody, 255 for the end of the scale.
        opacity: Multiplies the opacity of each color, 0 to 1.

    Returns:
        Shape (H, W, 4), uint8.
    """
    table = _colour_table()
    table[:, 3] = np.rint(table[:, 3] * opacity).astype(np.uint8)
    four = cv2.merge([levels] * 4)
    return np.asarray(cv2.LUT(four, table.reshape(1, _LEVELS, 4)), dtype=np.uint8)


def full_people_of(block_px: int) -> float:
    """Give the end of the scale for blocks of a size: the same crowd has the same color in all.

    Args:
        block_px: Side of a block, pixels, 1 or more.

    Returns:
        People per block at which the color is the brightest: as many on each pixel as
        `FULL_PEOPLE` in a block of 16 px.
    """
    return FULL_PEOPLE * (block_px / _FULL_BLOCK_PX) ** 2


def blend(image: RgbImage, heat: RgbaImage) -> RgbImage:
    """Lay a heat map over a picture of the same size.

    Args:
        image: Shape (H, W, 3), uint8, RGB.
        heat: Shape (H, W, 4), uint8.

    Returns:
        Shape (H, W, 3), uint8, RGB, a new array.

    Raises:
        ValueError: If the sizes differ.
    """
    if image.shape[:2] != heat.shape[:2]:
        raise ValueError(f"heat map of {heat.shape[:2]} over a picture of {image.shape[:2]}")
    whole = np.ascontiguousarray(heat)
    opacity = cv2.cvtColor(cv2.extractChannel(whole, 3), cv2.COLOR_GRAY2RGB)
    over = cv2.multiply(cv2.cvtColor(whole, cv2.COLOR_RGBA2RGB), opacity, scale=1 / 255)
    rest = cv2.bitwise_not(opacity)
    under = cv2.multiply(np.ascontiguousarray(image), rest, scale=1 / 255)
    return np.asarray(cv2.add(over, under), dtype=np.uint8)


def legend(*, full_people: float = FULL_PEOPLE, steps: int = 5) -> tuple[LegendStep, ...]:
    """Give the colors of the scale, from nobody to the brightest.

    Args:
        full_people: People per block at which the color is the brightest.
        steps: How many, 2 or more.

    Returns:
        Evenly spaced steps; the first means 0 people and is transparent.

    Raises:
        ValueError: If there are fewer than 2 steps.
    """
    if steps < 2:
        raise ValueError(f"a legend needs 2 steps or more, not {steps}")
    table = _colour_table()
    result = []
    for index in range(steps):
        share = index / (steps - 1)
        red, green, blue, opacity = (int(part) for part in table[round(share * (_LEVELS - 1))])
        result.append(LegendStep(share * full_people, (red, green, blue, opacity)))
    return tuple(result)


def _colour_table() -> RgbaImage:
    """Give the color of each level, shape (256, 4): opacity grows first, then brightness."""
    place = np.linspace(_DARKEST, _LEVELS - 1, _LEVELS)
    levels = np.rint(place).astype(np.uint8).reshape(-1, 1)
    colours = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    share = np.arange(_LEVELS) / (_LEVELS - 1)
    opacity = 255 * OPAQUE * np.minimum(1.0, share / _STRONG_FROM)
    table = np.concatenate([colours[:, 0], np.rint(opacity)[:, None]], axis=1)
    return np.asarray(table, dtype=np.uint8)


def spread(density: FloatMap, *, blocks: float) -> FloatMap:
    """Let each block's people shine onto the blocks around it, keeping how many there are.

    A model that finds heads puts each person into one small block; from across a room single
    blocks are hard to see, and how full a place is shows better in what lies around them.

    Args:
        density: Shape (rows, columns), float32, people per block.
        blocks: Standard deviation of the bell that each block becomes; 0 changes nothing.

    Returns:
        Same shape, with the same sum: what would fall over the edge is reflected.

    Raises:
        ValueError: If `blocks` is negative.
    """
    if blocks < 0:
        raise ValueError(f"a width of {blocks} blocks is negative")
    if blocks == 0 or not density.size:
        return density
    bell = cv2.GaussianBlur(density, (0, 0), blocks, borderType=cv2.BORDER_REFLECT)
    return np.asarray(bell, dtype=np.float32).reshape(density.shape)
