"""Read FSC-147 as published: 147 kinds of things, one kind named in each picture.

Boxes around examples are in the annotation too; they are not read, for a prompt needs none.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2

from training.data.folder import SplitSet
from training.data.labelled import Fault, LabelledPicture, LabelledSet, clean_points
from training.data.marked import as_points
from training.errors import DataError

LICENCE = "research use only (FSC-147, Ranjan, Sharma, Nguyen and Hoai, CVPR 2021)"
OUTLIER = "1123.jpg"
"""A test picture with 3701 marks, which alone can decide the root mean squared error."""

_PICTURES = "images_384_VarV2"
_ANNOTATION = ("annotation_FSC147_384.json", "annotation_FSC_147_384.json")
_CLASSES = ("ImageClasses_FSC147.txt", "ImageClasses_FSC_147.txt")
_PARTS = ("Train_Test_Val_FSC_147.json", "Train_Test_Val_FSC147.json")
_INNER = ("", "FSC_147", "FSC147")
"""Folders in which the lists lie: beside the pictures or one below."""


def is_fsc147(folder: Path) -> bool:
    """Whether a folder holds the pictures and the three lists, in either spelling."""
    lists = (_ANNOTATION, _CLASSES, _PARTS)
    return (folder / _PICTURES).is_dir() and all(_find(folder, one) for one in lists)


def read_fsc147(
    folder: Path,
    *,
    progress: Callable[[Iterable[str]], Iterable[str]] = lambda names: names,
) -> tuple[SplitSet, ...]:
    """Read the set.

    Args:
        folder: Holds `images_384_VarV2` and, there or in `FSC_147`, the annotation, the classes
            and the parts as JSON, text and JSON. The density maps are not needed.
        progress: Wraps the names of pictures, to show how far reading is.

    Returns:
        The pictures of `train` and `val`, the latter held out, with the faults of all; then those
        of `test`, all held out; then those of `val` and of `test` whose class is one of COCO's,
        once more as sets of their own, where the parts name them. Every mark has the name of its
        picture's class.

    Raises:
        DataError: If a list is missing or cannot be read, or no picture is left.
    """
    marks, parts = _read_json(folder, _ANNOTATION), _read_json(folder, _PARTS)
    classes = _read_classes(_need(folder, _CLASSES))
    faults: list[Fault] = []
    part_of = {str(name): part for part in ("train", "val", "test") for name in parts.get(part, ())}
    found: dict[str, list[LabelledPicture]] = {"train": [], "val": [], "test": []}
    for name in progress(sorted(part_of)):
        picture, wrong = _read_picture(folder / _PICTURES / name, marks, classes)
        faults.extend(wrong)
        if picture is not None:
            found[part_of[name]].append(picture)
    sets = _sets(folder, found, tuple(faults))
    return (*sets, *_coco_sets(found, parts))


def _coco_sets(
    found: Mapping[str, list[LabelledPicture]],
    parts: Mapping[str, Any],  # JSON of another program
) -> tuple[SplitSet, ...]:
    """Give the pictures of things that detectors of COCO know, which papers score apart."""
    sets: list[SplitSet] = []
    for part in ("val", "test"):
        wanted = {str(name) for name in parts.get(f"{part}_coco", ())}
        pictures = tuple(one for one in found[part] if one.name in wanted)
        if pictures:
            labelled = LabelledSet(f"FSC-147 {part} COCO", LICENCE, pictures, ())
            held = (True,) * len(pictures)
            sets.append(SplitSet(labelled, held, f"official split: {part}_coco"))
    return tuple(sets)


def _sets(
    folder: Path, found: Mapping[str, list[LabelledPicture]], faults: tuple[Fault, ...]
) -> tuple[SplitSet, ...]:
    learned = (*found["train"], *found["val"])
    sets: list[SplitSet] = []
    if learned:
        held = (False,) * len(found["train"]) + (True,) * len(found["val"])
        labelled = LabelledSet("FSC-147", LICENCE, learned, faults)
        sets.append(SplitSet(labelled, held, "official split: val held out"))
    if found["test"]:
        labelled = LabelledSet(
            "FSC-147 test", LICENCE, tuple(found["test"]), () if learned else faults
        )
        sets.append(SplitSet(labelled, (True,) * len(found["test"]), "official split: test"))
    if not sets:
        raise DataError(f"{folder}: not one picture could be read with its marks")
    return tuple(sets)


def _read_picture(
    path: Path,
    marks: Mapping[str, Any],  # JSON of another program
    classes: Mapping[str, str],
) -> tuple[LabelledPicture | None, tuple[Fault, ...]]:
    name = path.name
    if name not in classes:
        return None, (Fault(name, "no class in the list of classes, left out"),)
    try:
        raw = as_points(marks[name]["points"])
    except (KeyError, TypeError, ValueError) as error:
        return None, (Fault(name, f"marks cannot be read ({error}), left out"),)
    image = cv2.imread(str(path))
    if image is None:
        return None, (Fault(name, "picture cannot be decoded, left out"),)
    size_hw = (int(image.shape[0]), int(image.shape[1]))
    points, faults = clean_points(raw, size_hw, file=name)
    labels = (classes[name],) * len(points)
    return LabelledPicture(path, size_hw, points, labels=labels), faults


def _find(folder: Path, names: Iterable[str]) -> Path | None:
    places = (folder / inner / name for inner in _INNER for name in names)
    return next((one for one in places if one.is_file()), None)


def _need(folder: Path, names: tuple[str, ...]) -> Path:
    path = _find(folder, names)
    if path is None:
        raise DataError(f"{folder}: no {' and no '.join(names)} in it or in its FSC_147")
    return path


def _read_json(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    # Any: JSON of another program; each use checks what it needs.
    path = _need(folder, names)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    if not isinstance(document, dict):
        raise DataError(f"{path}: holds no object of names")
    return document


def _read_classes(path: Path) -> dict[str, str]:
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    pairs = (row.split(maxsplit=1) for row in rows if row.strip())
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == len(("name", "class"))}
