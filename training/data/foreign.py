"""Pictures that no counter should trust itself on: spoilt ones, and ones of nothing.

They measure whether a model knows when it does not know. Each kind is a function from a picture
and a source of chance to another picture of the same size.
"""

from collections.abc import Callable

import cv2
import numpy as np

from monitor.core.arrays import AnyArray, RgbImage

Spoil = Callable[[RgbImage, np.random.Generator], RgbImage]


def _whole(values: AnyArray) -> RgbImage:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def night(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """A sixteenth of the light, and the grain that a camera makes of it."""
    dark = image.astype(np.float64) / 16
    return _whole(dark * 2 + chance.normal(0, 8, image.shape))


def covered(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """A hand or a leaf on the lens: nothing but a dull, slightly uneven color."""
    color = chance.uniform(10, 120, 3)
    height, width = image.shape[:2]
    slope = np.linspace(0.8, 1.2, width)[None, :, None] * np.ones((height, 1, 1))
    return _whole(slope * color + chance.normal(0, 2, image.shape))


def blurred(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """Out of focus, so far that no head is seen."""
    sigma = float(chance.uniform(12, 20))
    return _whole(cv2.GaussianBlur(image, (0, 0), sigma))


def fisheye(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """A strong fisheye: the picture in a disc, black around it."""
    height, width = image.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    radius = min(height, width) / 2
    across, down = (columns - width / 2) / radius, (rows - height / 2) / radius
    distance = np.hypot(across, down)
    bent = np.where(distance < 1, np.tan(np.minimum(distance, 0.999) * np.pi / 2 * 0.85), 9e3)
    scale = bent / np.maximum(distance, 1e-6) * radius / np.tan(np.pi / 2 * 0.85)
    source_x = (across * scale + width / 2).astype(np.float32)
    source_y = (down * scale + height / 2).astype(np.float32)
    return _whole(cv2.remap(image, source_x, source_y, cv2.INTER_LINEAR))


def torn(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """A broken stream: bands moved sideways and repeated, as a decoder leaves them."""
    spoilt = image.copy()
    for top in range(0, image.shape[0], 16):
        if chance.random() < 0.7:
            row = int(chance.integers(0, image.shape[0] - 16))
            shift = int(chance.integers(0, image.shape[1]))
            spoilt[top : top + 16] = np.roll(image[row : row + 16], shift, axis=1)[
                : len(spoilt[top : top + 16])
            ]
    return spoilt


def static(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """No picture at all, but noise."""
    return chance.integers(0, 256, image.shape, dtype=np.uint8)


def color_bars(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """Bars of color, as a recorder shows them when it has no camera."""
    bars = chance.permutation(
        np.array([[255, 255, 255], [255, 255, 0], [0, 255, 255], [0, 255, 0], [255, 0, 255]])
    )
    index = np.arange(image.shape[1]) * len(bars) // image.shape[1]
    return np.broadcast_to(bars[index], image.shape).astype(np.uint8)


def page(image: RgbImage, chance: np.random.Generator) -> RgbImage:
    """Lines of text on white, as a screen or a sign before the lens shows them."""
    sheet = np.full(image.shape, 245, np.uint8)
    for line in range(30, image.shape[0], 28):
        words = " ".join("x" * int(chance.integers(2, 9)) for _ in range(40))
        cv2.putText(sheet, words, (10, line), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1)
    return sheet


FOREIGN: dict[str, Spoil] = {
    "night": night,
    "lens covered": covered,
    "out of focus": blurred,
    "fisheye": fisheye,
    "torn stream": torn,
    "noise": static,
    "test card": color_bars,
    "page of text": page,
}
"""The kinds by their names."""
