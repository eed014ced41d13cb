"""Read NWPU-Crowd as published, and write what its benchmark takes.

Marks of the 1500 test pictures are with the benchmark alone, which takes a file of counts.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np

from training.data.folder import SplitSet
from training.data.labelled import Fault, LabelledPicture, LabelledSet
from training.data.marked import (
    Marks,
    Pair,
    Progress,
    as_points,
    other_than_published,
    read_ann_points,
    read_pairs,
    without_picture,
)
from training.errors import DataError

LICENCE = "academic and non-commercial use only (NWPU-Crowd, Wang, Gao, Lin and Li, TPAMI 2020)"
_PUBLISHED = {"train": 3109, "val": 500, "test": 1500}
"""Pictures in each list."""


def is_nwpu_crowd(folder: Path) -> bool:
    """Whether a folder looks like NWPU-Crowd."""
    lists = all((folder / f"{part}.txt").is_file() for part in ("train", "val"))
    return lists and _marks_folder(folder) is not None


def read_nwpu_crowd(
    folder: Path, *, progress: Progress = lambda pairs: pairs
) -> tuple[SplitSet | LabelledSet, ...]:
    """Read the set.

    Args:
        folder: Holds `images_part1 …` or `images`, `mats` or `jsons`, and `train.txt`, `val.txt`,
            `test.txt`, whose rows begin with the number of a picture.
        progress: Wraps the pictures, to show how far reading is.

    Returns:
        The pictures with marks, those of `val.txt` held out, and the faults of all; then the
        test pictures, which have no marks, if they are there.

    Raises:
        DataError: If a list cannot be read or not one picture could be read with its marks.
    """
    marks = _marks_folder(folder)
    if marks is None:
        raise DataError(f"{folder}: no `mats` and no `jsons` in it")
    images = {path.stem: path for path in sorted(folder.glob("images*/*.jpg"))}
    part_of, faults = _parts(folder, images)
    suffix = ".mat" if marks.name == "mats" else ".json"
    pairs = [
        Pair(images[name], marks / f"{name}{suffix}", part == "val")
        for name, part in sorted(part_of.items())
        if part != "test"
    ]
    faults += without_picture(marks.glob(f"*{suffix}"), pairs)
    test, wrong = _read_test(images[name] for name, part in part_of.items() if part == "test")
    read = read_pairs(pairs, _read_marks, folder=folder, progress=progress)
    labelled = read.labelled("NWPU-Crowd", LICENCE, more=[*faults, *wrong])
    split = "official split: the pictures of val.txt held out"
    marked = read.split_set(labelled, split) if any(read.is_held_out) else labelled
    if not test:
        return (marked,)
    return marked, LabelledSet("NWPU-Crowd test", LICENCE, test, is_marked=False)


def write_submission(path: Path, counts: Mapping[str, float]) -> None:
    """Write the counts of the test pictures as the benchmark takes them.

    Args:
        path: Where to.
        counts: People by file name, whose stem is the picture's number.

    Raises:
        DataError: If a name holds no number, or the file cannot be written.

    Source:
        Guideline of the NWPU-Crowd benchmark: a row a picture, its number and the count.
    """
    wrong = [name for name in counts if not Path(name).stem.isdecimal()]
    if wrong:
        raise DataError(
            f"a submission needs pictures named by their numbers, such as 3610.jpg; {len(wrong)} "
            f"are not: {', '.join(wrong[:5])}"
        )
    rows = sorted((int(Path(name).stem), count) for name, count in counts.items())
    try:
        path.write_text("\n".join(f"{number} {count:.4f}" for number, count in rows))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error


def _marks_folder(folder: Path) -> Path | None:
    return next((folder / one for one in ("mats", "jsons") if (folder / one).is_dir()), None)


def _parts(folder: Path, images: Mapping[str, Path]) -> tuple[dict[str, str], list[Fault]]:
    part_of: dict[str, str] = {}
    faults: list[Fault] = []
    for part, published in _PUBLISHED.items():
        path = folder / f"{part}.txt"
        names = _listed(path)
        for name in names:
            if name in part_of:
                faults.append(Fault(path.name, f"{name} is in {part_of[name]}.txt too, kept there"))
            elif name not in images:
                faults.append(Fault(path.name, f"picture {name}.jpg is missing"))
            else:
                part_of[name] = part
        faults.extend(other_than_published(path.name, len(names), published=published))
    faults.extend(
        Fault(path.name, "in none of the lists, left out")
        for name, path in images.items()
        if name not in part_of
    )
    return part_of, faults


def _listed(path: Path) -> list[str]:
    if path.name == "test.txt" and not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    return [line.split()[0] for line in lines if line.strip()]


def _read_marks(path: Path) -> Marks:
    if path.suffix == ".mat":
        return read_ann_points(path)
    document = json.loads(path.read_text(encoding="utf-8"))
    return Marks(as_points(document["points"]), int(document["human_num"]))


def _read_test(paths: Iterable[Path]) -> tuple[tuple[LabelledPicture, ...], list[Fault]]:
    pictures: list[LabelledPicture] = []
    faults: list[Fault] = []
    for path in sorted(paths):
        image = cv2.imread(str(path))
        if image is None:
            faults.append(Fault(path.name, "picture cannot be decoded, left out"))
        else:
            size_hw = (int(image.shape[0]), int(image.shape[1]))
            pictures.append(LabelledPicture(path, size_hw, np.zeros((0, 2), np.float32)))
    return tuple(pictures), faults
