"""Read ShanghaiTech as published: `part_A/train_data/{images,ground-truth}` with MATLAB files."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.labelled import Fault, LabelledPicture, LabelledSet
from training.data.matlab import read_matlab
from training.data.points import clean_points
from training.errors import DataError

LICENCE = "research use only (as published by the authors; pictures from the public web)"


def find_parts(root: Path) -> list[Path]:
    """Find the folders below `root` (or `root` itself) that hold images and ground-truth."""
    candidates = [root, *sorted(path for path in root.rglob("*") if path.is_dir())]
    return [
        path
        for path in candidates
        if (path / "images").is_dir() and _ground_truth_folder(path) is not None
    ]


def read_part(
    folder: Path,
    *,
    progress: Callable[[Iterable[Path]], Iterable[Path]] = lambda paths: paths,
) -> LabelledSet:
    """Read one part, reporting everything that is wrong with it.

    Args:
        folder: Holds `images/IMG_1.jpg …` and `ground-truth/GT_IMG_1.mat …` (`ground_truth` too).
        progress: Wraps the list of pictures, to show how far reading is.

    Returns:
        Every picture that has both an image and marks; the others are in its faults.

    Raises:
        DataError: If the layout is not that of ShanghaiTech, or not one picture could be read.
    """
    truth_folder = _ground_truth_folder(folder)
    if truth_folder is None or not (folder / "images").is_dir():
        raise DataError(
            f"{folder}: no `images` and `ground-truth` beside each other; give a folder such as "
            "ShanghaiTech/part_B/train_data, or one that holds such folders"
        )
    images = sorted((folder / "images").glob("*.jpg"), key=_number)
    pictures: list[LabelledPicture] = []
    faults: list[Fault] = []
    for path in progress(images):
        picture, found = _read_picture(path, truth_folder / f"GT_{path.stem}.mat")
        faults.extend(found)
        if picture is not None:
            pictures.append(picture)
    named = {f"GT_{path.stem}.mat" for path in images}
    faults.extend(
        Fault(path.name, "marks without a picture, left out")
        for path in sorted(truth_folder.glob("*.mat"))
        if path.name not in named
    )
    if not pictures:
        raise DataError(f"{folder}: not one of {len(images)} pictures could be read with its marks")
    name = "ShanghaiTech " + "/".join(folder.parts[-2:])
    return LabelledSet(name, LICENCE, tuple(pictures), tuple(faults))


def _read_picture(path: Path, marks: Path) -> tuple[LabelledPicture | None, list[Fault]]:
    image = cv2.imread(str(path))
    if image is None:
        return None, [Fault(path.name, "picture cannot be decoded, left out")]
    if not marks.is_file():
        return None, [Fault(path.name, f"no marks ({marks.name} is missing), left out")]
    try:
        raw, stated = _location(read_matlab(marks))
    except (DataError, ValueError, KeyError, IndexError, TypeError) as error:
        return None, [Fault(marks.name, f"marks cannot be read ({error}), left out")]
    faults: list[Fault] = []
    if stated is not None and stated != len(raw):
        faults.append(Fault(marks.name, f"states {stated} people but marks {len(raw)}; marks kept"))
    size_hw = (int(image.shape[0]), int(image.shape[1]))
    points, found = clean_points(raw, size_hw, file=path.name)
    if not image.std(axis=2).any():
        faults.append(Fault(path.name, "grey picture stored as color, kept"))
    return LabelledPicture(path, size_hw, points), [*faults, *found]


def _location(document: dict[str, Any]) -> tuple[NDArray[np.float64], int | None]:
    # Any: what scipy reads from a MATLAB file is typed by the file alone.
    inner = document["image_info"][0, 0][0, 0]
    location = np.asarray(inner["location"], dtype=np.float64)
    if location.size and (location.ndim != 2 or location.shape[1] != 2):
        raise ValueError(f"location has shape {location.shape}, not (people, 2)")
    stated = np.asarray(inner["number"]).ravel()
    return location.reshape(-1, 2), int(stated[0]) if stated.size else None


def _ground_truth_folder(folder: Path) -> Path | None:
    for name in ("ground-truth", "ground_truth"):
        if (folder / name).is_dir():
            return folder / name
    return None


def _number(path: Path) -> tuple[int, str]:
    digits = "".join(character for character in path.stem if character.isdigit())
    return int(digits or 0), path.name
