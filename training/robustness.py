"""How a model bears fewer pixels, bad light and bad lines: held-out pictures counted again.

The kinds and their strengths are those that crops are spoilt with in training, so they say how a
network bears what it was prepared for; `training.data.foreign` holds what it was not.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import torch
from rich.table import Table
from torchvision import tv_tensors
from torchvision.transforms import v2

from monitor.core.arrays import RgbImage
from training.console import with_progress
from training.counting import Look
from training.data.artefacts import (
    FewPixels,
    JpegArtefacts,
    Night,
    Rain,
    SensorNoise,
    VideoArtefacts,
)
from training.data.crops import read_rgb
from training.data.labelled import LabelledPicture
from training.scoring import PictureScore

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


CONDITIONS: dict[str, v2.Transform] = {
    "night": Night(),
    "rain": Rain(),
    "grey": v2.Grayscale(3),
    "blur": v2.GaussianBlur(5, (0.3, 1.5)),
    "noise": SensorNoise(),
    "few pixels": FewPixels(),
    "JPEG": JpegArtefacts(),
    "H.264": VideoArtefacts(),
}
"""By their names."""


def under(condition: str, image: RgbImage, *, seed: int) -> RgbImage:
    """Show a picture under one of `CONDITIONS`.

    Args:
        condition: Its name.
        image: Shape (H, W, 3), uint8, RGB.
        seed: Decides how strong it is.

    Returns:
        The same shape.
    """
    picture = tv_tensors.Image(torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        changed = CONDITIONS[condition](picture)
    return np.ascontiguousarray(changed.permute(1, 2, 0).numpy())


LookAt = Callable[[RgbImage], Look]
NamedPictures = Sequence[tuple[str, Sequence[LabelledPicture]]]
"""Name of a set, and its pictures."""


def score_of(picture: LabelledPicture, look: Look) -> PictureScore:
    """Put what a model says of a picture beside what is true."""
    return PictureScore(
        picture.name,
        truth=float(len(picture.points_xy)),
        count=float(look.density.sum(dtype=np.float64)),
        variance=None if look.variance is None else float(look.variance.sum(dtype=np.float64)),
        novelty=look.novelty,
    )


def under_each(sets: NamedPictures, look_at: LookAt) -> list[tuple[str, list[list[PictureScore]]]]:
    """Count pictures under each of `CONDITIONS`.

    Args:
        sets: What to count.
        look_at: The model.

    Returns:
        Name of the condition, and the pictures of each set as counted under it.
    """
    return [
        (condition, [_under(condition, name, pictures, look_at) for name, pictures in sets])
        for condition in CONDITIONS
    ]


def _under(
    condition: str, name: str, pictures: Sequence[LabelledPicture], look_at: LookAt
) -> list[PictureScore]:
    counted = with_progress(f"counting {name}: {condition}")(pictures)
    return [
        score_of(one, look_at(under(condition, read_rgb(one), seed=number)))
        for number, one in enumerate(counted)
    ]


def shrunk_table(sets: NamedPictures, look_at: LookAt, shares: Sequence[float]) -> Table:
    """Show how much counts change when the same pictures come with fewer pixels.

    Args:
        sets: What to count.
        look_at: The model.
        shares: Sizes to shrink to, shares of the sides.

    Returns:
        The mean relative change at each size, a row for each set.
    """
    table = Table("set", *(f"change at {share:g} of the size" for share in shares))
    for name, pictures in sets:
        images = [read_rgb(one) for one in pictures]
        counted = {
            share: [
                float(look_at(shrink(image, share)).density.sum(dtype=np.float64))
                for image in with_progress(f"counting {name} at {share:g}")(images)
            ]
            for share in (1.0, *shares)
        }
        changes = (relative_change(counted[share], counted[1.0]) for share in shares)
        table.add_row(name, *(f"{change:.1%}" for change in changes))
    return table
