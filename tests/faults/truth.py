"""Pictures whose every part is known, and a counter that finds people only in unharmed ones.

A picture that was smeared on its way then counts 0 people, so a count of 0 that is called good is
a lie caught.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from monitor.core.arrays import RgbImage, read_only
from monitor.core.prediction import Prediction
from tests.rigs.encoded import burn_number, read_number

PEOPLE = 37.0
"""What a whole picture holds."""

_CELL_PX = 16
_HARMED_FROM = 30  # gray levels, mean of a cell; the encoder's own error stays below 10


def moving_pictures(count: int, size_wh: tuple[int, int] = (320, 240)) -> list[RgbImage]:
    """Make numbered pictures of a pattern that moves, so that each is built on the one before."""
    width, height = size_wh
    random = np.random.default_rng(7)
    cells = random.integers(20, 236, (height // _CELL_PX + 1, width // _CELL_PX + 9, 1))
    pattern = np.kron(cells, np.ones((_CELL_PX, _CELL_PX, 3))).astype(np.uint8)
    return [
        burn_number(pattern[:height, 4 * number : 4 * number + width], number)
        for number in range(count)
    ]


class TruthfulCounter:
    """Finds 37 people in a picture that is as it was sent, nobody in any other."""

    def __init__(self, *series: Sequence[RgbImage]) -> None:
        self._originals = {
            (*picture.shape[:2], number): _means(picture)
            for pictures in series
            for number, picture in enumerate(pictures)
        }
        self.harmed = 0

    def predict(self, image: RgbImage) -> Prediction:
        """Count."""
        people = PEOPLE if self._is_whole(image) else 0.0
        self.harmed += not people
        density = read_only(np.full((2, 2), people / 4, dtype=np.float32))
        return Prediction(density, 8, (image.shape[0], image.shape[1]), None, 0.001)

    def _is_whole(self, image: RgbImage) -> bool:
        original = self._originals.get((*image.shape[:2], read_number(image)))
        return original is not None and bool(np.abs(_means(image) - original).max() < _HARMED_FROM)


def _means(image: RgbImage) -> np.ndarray:
    height, width = image.shape[:2]
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small_wh = (width // _CELL_PX, height // _CELL_PX)
    return cv2.resize(gray, small_wh, interpolation=cv2.INTER_AREA).astype(np.float32)
