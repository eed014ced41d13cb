"""How a model bears fewer pixels, bad light and bad lines: held-out pictures counted again."""

from collections.abc import Callable, Sequence

import numpy as np
from rich.table import Table

from monitor.core.arrays import RgbImage
from training.console import with_progress
from training.counting import Look
from training.data.conditions import CONDITIONS, under
from training.data.crops import read_rgb
from training.data.labelled import LabelledPicture
from training.scoring import PictureScore
from training.shrinking import relative_change, shrink

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
