"""People per m²: the density map laid on the ground, its mean, and its fullest 4 m².

A mean hides the spot where people are crushed, and a block of pixels is a hand's breadth near the
camera and a room far away. So the map is laid out in cells of fixed ground area, and the peak is
sought in a window of fixed ground area, wherever it lies.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import FloatMap, read_only
from monitor.core.zone import RelativePoint
from monitor.scene.ground import UNSURE_M2, GroundPlane, Matrix, apply
from monitor.scene.zones import Shares

CELL_M = 0.25
"""Side of a cell of the ground."""
WINDOW_CELLS = 8
"""Side of the window in which the peak is sought: 2 m, so 4 m²."""
_SAMPLE_M = 0.125  # at most between two samples of a block: half a cell
_SAMPLES_MAX = 32  # on a side of one block; a block of 4 m² is seldom longer than 4 m
_SAMPLES_TOTAL = 2_000_000  # of a picture; where so much ground is seen, coarser ones do
_SEEN_SHARE = 0.75  # of a window that must be seen; less of it says too little
_CELLS_MAX = 4_000_000  # a quarter of a square kilometre; more is a plane that does not fit


@dataclass(frozen=True, slots=True)
class Crowdedness:
    """How closely people stand in a part of a picture, at one moment."""

    area_m2: float
    """Ground that is seen well enough."""
    mean_m2: float
    """People per m² on it; 0 where no ground is seen well enough."""
    peak_m2: float | None
    """People per m² in the fullest window; None: nowhere is enough of a window seen."""
    unsure_share: float
    """Share of the people who stand where a block covers more than 4 m²."""
    peak_outline: tuple[RelativePoint, ...] = ()
    """Corners of the fullest window in the picture, in order round it; empty without a peak."""


class GroundGrid:
    """The way from blocks of one picture size to cells of the ground; made once, then only read."""

    def __init__(self, plane: GroundPlane, size_hw: tuple[int, int], block_px: int) -> None:
        """Work out which cells each block covers.

        Args:
            plane: The ground before the camera.
            size_hw: Height and width of the picture, pixels.
            block_px: Side of a block, pixels.

        Raises:
            ValueError: If so much ground would be seen that the plane cannot be right.
        """
        self.areas_m2 = plane.block_areas_m2(size_hw, block_px)
        """Shape (rows, columns): ground under each block; infinite where it is not known."""
        self.is_sure = read_only(self.areas_m2 <= UNSURE_M2)
        """Shape (rows, columns): whether a block says well enough where people stand; the others
        are shown gray and left out."""
        self._size_hw, self._block_px = size_hw, block_px
        low, self._shape = self._extent(plane)
        self._to_picture = _cells_to_picture(plane, low)
        block, place, weight = self._samples(plane)
        cells = np.floor(place / CELL_M).astype(np.int64)
        across, along = (cells - low + WINDOW_CELLS).T
        self._block, self._cell, self._weight = _joined(
            block, across * self._shape[1] + along, weight, number=math.prod(self._shape)
        )

    def part(self, mask: Shares) -> "GroundPart":
        """Prepare to measure a part of the picture; worth keeping as long as the grid.

        Args:
            mask: Shape (rows, columns), 0 to 1: how much of each block belongs to it.

        Returns:
            The part, whose `measure` takes a fraction of a millisecond.
        """
        flat, chosen = mask.ravel(), mask.ravel()[self._block] > 0
        block, cell = self._block[chosen], self._cell[chosen]
        weight = self._weight[chosen] * flat[block]
        area = self._weighed(cell, weight * self.areas_m2.ravel()[block])
        return GroundPart(
            block=block,
            cell=cell,
            weight=weight,
            is_sure=self.is_sure,
            mask=mask,
            area_m2=float((self.areas_m2[self.is_sure] * mask[self.is_sure]).sum()),
            seen_m2=_sum_windows(area),
            to_picture=self._to_picture,
        )

    def _weighed(self, cell: NDArray[np.intp], weight: Matrix) -> Matrix:
        """Sum weights by cell, in the shape of the ground."""
        summed = np.bincount(cell, weight, math.prod(self._shape))
        return np.asarray(summed.reshape(self._shape), dtype=np.float64)

    def _extent(self, plane: GroundPlane) -> tuple[NDArray[np.int64], tuple[int, int]]:
        """Give the lowest cell that is seen, and how many cells there are with a margin."""
        rows, columns = np.nonzero(self.is_sure)
        if not len(rows):
            return np.zeros(2, np.int64), (1, 1)
        corners = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])
        places = (np.column_stack([columns, rows])[:, None] + corners).reshape(-1, 2)
        metres = plane.heads_to_metres(self._relative(places.astype(np.float64)))
        cells = np.floor(metres / CELL_M).astype(np.int64)
        low, high = cells.min(axis=0), cells.max(axis=0)
        # A margin, so that a window can hang over the edge of what is seen.
        across, along = (int(one) for one in high - low + 1 + 2 * WINDOW_CELLS)
        if across * along > _CELLS_MAX:
            raise ValueError("the ground plane reaches too far; check the points it was made from")
        return low, (across, along)

    def _samples(self, plane: GroundPlane) -> tuple[NDArray[np.intp], Matrix, Matrix]:
        """Cut each sure block into pieces: of which block, where in meters, what share of it."""
        rows, columns = np.nonzero(self.is_sure)
        finest = self._pieces(plane, rows, columns)
        blocks, places, weights = [np.zeros(0, np.intp)], [np.zeros((0, 2))], [np.zeros(0)]
        for down, right in np.unique(finest, axis=0):
            chosen = (finest == (down, right)).all(axis=1)
            row, column = rows[chosen], columns[chosen]
            y = row[:, None] + (np.arange(down + 1) / down)[None, :]
            x = column[:, None] + (np.arange(right + 1) / right)[None, :]
            grid = np.stack(
                np.broadcast_arrays(x[:, None, :], y[:, :, None]), axis=-1
            )  # (block, down + 1, right + 1, 2)
            corners = plane.heads_to_metres(self._relative(grid.reshape(-1, 2)))
            corners = corners.reshape(grid.shape)
            middle, share = _split(corners)
            flat = row * self.is_sure.shape[1] + column
            blocks.append(np.repeat(flat, down * right).astype(np.intp))
            places.append(middle.reshape(-1, 2))
            weights.append(share.ravel())
        return np.concatenate(blocks), np.concatenate(places), np.concatenate(weights)

    def _pieces(
        self, plane: GroundPlane, rows: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Say into how many pieces, down and right, each block is cut."""

        def at(down: int, right: int) -> Matrix:
            points = np.column_stack([columns + right, rows + down]).astype(np.float64)
            return plane.heads_to_metres(self._relative(points))

        tall = np.maximum(
            np.linalg.norm(at(1, 0) - at(0, 0), axis=1), np.linalg.norm(at(1, 1) - at(0, 1), axis=1)
        )
        wide = np.maximum(
            np.linalg.norm(at(0, 1) - at(0, 0), axis=1), np.linalg.norm(at(1, 1) - at(1, 0), axis=1)
        )
        sides_m = np.column_stack([tall, wide])
        number = float(np.maximum(sides_m / _SAMPLE_M, 1).prod(axis=1).sum())
        coarser = max(1.0, math.sqrt(number / _SAMPLES_TOTAL))
        pieces = np.ceil(sides_m / (_SAMPLE_M * coarser))
        return np.clip(pieces, 1, _SAMPLES_MAX).astype(np.intp)

    def _relative(self, blocks_xy: Matrix) -> Matrix:
        """Turn places in blocks into shares of the picture; none lies outside it."""
        width, height = self._size_hw[1] / self._block_px, self._size_hw[0] / self._block_px
        return np.minimum(blocks_xy / (width, height), 1.0)


