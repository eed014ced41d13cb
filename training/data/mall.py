"""Read the Mall set as published: `frames/seq_000001.jpg …` with `mall_gt.mat`."""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from training.data.labelled import Fault, LabelledPicture, LabelledSet, clean_points
from training.data.marked import read_matlab
from training.errors import DataError

LICENCE = "research use only (Mall data set, Chen, Loy, Gong and Xiang, BMVC 2012)"


def is_mall(folder: Path) -> bool:
    """Whether a folder looks like the Mall set."""
    return (folder / "mall_gt.mat").is_file() and (folder / "frames").is_dir()


def read_mall(
    folder: Path,
    *,
    progress: Callable[[Iterable[Path]], Iterable[Path]] = lambda paths: paths,
) -> LabelledSet:
    """Read the frames that are there and their marks.

    Args:
        folder: Holds `frames/` and `mall_gt.mat`.
        progress: Wraps the list of pictures, to show how far reading is.

    Returns:
        Every frame with its marks; frames without marks, and the reverse, are in its faults.

    Raises:
        DataError: If the marks cannot be read or no frame fits them.
    """
    document = read_matlab(folder / "mall_gt.mat")
    try:
        marks = [
            np.asarray(one["loc"][0, 0], dtype=np.float64) for one in document["frame"].ravel()
        ]
        stated = [int(one) for one in document["count"].ravel()]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise DataError(f"{folder}: mall_gt.mat is not that of the Mall set ({error})") from error
    pictures: list[LabelledPicture] = []
    faults: list[Fault] = []
    for path in progress(sorted((folder / "frames").glob("seq_*.jpg"))):
        index = int(path.stem.removeprefix("seq_")) - 1
        image = cv2.imread(str(path))
        if image is None:
            faults.append(Fault(path.name, "picture cannot be decoded, left out"))
        elif index >= len(marks):
            faults.append(Fault(path.name, "no marks, left out"))
        else:
            size_hw = (int(image.shape[0]), int(image.shape[1]))
            points, found = clean_points(marks[index], size_hw, file=path.name)
            faults.extend(found)
            if stated[index] != len(marks[index]):
                faults.append(
                    Fault(path.name, f"states {stated[index]} people, marks {len(marks[index])}")
                )
            pictures.append(LabelledPicture(path, size_hw, points))
    if not pictures:
        raise DataError(f"{folder}: no frame with marks was found")
    return LabelledSet("Mall", LICENCE, tuple(pictures), tuple(faults))
