"""Read UCF_CC_50 as published: `1.jpg … 50.jpg` beside `1_ann.mat …`, five folds of ten."""

import re
from pathlib import Path

from training.data.folder import SplitSet
from training.data.marked import (
    Pair,
    Progress,
    other_than_published,
    read_ann_points,
    read_pairs,
    without_picture,
)

LICENCE = "research use only (UCF_CC_50, Idrees et al., CVPR 2013; pictures from the public web)"
FOLDS = 5
_PICTURES = 50
_FOLD_PICTURES = _PICTURES // FOLDS


def is_ucf_cc_50(folder: Path) -> bool:
    """Whether a folder looks like UCF_CC_50."""
    return any(re.fullmatch(r"\d+_ann\.mat", path.name) for path in folder.glob("*_ann.mat"))


def read_ucf_cc_50(
    folder: Path, *, fold: int = 1, progress: Progress = lambda pairs: pairs
) -> SplitSet:
    """Read the set, one of its five folds held out.

    Args:
        folder: Holds the pictures and their marks.
        fold: Which fold, 1 to 5: pictures 1 to 10, 11 to 20, …
        progress: Wraps the pictures, to show how far reading is.

    Returns:
        All pictures with marks. The score of the set is the mean over its five folds.

    Raises:
        ValueError: If there is no such fold.
        DataError: If not one picture could be read with its marks.

    Source:
        Idrees et al., CVPR 2013: five-fold cross-validation in groups of ten. Which pictures
        form a group was not published; groups in the order of the numbers are customary.
    """
    if not 1 <= fold <= FOLDS:
        raise ValueError(f"there are folds 1 to {FOLDS}, not {fold}")
    first, last = (fold - 1) * _FOLD_PICTURES + 1, fold * _FOLD_PICTURES
    numbered = {
        int(path.stem): path for path in folder.glob("*.jpg") if re.fullmatch(r"\d+", path.stem)
    }
    pairs = [
        Pair(path, path.with_name(f"{path.stem}_ann.mat"), first <= number <= last)
        for number, path in sorted(numbered.items())
    ]
    faults = [
        *other_than_published("UCF_CC_50", len(pairs), published=_PICTURES),
        *without_picture(folder.glob("*_ann.mat"), pairs),
    ]
    read = read_pairs(pairs, read_ann_points, folder=folder, progress=progress)
    words = f"fold {fold} of {FOLDS}: pictures {first} to {last} held out"
    return read.split_set(read.labelled("UCF_CC_50", LICENCE, more=faults), words)
