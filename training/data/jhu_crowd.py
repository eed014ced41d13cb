"""Read JHU-Crowd++ as published: `train`, `val` and `test`, each with `images` and `gt`."""

from pathlib import Path

import numpy as np

from training.data.folder import SplitSet
from training.data.labelled import Fault, LabelledSet
from training.data.marked import (
    Marks,
    Pair,
    Progress,
    as_points,
    other_than_published,
    read_pairs,
    without_picture,
)

LICENCE = "non-commercial research only (JHU-CROWD++, Sindagi, Yasarla and Patel, TPAMI 2020)"
_PUBLISHED = {"train": 2272, "val": 500, "test": 1600}
"""Pictures in each part."""


def is_jhu_crowd(folder: Path) -> bool:
    """Whether a folder looks like JHU-Crowd++."""
    train = folder / "train"
    return (train / "gt").is_dir() and (train / "image_labels.txt").is_file()


def read_jhu_crowd(
    folder: Path, *, progress: Progress = lambda pairs: pairs
) -> SplitSet | LabelledSet:
    """Read the set.

    Args:
        folder: Holds `train`, `val` and `test`, each with `images/0001.jpg`, `gt/0001.txt` (one
            row a head: x, y, width, height, occlusion, blur) and `image_labels.txt`.
        progress: Wraps the pictures, to show how far reading is.

    Returns:
        All pictures with marks, those of `test` held out as in published scores, or those of
        `val` if `test` is missing; without a split if both are.

    Raises:
        DataError: If not one picture could be read with its marks.
    """
    held = next((part for part in ("test", "val") if (folder / part).is_dir()), None)
    pairs: list[Pair] = []
    faults: list[Fault] = []
    stated: dict[Path, int] = {}
    for part, published in _PUBLISHED.items():
        images, gt = sorted((folder / part / "images").glob("*.jpg")), folder / part / "gt"
        pairs.extend(
            Pair(path, gt / f"{path.stem}.txt", part == held, f"{part}_{path.name}")
            for path in images
        )
        counts, found = _stated_counts(folder / part / "image_labels.txt")
        stated.update({gt / f"{stem}.txt": count for stem, count in counts.items()})
        faults.extend(found)
        faults.extend(other_than_published(part, len(images), published=published))
        faults.extend(without_picture(gt.glob("*.txt"), pairs))

    def read_marks(path: Path) -> Marks:
        return Marks(_read_heads(path), stated.get(path))

    read = read_pairs(pairs, read_marks, folder=folder, progress=progress)
    labelled = read.labelled("JHU-Crowd++", LICENCE, more=faults)
    if not any(read.is_held_out):
        return labelled
    return read.split_set(labelled, f"official split: the pictures of {held} held out")


def _read_heads(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return as_points([[float(row[0]), float(row[1])] for row in rows])


def _stated_counts(path: Path) -> tuple[dict[str, int], list[Fault]]:
    name = f"{path.parent.name}/{path.name}"
    if not path.parent.is_dir():
        return {}, []
    counts: dict[str, int] = {}
    faults: list[Fault] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Fault(name, f"cannot be read ({error}); counts not compared")]
    for number, line in enumerate(lines, start=1):
        fields = [field.strip() for field in line.split(",")]
        try:
            counts[fields[0]] = int(fields[1])
        except (ValueError, IndexError):
            faults.append(Fault(name, f"line {number} has no file name and count: {line!r}"))
    return counts, faults
