"""Prove that a model file counts what its checkpoint, or another file, counts.

The file is opened by the app's own session and both sides use the one tile plan, so what is
compared is what operators will see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from exports.errors import ExportError
from exports.pictures import MarkedPicture
from monitor.core.arrays import FloatMap, RgbImage
from monitor.core.manifest import Manifest
from monitor.inference.model import Model
from training.counting import count_picture
from training.models.output import Counter
from training.scoring import PictureScore, SetScore, score_set

Blocks: TypeAlias = tuple[FloatMap, FloatMap | None]
"""Density and variance of a picture, people per block; no variance where the method has none."""

Precision: TypeAlias = Literal["fp32", "fp16", "int8"]
"""Arithmetic of a graph's layers, finest first."""

CountBlocks: TypeAlias = Callable[[RgbImage], Blocks]
"""Anything that counts a picture of any size, (H, W, 3) uint8 RGB."""

TOLERANCES = {"fp32": 1e-3, "fp16": 1e-2, "int8": 5e-2}
"""Largest difference that passes, by the coarsest precision compared; see `difference_of`."""

_FEWEST_PEOPLE = 1.0
"""Differences are taken relative to the count, and to this where fewer people are counted."""


@dataclass(frozen=True)
class Comparison:
    """One picture through both."""

    size_hw: tuple[int, int]
    count_reference: float
    """People by the checkpoint in torch, or by the other file."""
    count_file: float
    """People by the model file in ONNX Runtime."""
    worst_block: float
    """Largest difference of a block, people."""
    worst_variance: float | None
    """Largest difference of a block's variance; None where the method gives none."""

    @property
    def relative(self) -> float:
        """Difference of the counts over the larger one; below one person, over one person."""
        largest = max(abs(self.count_reference), abs(self.count_file), _FEWEST_PEOPLE)
        return abs(self.count_reference - self.count_file) / largest


@dataclass(frozen=True)
class LabelledComparison:
    """Marked pictures through both: what each gets wrong, and how far they are apart."""

    reference: SetScore
    file: SetScore
    change: float
    """Sum of the absolute differences of the counts over all people counted by the reference."""


def torch_counter(counter: Counter, model: Model) -> CountBlocks:
    """Let a network count by the tile plan of the file that it is compared with."""

    def count(image: RgbImage) -> Blocks:
        return count_picture(counter, image, model.plan((image.shape[0], image.shape[1])))

    return count


def compare(
    reference: CountBlocks, file: CountBlocks, images: Sequence[RgbImage]
) -> list[Comparison]:
    """Count pictures by both and compare block by block.

    Args:
        reference: What is right.
        file: What is asked about.
        images: Pictures of any sizes, (H, W, 3) uint8 RGB.

    Returns:
        One comparison a picture.

    Raises:
        ExportError: If the two do not count in the same blocks, or one alone gives variances.
    """
    found: list[Comparison] = []
    for image in images:
        density, variance = reference(image)
        other_density, other_variance = file(image)
        if density.shape != other_density.shape:
            raise ExportError(
                f"the two count in blocks of different size ({density.shape} against "
                f"{other_density.shape} for {image.shape[1]}x{image.shape[0]} px), so they are not "
                "one model"
            )
        if (variance is None) != (other_variance is None):
            raise ExportError("only one of the two says how sure it is, so they are not one model")
        found.append(
            Comparison(
                size_hw=(image.shape[0], image.shape[1]),
                count_reference=float(density.sum(dtype=np.float64)),
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


def compare_labelled(
    reference: CountBlocks, file: CountBlocks, pictures: Sequence[MarkedPicture]
) -> LabelledComparison:
    """Score both on marked pictures.

    Args:
        reference: What is right.
        file: What is asked about.
        pictures: One or more.

    Returns:
        The errors of both against the marks, and how far apart they are.
    """
    ours = [_score(reference, one) for one in pictures]
    theirs = [_score(file, one) for one in pictures]
    return LabelledComparison(
        score_set(ours),
        score_set(theirs),
        count_change([one.count for one in ours], [one.count for one in theirs]),
    )


def count_change(reference: Sequence[float], changed: Sequence[float]) -> float:
    """Say how far two ways of counting the same pictures are apart.

    Args:
        reference: People counted in each picture.
        changed: The same by the other way.

    Returns:
        Sum of the absolute differences over the sum of the reference's counts. Neither way can be
        wrong by more than this share of the people counted beyond what the other is wrong by.
    """
    difference = sum(abs(one - other) for one, other in zip(reference, changed, strict=True))
    return difference / max(sum(reference), _FEWEST_PEOPLE)


def coarsest(*manifests: Manifest) -> Precision:
    """Name the coarsest arithmetic among files."""
    return max((one.precision for one in manifests), key=list(TOLERANCES).index)


def difference_of(compared: Sequence[Comparison], precision: Precision) -> float:
    """Say how far two counters are apart.

    Args:
        compared: One or more pictures.
        precision: Coarsest arithmetic of the two.

    Returns:
        The largest relative difference of a picture's count. In int8, where single small counts
        move by more, `count_change` over all pictures.
    """
    if precision == "int8":
        before = [one.count_reference for one in compared]
        return count_change(before, [one.count_file for one in compared])
    return max(one.relative for one in compared)


def _score(count: CountBlocks, picture: MarkedPicture) -> PictureScore:
    density, _ = count(picture.image)
    counted = float(density.sum(dtype=np.float64))
    return PictureScore(picture.name, picture.truth, counted, None)


def _worst(one: FloatMap, other: FloatMap) -> float:
    return float(np.abs(one - other).max())
