"""Smaller pictures: how much a count changes when the same crowd is seen with fewer pixels."""

from collections.abc import Sequence

import cv2
import numpy as np

from monitor.core.arrays import RgbImage

SMALLEST_SHARE = 0.05
"""Below this share of its sides, little is left of any picture."""


def shrink(image: RgbImage, share: float) -> RgbImage:
    """Shrink a picture as a camera with fewer pixels would have taken it.

    Args:
        image: Shape (H, W, 3), uint8, RGB.
        share: Of both sides, more than 0 and at most 1.

    Returns:
        Shape (share · H, share · W, 3) to the nearest pixel, at least one; means over areas.
    """
    if share == 1:
        return image
    height, width = (max(1, round(side * share)) for side in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def relative_change(counts: Sequence[float], full: Sequence[float]) -> float:
    """Give the mean of |count - count at full size| / count at full size.

    Args:
        counts: Of the pictures shrunk, people.
        full: Of the same pictures, people; counts below one person are taken as one.

    Returns:
        0 for no change.

    Raises:
        ValueError: If there is no picture, or not the same number of both.
    """
    if not full:
        raise ValueError("no pictures to compare")
    pairs = zip(counts, full, strict=True)
    return sum(abs(one - whole) / max(1.0, whole) for one, whole in pairs) / len(full)
