"""How a picture of any size goes through a model, and comes back as one density map.

Scoring, verifying and running all use this one plan, so the error printed is the error shipped.
A convolutional model takes the picture whole; a model with a fixed window takes overlapping
windows whose predictions are averaged block by block. Either way the picture is first filled up
at its right and lower edge to the size the model needs, and blocks that lie wholly in the filling
are dropped: padded area holds nobody, and nobody in the picture is lost or counted twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import FloatMap, RgbImage
from monitor.core.density import grid_size


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of the filled picture that the model sees at once, in pixels."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class TilePlan:
    """Where a model looks in a picture of one size.

    Attributes:
        size_hw: Height and width of the picture, pixels.
        padded_hw: The same after filling up at the right and lower edge.
        block_px: Side of a block, pixels.
        tiles: What the model sees, all of one size, none outside the filled picture; together
            they cover it.
    """

    size_hw: tuple[int, int]
    padded_hw: tuple[int, int]
    block_px: int
    tiles: tuple[Tile, ...]

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the density map of the picture."""
        return grid_size(self.size_hw, self.block_px)


def plan_tiles(
    size_hw: tuple[int, int],
    *,
    block_px: int,
    size_multiple: int,
    window_px: int | None = None,
    stride_px: int | None = None,
    fixed_hw: tuple[int, int] | None = None,
) -> TilePlan:
    """Plan where a model looks in a picture.

    Args:
        size_hw: Height and width of the picture, pixels, 1 or more.
        block_px: Side of a block, pixels.
        size_multiple: Sides of what the model sees must be multiples of this.
        window_px: Side of the model's window; None: it takes the picture whole.
        stride_px: Distance between windows, a multiple of `block_px`; None without windows.
        fixed_hw: Height and width of the only pictures that a convolutional model takes; larger
            ones are cut into such, side by side. None: any size, or a window.

    Returns:
        The plan. The last window of a row or column is moved back so that it ends with the picture.

    Raises:
        ValueError: If a side is below 1, or a window comes without a stride.
    """
    if min(size_hw) < 1:
        raise ValueError(f"a picture of {size_hw[1]}x{size_hw[0]} pixels has nobody in it to count")
    if window_px is not None:
        if stride_px is None or stride_px > window_px:
            raise ValueError(f"windows of {window_px} px need a stride up to that, not {stride_px}")
        return _plan_windows(size_hw, block_px, (window_px, window_px), (stride_px, stride_px))
    if fixed_hw is not None:
        return _plan_windows(size_hw, block_px, fixed_hw, fixed_hw)
    padded = (_round_up(size_hw[0], size_multiple), _round_up(size_hw[1], size_multiple))
    return TilePlan(size_hw, padded, block_px, (Tile(0, 0, *padded),))


def _plan_windows(
    size_hw: tuple[int, int],
    block_px: int,
    window_hw: tuple[int, int],
    stride_hw: tuple[int, int],
) -> TilePlan:
    padded = (
        max(window_hw[0], _round_up(size_hw[0], block_px)),
        max(window_hw[1], _round_up(size_hw[1], block_px)),
    )
    tiles = tuple(
        Tile(top, left, *window_hw)
        for top in _starts(padded[0], window_hw[0], stride_hw[0])
        for left in _starts(padded[1], window_hw[1], stride_hw[1])
    )
    return TilePlan(size_hw, padded, block_px, tiles)


def cut_tiles(image: RgbImage, plan: TilePlan) -> Iterator[RgbImage]:
    """Cut a picture into what the model sees, in the plan's order.

    Args:
        image: Shape (H, W, 3), uint8; H and W as planned.
        plan: Where the model looks.

    Yields:
        Shape (tile height, tile width, 3), uint8; black where the picture was filled up. Views
        of the picture where nothing had to be filled.

    Raises:
        ValueError: If the picture is not of the planned size.
    """
    if image.shape[:2] != plan.size_hw:
        raise ValueError(f"picture of {image.shape[:2]} against a plan for {plan.size_hw}")
    below = plan.padded_hw[0] - plan.size_hw[0]
    beside = plan.padded_hw[1] - plan.size_hw[1]
    padded = np.pad(image, ((0, below), (0, beside), (0, 0))) if below or beside else image
    for tile in plan.tiles:
        yield padded[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width]


def merge_tiles(maps: list[FloatMap], plan: TilePlan) -> FloatMap:
    """Put the model's maps together into one map of the whole picture.

    Args:
        maps: One map a tile, in the plan's order, people (or variance) per block.
        plan: Where the model looked.

    Returns:
        Shape `plan.grid`, float32. Each block is the mean over the tiles that saw it.

    Raises:
        ValueError: If a map does not have the size that its tile calls for.
    """
    block = plan.block_px
    rows, columns = plan.padded_hw[0] // block, plan.padded_hw[1] // block
    total: NDArray[np.float64] = np.zeros((rows, columns))
    seen: NDArray[np.float64] = np.zeros((rows, columns))
    for one, tile in zip(maps, plan.tiles, strict=True):
        expected = (tile.height // block, tile.width // block)
        if one.shape != expected:
            raise ValueError(f"map of shape {one.shape} for a tile of {expected} blocks")
        place = np.s_[
            tile.top // block : tile.top // block + expected[0],
            tile.left // block : tile.left // block + expected[1],
        ]
        total[place] += one
        seen[place] += 1
    merged = total / seen
    return np.asarray(merged[: plan.grid[0], : plan.grid[1]], dtype=np.float32)


def run_tiled(
    image: RgbImage,
    plan: TilePlan,
    model: Callable[[RgbImage], tuple[FloatMap, FloatMap | None]],
) -> tuple[FloatMap, FloatMap | None]:
    """Count a picture tile by tile.

    Args:
        image: Shape (H, W, 3), uint8, RGB.
        plan: Where the model looks.
        model: Takes one tile, gives its density and, where the method has one, its variance.

    Returns:
        Density and variance of the whole picture, shape `plan.grid`; the variance is None where
        the model gives none.
    """
    densities: list[FloatMap] = []
    variances: list[FloatMap] = []
    for tile in cut_tiles(image, plan):
        density, variance = model(tile)
        densities.append(density)
        if variance is not None:
            variances.append(variance)
    return (
        merge_tiles(densities, plan),
        merge_tiles(variances, plan) if variances else None,
    )


def _round_up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def _starts(length: int, window: int, stride: int) -> list[int]:
    starts = list(range(0, length - window + 1, stride))
    if starts[-1] + window < length:
        starts.append(length - window)
    return starts
