"""The ground before a camera: where in meters a point of the picture lies, and how much it covers.

A counting model marks heads, so what is measured is the plane in which heads are, about 1.65 m
above the ground; taking heads for feet would put people several meters too far away. Points of the
picture are shares of its width and height, so that a plane stays right when the camera changes its
resolution. How a plane is found from what a person clicks on is in `monitor.scene.ground_fit`.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float64]

HEAD_HEIGHT_M = 1.65
"""Height at which heads are, meters: a standing adult's, hat and hunch included."""
UNSURE_M2 = 4.0
"""Ground under one block beyond which it says too little about where people stand."""
HORIZON_SHARE = 0.05
"""Nearest to the horizon at which a point is still measured: 20 times as far away as the nearest
ground in the picture. Beyond, a pixel more or less is meters."""


@dataclass(frozen=True, eq=False, slots=True)
class GroundPlane:
    """The planes of the ground and of the heads before one camera; each is itself alone."""

    to_ground: Matrix
    """Shape (3, 3), read-only: from x, y, 1 in the picture (shares of it) to meters on the ground,
    times a positive factor before the camera."""
    to_heads: Matrix
    """The same for the plane in which heads are."""
    residual_m: float
    """How far the clicks miss the plane that was laid through them, root mean square, meters."""
    is_head_height_known: bool = True
    """Whether both planes differ; a camera that looks straight down cannot tell them apart."""
    height_error: float = 0.0
    """Standard error of the camera's height as a share of it, as far as clicks on people leave it
    open; 0 where the ground was measured."""

    def depth_shares(self, points_xy: Matrix) -> Matrix:
        """Say how near to the camera points of the head plane are.

        Args:
            points_xy: Shape (N, 2), shares of the picture.

        Returns:
            Shape (N,): 1 for the nearest ground in the picture, 0 at the horizon, below 0 beyond.
        """
        corners = np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
        nearest = float((_extend(corners) @ self.to_heads[2]).max())
        shares: Matrix = _extend(points_xy) @ self.to_heads[2] / nearest
        return shares

    def heads_to_metres(self, points_xy: Matrix) -> Matrix:
        """Say where on the ground the people stand whose heads are at points of the picture.

        Args:
            points_xy: Shape (N, 2), shares of the picture.

        Returns:
            Shape (N, 2), meters; not a number near the horizon and beyond.
        """
        placed = apply(self.to_heads, points_xy)
        return np.where((self.depth_shares(points_xy) >= HORIZON_SHARE)[:, None], placed, np.nan)

    def feet_to_metres(self, points_xy: Matrix) -> Matrix:
        """Say where points of the ground itself are; shape (N, 2), meters."""
        return apply(self.to_ground, points_xy)

    def block_areas_m2(self, size_hw: tuple[int, int], block_px: int) -> Matrix:
        """Give the ground under each block of a picture.

        Args:
            size_hw: Height and width of the picture, pixels.
            block_px: Side of a block, pixels.

        Returns:
            Shape (rows, columns), m²; infinite near the horizon and beyond. A block that hangs
            over the picture has only what is inside.

        Source:
            Area of the polygon of a block's four corners on the head plane (shoelace); a
            homography keeps straight lines straight, so this is exact.
        """
        rows, columns = -(-size_hw[0] // block_px), -(-size_hw[1] // block_px)
        y = np.minimum(np.arange(rows + 1) * block_px / size_hw[0], 1.0)
        x = np.minimum(np.arange(columns + 1) * block_px / size_hw[1], 1.0)
        grid = np.stack(np.meshgrid(x, y), axis=-1)
        placed = self.heads_to_metres(grid.reshape(-1, 2)).reshape(rows + 1, columns + 1, 2)
        first = placed[1:, 1:] - placed[:-1, :-1]
        second = placed[1:, :-1] - placed[:-1, 1:]
        areas = np.abs(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]) / 2
        return np.where(np.isnan(areas), np.inf, areas)


def apply(homography: Matrix, points_xy: Matrix) -> Matrix:
    """Map points, shape (N, 2), by a homography of shape (3, 3)."""
    mapped = _extend(points_xy) @ homography.T
    with np.errstate(divide="ignore", invalid="ignore"):
        placed: Matrix = mapped[:, :2] / mapped[:, 2:]
    return placed


def _extend(points_xy: Matrix) -> Matrix:
    points = np.asarray(points_xy, dtype=np.float64).reshape(-1, 2)
    return np.column_stack([points, np.ones(len(points))])