@lru_cache(maxsize=4)
def kept_grid(plane: GroundPlane, size_hw: tuple[int, int], block_px: int) -> GroundGrid:
    """Give the grid of a plane, made once; arguments and errors are those of `GroundGrid`."""
    # While zones are drawn, every step would wait a second for it. Only the last few are kept:
    # each takes some megabytes.
    return GroundGrid(plane, size_hw, block_px)


@dataclass(frozen=True, slots=True, eq=False)
class GroundPart:
    """A part of a picture, ready to be measured; made by `GroundGrid.part`."""

    block: NDArray[np.intp]
    cell: NDArray[np.intp]
    weight: NDArray[np.float64]
    """Share of the block that lies in the cell and in the part."""
    is_sure: NDArray[np.bool_]
    mask: Shares
    area_m2: float
    seen_m2: Matrix
    """Shape of the cells: ground of the part that is seen in the window around each."""
    to_picture: Matrix
    """Shape (3, 3): from places among the cells to shares of the picture, for heads."""

    def measure(self, density: FloatMap) -> Crowdedness:
        """Say how closely people stand, from a density map of shape (rows, columns)."""
        people = density.astype(np.float64) * self.mask
        total, sure = float(people.sum()), float(people[self.is_sure].sum())
        fullest = self._fullest(density)
        return Crowdedness(
            area_m2=self.area_m2,
            mean_m2=sure / self.area_m2 if self.area_m2 > 0 else 0.0,
            peak_m2=None if fullest is None else fullest[0],
            unsure_share=1 - sure / total if total > 0 else 0.0,
            peak_outline=() if fullest is None else self._outline(fullest[1]),
        )

    def around(self, density: FloatMap) -> FloatMap:
        """Say how closely people stand around each block, as a heat map shows it.

        Args:
            density: Shape (rows, columns), people per block.

        Returns:
            Shape (rows, columns), float32: people per m² in the window of 4 m² around the block's
            ground, nowhere more than the peak; near the edge of what is seen, where too little of
            that window is seen, in the fullest window that still holds the place. 0 where a block
            says too little, and outside the part.
        """
        near = self._windows(density)
        if near is None:
            return np.zeros(density.shape, dtype=np.float32)
        # Every window that holds a cell has its middle within half a window of it.
        reach = np.ones((WINDOW_CELLS, WINDOW_CELLS), dtype=np.uint8)
        filled = np.where(near < 0, cv2.dilate(near, reach), near)
        shares = self.weight * (filled.ravel()[self.cell] >= 0)
        held = np.bincount(self.block, shares * filled.ravel()[self.cell], density.size)
        whole = np.bincount(self.block, shares, density.size)
        local = np.divide(held, whole, out=np.zeros_like(held), where=whole > 0)
        return np.asarray(local.reshape(density.shape), dtype=np.float32)

    def _fullest(self, density: FloatMap) -> tuple[float, int] | None:
        """Give people per m² in the fullest window, and the cell in its middle."""
        near = self._windows(density)
        if near is None:
            return None
        cell = int(near.argmax())
        return float(near.ravel()[cell]), cell

    def _windows(self, density: FloatMap) -> Matrix | None:
        """Give people per m² in the window around each cell; -1 where too little of it is seen."""
        is_enough = self.seen_m2 >= _SEEN_SHARE * (WINDOW_CELLS * CELL_M) ** 2
        if not is_enough.any():
            return None
        people = self.weight * density.ravel()[self.block]
        summed = np.bincount(self.cell, people, self.seen_m2.size)
        held = np.asarray(summed.reshape(self.seen_m2.shape), dtype=np.float64)
        nowhere = np.full_like(held, -1.0)
        return np.divide(_sum_windows(held), self.seen_m2, out=nowhere, where=is_enough)

    def _outline(self, cell: int) -> tuple[RelativePoint, ...]:
        """Give the corners of the window around a cell, in the picture."""
        first = np.array(divmod(cell, self.seen_m2.shape[1])) - WINDOW_CELLS // 2
        corners = first + WINDOW_CELLS * np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
        return tuple((float(x), float(y)) for x, y in apply(self.to_picture, corners))


