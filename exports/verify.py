"""Prove that a model file counts what its checkpoint counts.

The file is opened by the app's own session and both sides use the one tile plan, so what is
compared is what operators will see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.contract.arrays import FloatMap, RgbImage
from monitor.inference.model import Model
from training.counting import count_picture
from training.models.output import Counter

SIZES_HW = ((64, 64), (97, 61), (240, 320), (33, 500), (480, 640), (721, 1279))
"""Height and width of the pictures compared: smaller than a window, odd, portrait, wide, usual."""

TOLERANCE = 1e-3
"""Largest relative difference of a count that passes."""


@dataclass(frozen=True)
class Comparison:
    """One picture through both."""

    size_hw: tuple[int, int]
    count_torch: float
    """People by the network in torch."""
    count_file: float
    """People by the model file in ONNX Runtime."""
    worst_block: float
    """Largest difference of a block, people."""
    worst_variance: float | None
    """Largest difference of a block's variance; None where the method gives none."""

    @property
    def relative(self) -> float:
        """Difference of the counts over the larger one; below one person, over one person."""
        largest = max(abs(self.count_torch), abs(self.count_file), 1.0)
        return abs(self.count_torch - self.count_file) / largest


def compare(counter: Counter, model: Model, images: Sequence[RgbImage]) -> list[Comparison]:
    """Count pictures by both and compare.

    Args:
        counter: The checkpoint's network, in evaluation mode.
        model: The opened file.
        images: Pictures of any sizes, (H, W, 3) uint8 RGB.

    Returns:
        One comparison a picture.
    """
    found: list[Comparison] = []
    for image in images:
        size_hw = (image.shape[0], image.shape[1])
        plan = model.plan(size_hw)
        density, variance = count_picture(counter, image, plan)
        other_density, other_variance = model.count_blocks(image)
        found.append(
            Comparison(
                size_hw=size_hw,
                count_torch=float(density.sum(dtype=np.float64)),
                count_file=float(other_density.sum(dtype=np.float64)),
                worst_block=_worst(density, other_density),
                worst_variance=(
                    None
                    if variance is None or other_variance is None
                    else _worst(variance, other_variance)
                ),
            )
        )
    return found


def sample_pictures(*, seed: int = 0) -> list[RgbImage]:
    """Make pictures of many sizes: smooth shapes and noise, the same for a seed.

    Args:
        seed: Same seed, same pictures.

    Returns:
        One picture for each of `SIZES_HW`.
    """
    draw = np.random.default_rng(seed)
    pictures: list[RgbImage] = []
    for height, width in SIZES_HW:
        y, x = np.mgrid[0:height, 0:width]
        waves = [
            127
            + 60 * np.sin(x / draw.uniform(3, 40) + draw.uniform(0, 6))
            + 60 * np.cos(y / draw.uniform(3, 40))
            for _ in range(3)
        ]
        noise = draw.normal(0, 12, (height, width, 3))
        pictures.append(np.clip(np.stack(waves, -1) + noise, 0, 255).astype(np.uint8))
    return pictures


def _worst(one: FloatMap, other: FloatMap) -> float:
    return float(np.abs(one - other).max())
