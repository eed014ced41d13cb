"""Read UCF-QNRF as published: `Train/img_0001.jpg` beside `img_0001_ann.mat`, and `Test`."""

from pathlib import Path

from training.data.folder import SplitSet
from training.data.labelled import Fault, LabelledSet
from training.data.marked import (
    Pair,
    Progress,
    other_than_published,
    read_ann_points,
    read_pairs,
    without_picture,
)

LICENCE = "research use only (UCF-QNRF, Idrees et al., ECCV 2018; pictures from the public web)"
_PUBLISHED = {"Train": 1201, "Test": 334}
"""Pictures in each part."""


def is_ucf_qnrf(folder: Path) -> bool:
    """Whether a folder looks like UCF-QNRF."""
    return any((folder / "Train").glob("img_*_ann.mat"))


def read_ucf_qnrf(
    folder: Path, *, progress: Progress = lambda pairs: pairs
) -> SplitSet | LabelledSet:
    """Read the set.

    Args:
        folder: Holds `Train` and, for the official split, `Test`.
        progress: Wraps the pictures, to show how far reading is.

    Returns:
        All pictures with marks, those of `Test` held out; without a split if `Test` is missing.

    Raises:
        DataError: If not one picture could be read with its marks.
    """
    pairs: list[Pair] = []
    faults: list[Fault] = []
    for part, published in _PUBLISHED.items():
        images = sorted((folder / part).glob("*.jpg"))
        pairs.extend(
            Pair(
                path, path.with_name(f"{path.stem}_ann.mat"), part == "Test", f"{part}_{path.name}"
            )
            for path in images
        )
        faults.extend(other_than_published(part, len(images), published=published))
        faults.extend(without_picture((folder / part).glob("*_ann.mat"), pairs))
    read = read_pairs(pairs, read_ann_points, folder=folder, progress=progress)
    labelled = read.labelled("UCF-QNRF", LICENCE, more=faults)
    if not any(read.is_held_out):
        return labelled
    return read.split_set(labelled, "official split: the pictures of Test held out")
