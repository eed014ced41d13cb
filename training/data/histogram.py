"""How many people blocks hold, over the pictures and scales that a network will be shown."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.core.density import points_to_blocks
from training.data.labelled import LabelledPicture


def block_histogram(
    pictures: Sequence[LabelledPicture], *, block_px: int, scales: Sequence[float] = (1.0,)
) -> list[int]:
    """Count blocks by the number of heads in them.

    Args:
        pictures: Where to count.
        block_px: Side of a block, pixels.
        scales: The pictures are looked at enlarged or shrunk by each of these.

    Returns:
        How many blocks hold 0, 1, 2, … heads; heads that share a pixel all count.
    """
    totals = np.zeros(1, dtype=np.int64)
    for picture in pictures:
        for scale in scales:
            size_hw = (
                max(1, round(picture.size_hw[0] * scale)),
                max(1, round(picture.size_hw[1] * scale)),
            )
            blocks = points_to_blocks(picture.points_xy * np.float32(scale), size_hw, block_px)
            found = np.bincount(blocks.astype(np.int64).ravel(), minlength=len(totals))
            found[: len(totals)] += totals
            totals = found
    return [int(one) for one in totals]


def window_histogram(
    pictures: Sequence[LabelledPicture], *, window_px: int, shared_pixels: bool = False
) -> list[int]:
    """Count windows at every place, one pixel apart, by the number of heads in them.

    Args:
        pictures: Where to count; one smaller than the window has no place for it.
        window_px: Side of a window, pixels.
        shared_pixels: Count every head where several share a pixel, not one. The published
            anchors were made with one.

    Returns:
        How many windows hold 0, 1, 2, … heads.

    Source:
        CLIP-EBC (arXiv 2403.09281), whose anchors come from all overlapping windows; summed by an
        integral image (Crow 1984).
    """
    totals = np.zeros(1, dtype=np.int64)
    for picture in pictures:
        found = np.bincount(_window_sums(picture, window_px, shared_pixels=shared_pixels).ravel())
        longer, shorter = (found, totals) if len(found) > len(totals) else (totals, found)
        totals = longer.astype(np.int64)
        totals[: len(shorter)] += shorter
    return [int(one) for one in totals]


def _window_sums(
    picture: LabelledPicture, window_px: int, *, shared_pixels: bool
) -> NDArray[np.int32]:
    heads = points_to_blocks(picture.points_xy, picture.size_hw, 1).astype(np.int32)
    if not shared_pixels:
        np.minimum(heads, 1, out=heads)
    # Entry (y, x): heads above and left of that corner.
    corners = np.pad(
        heads.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32), ((1, 0), (1, 0))
    )
    lower, upper = corners[window_px:], corners[:-window_px]
    sums: NDArray[np.int32] = lower[:, window_px:] - lower[:, :-window_px]
    sums -= upper[:, window_px:] - upper[:, :-window_px]
    return sums


def scales_between(smallest: float, largest: float, *, count: int = 5) -> tuple[float, ...]:
    """Give scales spread evenly in their logarithm, ends included."""
    return tuple(float(one) for one in np.geomspace(smallest, largest, count))
