"""Drawn squares as training data: every picture a place of its own, every person known.

They teach what no small published set shows: empty squares, heads of every size, and the scene
that the demo plays. The demo's places (low seeds) are never drawn here.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from monitor.plaza import Plaza
from training.data.labelled import LabelledPicture, LabelledSet

LICENCE = "GPL-3.0-or-later (drawn by this project)"
FIRST_SEED = 1000
"""Places below this are for the demo and for tests."""
_EMPTY_SHARE = 0.1
_MOST_PEOPLE = 400
_JPEG_QUALITY = 92


def draw_plazas(
    folder: Path,
    *,
    pictures: int,
    seed: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = lambda steps: steps,
) -> LabelledSet:
    """Draw squares with 0 to 400 people each, small crowds as often as large ones.

    Args:
        folder: Where the pictures are written, as JPEG.
        pictures: How many.
        seed: Same seed, same pictures.
        progress: Wraps the numbers of the pictures, to show how far drawing is.

    Returns:
        The pictures and the heads that can be seen in them.
    """
    drawn: list[LabelledPicture] = []
    for index in progress(range(pictures)):
        draw = np.random.default_rng((seed, index))
        people = 0 if draw.random() < _EMPTY_SHARE else round(_MOST_PEOPLE ** draw.random())
        place = FIRST_SEED + seed * 1_000_000 + index
        picture = Plaza(people, place).render(float(draw.uniform(0, 600)))
        path = folder / f"plaza_{index:05d}.jpg"
        bgr = cv2.cvtColor(picture.image, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(path), bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        size_hw = (picture.image.shape[0], picture.image.shape[1])
        drawn.append(LabelledPicture(path, size_hw, np.array(picture.heads_xy, np.float32)))
    return LabelledSet("synthetic plaza", LICENCE, tuple(drawn))
