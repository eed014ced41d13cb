"""Filling outlines with subpixel places, into a picture and, where asked, into a mask."""

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage

SHIFT_BITS = 4
"""OpenCV takes places as whole numbers of 1/16 px."""
_UNIT = 1 << SHIFT_BITS
_FARTHEST_PX = 16000.0  # beyond it OpenCV's 32-bit arithmetic overflows

Colour = tuple[int, int, int]


def to_fixed(points_xy: NDArray[np.floating]) -> NDArray[np.int32]:
    """Give places as OpenCV's fixed-point numbers; pixel centers are at half pixels."""
    kept = np.clip(points_xy, -_FARTHEST_PX, _FARTHEST_PX)
    return np.asarray(np.rint((kept - 0.5) * _UNIT), dtype=np.int32)


def hull_of(points_xy: NDArray[np.floating]) -> NDArray[np.float32]:
    """Give the convex hull of points, shape (N, 2), as an outline, shape (M, 2)."""
    hull = cv2.convexHull(np.asarray(points_xy, dtype=np.float32))
    return np.asarray(hull[:, 0], dtype=np.float32)


class Canvas:
    """A picture being drawn; everything drawn also goes into the mask where there is one."""

    def __init__(self, image: RgbImage, mask: NDArray[np.uint8] | None = None) -> None:
        self.image = image
        self.mask = mask

    def fill(self, points_xy: NDArray[np.floating], colour: Colour) -> None:
        """Fill a convex outline, shape (N, 2), pixels."""
        fixed = to_fixed(points_xy)
        cv2.fillConvexPoly(self.image, fixed, colour, cv2.LINE_AA, SHIFT_BITS)
        if self.mask is not None:
            cv2.fillConvexPoly(self.mask, fixed, (255,), cv2.LINE_AA, SHIFT_BITS)

    def fill_hull(self, points_xy: NDArray[np.floating], colour: Colour) -> None:
        """Fill the convex hull of points, shape (N, 2), pixels."""
        self.fill(hull_of(points_xy), colour)

    def disc(self, middle_xy: NDArray[np.floating], radius_px: float, colour: Colour) -> None:
        """Fill a circle."""
        middle = to_fixed(np.asarray(middle_xy))
        place = (int(middle[0]), int(middle[1]))
        radius = max(1, round(radius_px * _UNIT))
        cv2.circle(self.image, place, radius, colour, -1, cv2.LINE_AA, SHIFT_BITS)
        if self.mask is not None:
            cv2.circle(self.mask, place, radius, (255,), -1, cv2.LINE_AA, SHIFT_BITS)

    @staticmethod
    def fill_mask(mask: NDArray[np.uint8], points_xy: NDArray[np.floating]) -> None:
        """Fill a convex outline with 255 in a mask alone."""
        cv2.fillConvexPoly(mask, to_fixed(points_xy), (255,), cv2.LINE_AA, SHIFT_BITS)
