"""Cameras that are known exactly: where a point in metres lies in their picture, by projection.

Written from the pinhole model with rotation matrices about the axes, another way than the app's.
"""

import math
from dataclasses import dataclass

import numpy as np

ASPECT = 16 / 9


@dataclass(frozen=True)
class KnownCamera:
    """A camera above a flat ground; it looks along the ground's y axis, tilted down."""

    height_m: float = 8.0
    tilt_deg: float = 28.0
    roll_deg: float = 0.0
    focal: float = 1.2
    """In heights of the picture."""

    def project(self, metres_xy, height_m=0.0):
        """Give shares of the picture, shape (N, 2), of places at a height above the ground."""
        metres = np.asarray(metres_xy, dtype=float).reshape(-1, 2)
        tilt, roll = math.radians(self.tilt_deg), math.radians(self.roll_deg)
        away = np.array([0.0, math.cos(tilt), -math.sin(tilt)])
        right = np.array([1.0, 0.0, 0.0])
        down = np.cross(away, right)
        right, down = (
            math.cos(roll) * right - math.sin(roll) * down,
            math.sin(roll) * right + math.cos(roll) * down,
        )
        offset = np.column_stack([metres, np.full(len(metres), height_m)])
        offset = offset - (0.0, 0.0, self.height_m)
        depth = offset @ away
        x = self.focal * (offset @ right) / depth
        y = self.focal * (offset @ down) / depth
        return np.column_stack([0.5 + x / ASPECT, 0.5 + y])

    def depth_share(self, metres_xy):
        """Give the depth of the nearest head in the picture over that of the farthest given."""
        tilt = math.radians(self.tilt_deg)
        above_m = self.height_m - 1.65
        steepest = tilt + math.atan2(0.5 * (1 + ASPECT), self.focal)
        nearest_m = above_m / math.sin(min(steepest, math.pi / 2))
        farthest_m = max(y for _, y in metres_xy) * math.cos(tilt) + above_m * math.sin(tilt)
        return nearest_m * 0.5 / farthest_m


def as_points(array):
    """Turn an array into the tuples that settings and functions take."""
    return tuple((float(x), float(y)) for x, y in array)
