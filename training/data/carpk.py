"""Read CARPK as published: parked cars from a drone, a box around each."""

from pathlib import Path

import numpy as np

from training.data.folder import SplitSet
from training.data.labelled import Fault, LabelledPicture
from training.data.marked import Marks, Pair, PairsRead, Progress, read_pairs
from training.errors import DataError

LICENCE = "research use only (CARPK, Hsieh, Lin and Hsu, ICCV 2017)"
PROMPT = "cars"
"""What every mark is called."""

_BOX = 4
"""Numbers at the beginning of a row: left, top, right, bottom; what follows is not needed."""


def is_carpk(folder: Path) -> bool:
    """Whether a folder holds pictures, boxes and the lists of both parts."""
    lists = all((folder / "ImageSets" / f"{part}.txt").is_file() for part in ("train", "test"))
    return lists and (folder / "Images").is_dir() and (folder / "Annotations").is_dir()


def read_carpk(folder: Path, *, progress: Progress = lambda pairs: pairs) -> SplitSet:
    """Read the set.

    Args:
        folder: Holds `Images/*.png`, `Annotations/*.txt`, `ImageSets/train.txt` and `test.txt`.
        progress: Wraps the pictures, to show how far reading is.

    Returns:
        All pictures, those of `test.txt` held out; every car is marked at the middle of its box.

    Raises:
        DataError: If a list cannot be read or not one picture could be read with its boxes.
    """
    pairs: list[Pair] = []
    faults: list[Fault] = []
    for part in ("train", "test"):
        for name in _names(folder / "ImageSets" / f"{part}.txt"):
            picture = folder / "Images" / f"{name}.png"
            if not picture.is_file():
                faults.append(Fault(f"{part}.txt", f"{name} has no picture, left out"))
                continue
            pairs.append(Pair(picture, folder / "Annotations" / f"{name}.txt", part == "test"))
    read = read_pairs(pairs, _read_boxes, folder=folder, progress=progress)
    named = PairsRead(tuple(_named(one) for one in read.pictures), read.is_held_out, read.faults)
    labelled = named.labelled("CARPK", LICENCE, more=faults)
    return named.split_set(labelled, "official split: the pictures of test.txt held out")


def _named(picture: LabelledPicture) -> LabelledPicture:
    labels = (PROMPT,) * len(picture.points_xy)
    return LabelledPicture(picture.path, picture.size_hw, picture.points_xy, labels=labels)


def _names(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def _read_boxes(path: Path) -> Marks:
    rows = [row.split() for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]
    boxes = np.array([[float(one) for one in row[:_BOX]] for row in rows], np.float64)
    corners = boxes.reshape(-1, 2, 2)
    return Marks(corners.mean(axis=1))
