"""Read ShanghaiTech as published: `part_A/train_data/{images,ground-truth}` with MATLAB files."""

from pathlib import Path

import numpy as np

from training.data.folder import SplitSet
from training.data.labelled import Fault, LabelledSet
from training.data.marked import (
    Marks,
    Pair,
    PairsRead,
    Progress,
    as_points,
    read_matlab,
    read_pairs,
    without_picture,
)
from training.errors import DataError

LICENCE = "research use only (as published by the authors; pictures from the public web)"


def is_part(folder: Path) -> bool:
    """Whether a folder holds images beside their ground truth."""
    return (folder / "images").is_dir() and _ground_truth_folder(folder) is not None


def is_whole(folder: Path) -> bool:
    """Whether a folder holds training and test pictures of one part."""
    return is_part(folder / "train_data") and is_part(folder / "test_data")


def read_part(folder: Path, *, progress: Progress = lambda pairs: pairs) -> LabelledSet:
    """Read training or test pictures of one part, reporting everything that is wrong with them.

    Args:
        folder: Holds `images/IMG_1.jpg …` and `ground-truth/GT_IMG_1.mat …` (`ground_truth` too).
        progress: Wraps the pictures, to show how far reading is.

    Returns:
        Every picture that has both an image and marks; the others are in its faults.

    Raises:
        DataError: If the layout is not that of ShanghaiTech, or not one picture could be read.
    """
    pairs, faults = _pairs(folder)
    read = read_pairs(pairs, _read_location, folder=folder, progress=progress)
    return _named(read, "/".join(folder.parts[-2:]), faults)


def read_whole(folder: Path, *, progress: Progress = lambda pairs: pairs) -> SplitSet:
    """Read training and test pictures of one part as one set with the official split.

    Args:
        folder: Holds `train_data` and `test_data`.
        progress: Wraps the pictures, to show how far reading is.

    Returns:
        All pictures with marks, those of `test_data` held out. Their names begin with their part,
        as both begin with IMG_1.

    Raises:
        DataError: If the layout is not that of ShanghaiTech, or not one picture could be read.
    """
    pairs: list[Pair] = []
    faults: list[Fault] = []
    for part in ("train", "test"):
        found, wrong = _pairs(folder / f"{part}_data")
        pairs.extend(
            Pair(one.picture, one.marks, part == "test", f"{part}_{one.picture.name}")
            for one in found
        )
        faults.extend(wrong)
    read = read_pairs(pairs, _read_location, folder=folder, progress=progress)
    labelled = _named(read, folder.name, faults)
    return read.split_set(labelled, "official split: the pictures of test_data held out")


def _named(read: PairsRead, part: str, faults: list[Fault]) -> LabelledSet:
    return read.labelled(f"ShanghaiTech {part}", LICENCE, more=faults)


def _pairs(folder: Path) -> tuple[list[Pair], list[Fault]]:
    truth_folder = _ground_truth_folder(folder)
    if truth_folder is None or not (folder / "images").is_dir():
        raise DataError(
            f"{folder}: no `images` and `ground-truth` beside each other; give a folder such as "
            "ShanghaiTech/part_B/train_data, or one that holds such folders"
        )
    images = sorted((folder / "images").glob("*.jpg"), key=_number)
    pairs = [Pair(path, truth_folder / f"GT_{path.stem}.mat") for path in images]
    return pairs, without_picture(truth_folder.glob("*.mat"), pairs)


def _read_location(path: Path) -> Marks:
    inner = read_matlab(path)["image_info"][0, 0][0, 0]
    stated = np.asarray(inner["number"]).ravel()
    return Marks(as_points(inner["location"]), int(stated[0]) if stated.size else None)


def _ground_truth_folder(folder: Path) -> Path | None:
    for name in ("ground-truth", "ground_truth"):
        if (folder / name).is_dir():
            return folder / name
    return None


def _number(path: Path) -> tuple[int, str]:
    digits = "".join(character for character in path.stem if character.isdigit())
    return int(digits or 0), path.name
