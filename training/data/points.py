"""Check marked heads against their picture, so that no bad mark reaches training unseen."""

import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import Points
from training.data.labelled import Fault


def clean_points(
    raw: NDArray[np.float64], size_hw: tuple[int, int], *, file: str
) -> tuple[Points, tuple[Fault, ...]]:
    """Keep the marks that can be meant, and report the others.

    Marks that are no numbers or lie more than one pixel outside the picture are dropped; marks up
    to one pixel outside (some tools count from 1) are moved to the edge. Marks that coincide are
    all kept: two people may hide behind one pixel.

    Args:
        raw: Shape (N, 2): x and y, pixels.
        size_hw: Height and width of the picture, pixels.
        file: Name for the report.

    Returns:
        The marks kept, shape (M, 2), float32, inside the picture; and what was wrong.
    """
    height, width = size_hw
    marks = np.asarray(raw, dtype=np.float64).reshape(-1, 2)
    finite = np.asarray(np.isfinite(marks).all(axis=1))
    slack_px = 1.0
    x, y = np.where(finite[:, None], marks, 0.0).T
    near = np.asarray((x >= -slack_px) & (x <= width + slack_px))
    near &= (y >= -slack_px) & (y <= height + slack_px)
    kept = marks[finite & near]
    inside = np.clip(kept, 0.0, np.nextafter(np.array([width, height], np.float32), 0.0))
    found = {
        "marks that are no numbers, dropped": int((~finite).sum()),
        "marks outside the picture, dropped": int((finite & ~near).sum()),
        "marks on the edge, moved inside": int((inside != kept).any(axis=1).sum()),
        "marks that share a place with another, kept": len(kept) - len(np.unique(kept, axis=0)),
    }
    faults = tuple(Fault(file, f"{count} {what}") for what, count in found.items() if count)
    return inside.astype(np.float32), faults