def _cells_to_picture(plane: GroundPlane, low: NDArray[np.int64]) -> Matrix:
    """Give the way from places among the cells to where heads there are seen."""
    across, along = (low - WINDOW_CELLS) * CELL_M
    to_metres = np.array([[CELL_M, 0.0, across], [0.0, CELL_M, along], [0.0, 0.0, 1.0]])
    return np.asarray(np.linalg.inv(plane.to_heads) @ to_metres, dtype=np.float64)


def _split(corners: Matrix) -> tuple[Matrix, Matrix]:
    """Give the middles of the pieces of blocks, and each one's share of its block's ground.

    Args:
        corners: Shape (blocks, down + 1, right + 1, 2), meters.

    Returns:
        Middles, shape (blocks, down, right, 2), and shares, which add up to 1 in each block.
    """
    upper, lower = corners[:, :-1], corners[:, 1:]
    a, b, c, d = upper[:, :, :-1], upper[:, :, 1:], lower[:, :, 1:], lower[:, :, :-1]
    one, other = c - a, d - b
    areas = np.abs(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]) / 2
    return (a + b + c + d) / 4, areas / np.maximum(areas.sum(axis=(1, 2), keepdims=True), 1e-300)


def _joined(
    block: NDArray[np.intp], cell: NDArray[np.int64], weight: Matrix, *, number: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], Matrix]:
    """Join the samples of one block that fall into the same cell."""
    pairs, place = np.unique(block.astype(np.int64) * number + cell, return_inverse=True)
    joined = np.asarray(np.bincount(place, weight, len(pairs)), dtype=np.float64)
    return (pairs // number).astype(np.intp), (pairs % number).astype(np.intp), joined


def _sum_windows(cells: Matrix) -> Matrix:
    """Sum the cells of every window; positions on the ground step by one cell."""
    summed = cv2.boxFilter(
        cells,
        cv2.CV_64F,
        (WINDOW_CELLS, WINDOW_CELLS),
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
    return np.asarray(summed, dtype=np.float64)
