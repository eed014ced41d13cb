"""How many people blocks hold, over the pictures and scales that a network will be shown."""

from collections.abc import Sequence

import numpy as np

from monitor.contract.density import points_to_blocks
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


def scales_between(smallest: float, largest: float, *, count: int = 5) -> tuple[float, ...]:
    """Give scales spread evenly in their logarithm, ends included."""
    return tuple(float(one) for one in np.geomspace(smallest, largest, count))
