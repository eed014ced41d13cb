"""The size rule of the published results, and pictures and marks brought to it.

Networks see people at the size that they were trained on, so the papers limit both sides of every
picture, training and test alike. Pictures that already fit are not touched.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from training.data.labelled import LabelledPicture
from training.errors import DataError

MULTIPLE_PX = 32
"""Both sides become multiples of this."""


@dataclass(frozen=True)
class SideLimits:
    """How small and how large the sides of pictures may be, pixels."""

    smallest_px: int = MULTIPLE_PX
    largest_px: int | None = None
    """None: as large as they are."""

    def __post_init__(self) -> None:
        largest = self.smallest_px if self.largest_px is None else self.largest_px
        if self.smallest_px < MULTIPLE_PX or largest < self.smallest_px:
            raise ValueError(
                f"sides from {self.smallest_px} to {largest} px: the smallest must be "
                f"{MULTIPLE_PX} or more and the largest no less than that"
            )
        if self.smallest_px % MULTIPLE_PX or largest % MULTIPLE_PX:
            raise ValueError(f"limits of sides must be multiples of {MULTIPLE_PX} px")


def fit_size(size_hw: tuple[int, int], limits: SideLimits) -> tuple[int, int]:
    """Give the size that a picture shall have.

    A picture whose shorter side is too small is enlarged until it fits; else one whose longer side
    is too large is shrunk until that fits. Where both limits cannot be kept, the picture being too
    long and narrow, the upper one is given up. Then each side goes to the nearest multiple of 32,
    so proportions change slightly.

    Args:
        size_hw: Height and width, pixels.
        limits: Of the sides.

    Returns:
        Height and width, multiples of 32 px.

    Raises:
        ValueError: If a side is below 1.

    Source:
        Preprocessing of the published CLIP-EBC program.
    """
    shorter, longer = min(size_hw), max(size_hw)
    if shorter < 1:
        raise ValueError(f"a picture of {size_hw[1]} × {size_hw[0]} px has no size to fit")
    smallest, largest = limits.smallest_px, limits.largest_px
    if largest is not None and longer * smallest > largest * shorter:
        largest = None
    if shorter < smallest:
        scale = smallest / shorter
    elif largest is not None and longer > largest:
        scale = largest / longer
    else:
        scale = 1.0
    height, width = (_fit_side(side * scale, smallest, largest) for side in size_hw)
    return height, width


def _fit_side(side: float, smallest: int, largest: int | None) -> int:
    nearest = max(smallest, round(side / MULTIPLE_PX) * MULTIPLE_PX)
    return nearest if largest is None else min(nearest, largest)


def fit_pictures(
    pictures: Iterable[LabelledPicture],
    limits: SideLimits,
    folder: Path,
    *,
    progress: Callable[[Iterable[LabelledPicture]], Iterable[LabelledPicture]] = lambda them: them,
) -> tuple[LabelledPicture, ...]:
    """Bring pictures to the size rule, and their marks with them.

    Args:
        pictures: Whose names differ.
        limits: Of the sides.
        folder: Where resized pictures are written, under their names; must exist. JPEG is encoded
            at OpenCV's quality, 95.
        progress: Wraps the pictures, to show how far it is.

    Returns:
        The pictures: those that fit already as they were, the others resized (bicubic), every
        mark times the exact factors of the two sides.

    Raises:
        DataError: If a picture cannot be read or written.
    """
    return tuple(_fit_picture(one, limits, folder) for one in progress(pictures))


def _fit_picture(picture: LabelledPicture, limits: SideLimits, folder: Path) -> LabelledPicture:
    height, width = fit_size(picture.size_hw, limits)
    if (height, width) == picture.size_hw:
        return picture
    image = cv2.imread(str(picture.path))
    if image is None:
        raise DataError(f"{picture.path}: was there a moment ago, cannot be decoded now")
    path = folder / picture.name
    resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    if not cv2.imwrite(str(path), resized):
        raise DataError(f"{path}: cannot be written")
    factors = np.array([width, height], np.float64) / np.array(picture.size_hw[::-1], np.float64)
    # Rounding to single precision could push a mark at the edge just outside.
    last = np.nextafter(np.array([width, height], np.float32), np.float32(0))
    points = np.minimum((picture.points_xy * factors).astype(np.float32), last)
    return replace(picture, path=path, size_hw=(height, width), points_xy=points)
