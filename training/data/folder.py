"""The common format: a folder that any tool can make and any person can read.

    images/          the pictures, under names that are unique in the set
    points.csv       image,x,y: one row a head, pixels; a picture without rows holds nobody
                     (with a fourth column, label: one row a thing, and what it is)
    dataset.json     name, licence, and which pictures are held out for validation
    weights.csv      image,weight: how often each picture is drawn in training; 1 where it is not
                     named (`training.hard_examples` writes it)

Only `images/` and `points.csv` are needed; without `dataset.json` nothing is held out. A set
without marks, such as the test pictures of a benchmark, has no `points.csv`.
"""

import csv
import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeAlias

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.core.arrays import Points
from training.data.labelled import PEOPLE, Fault, LabelledPicture, LabelledSet, clean_points
from training.errors import DataError

_Mark: TypeAlias = tuple[float, float, str]
"""x and y, pixels, and what it is."""

WEIGHTS = "weights.csv"
"""File that says how often pictures are drawn in training."""

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


class _Description(BaseModel):
    """What `dataset.json` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1)]
    licence: str = "not stated"
    validation: tuple[str, ...] = ()
    split: str = "all pictures"


@dataclass(frozen=True)
class SplitSet:
    """A labelled set and which of its pictures are held out for validation."""

    labelled: LabelledSet
    is_held_out: tuple[bool, ...]
    split: str
    """How the pictures were held out, in words."""

    def part(self, *, held_out: bool) -> tuple[LabelledPicture, ...]:
        """Give the pictures for validation, or those for training."""
        pairs = zip(self.labelled.pictures, self.is_held_out, strict=True)
        return tuple(picture for picture, held in pairs if held == held_out)


def write_folder(split_set: SplitSet, folder: Path) -> None:
    """Write a set in the common format; pictures are copied as they are, not encoded again.

    Args:
        split_set: What to write.
        folder: Where to; made if missing, must be empty otherwise.

    Raises:
        DataError: If the folder holds something already or cannot be written.
    """
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        if any((folder / "images").iterdir()) or (folder / "points.csv").exists():
            raise DataError(f"{folder}: holds a data set already; name an empty folder")
        for picture in split_set.labelled.pictures:
            shutil.copyfile(picture.path, folder / "images" / picture.name)
        if split_set.labelled.is_marked:
            _write_points(split_set.labelled.pictures, folder / "points.csv")
        held = tuple(picture.name for picture in split_set.part(held_out=True))
        labelled = split_set.labelled
        description = _Description(
            name=labelled.name, licence=labelled.licence, validation=held, split=split_set.split
        )
        (folder / "dataset.json").write_text(description.model_dump_json(indent=1) + "\n")
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror})") from error


def _write_points(pictures: Sequence[LabelledPicture], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        is_named = any(picture.labels is not None for picture in pictures)
        writer.writerow(["image", "x", "y", *(["label"] if is_named else [])])
        for picture in pictures:
            labels = picture.labels or (PEOPLE,) * len(picture.points_xy)
            for (x, y), label in zip(picture.points_xy, labels, strict=True):
                # All digits: a mark that is rounded may end up in the next pixel.
                row = [picture.name, str(x), str(y)]
                writer.writerow([*row, label] if is_named else row)


def is_folder(folder: Path) -> bool:
    """Whether a folder holds a marked set in the common format."""
    return (folder / "images").is_dir() and (folder / "points.csv").is_file()


def read_folder(folder: Path) -> SplitSet:
    """Read a set in the common format, reporting everything that is wrong with it.

    Args:
        folder: Holds `images/` and `points.csv`.

    Returns:
        The set; marks that cannot be meant are left out and stand in its faults.

    Raises:
        DataError: If parts are missing, a row cannot be read, or rows name unknown pictures.
    """
    if not is_folder(folder):
        raise DataError(
            f"{folder}: no `images` folder and `points.csv` in it; make them with "
            "`python -m training.prepare SOURCE FOLDER`"
        )
    description = _read_description(folder)
    marks, is_named = _read_points(folder / "points.csv")
    pictures, faults = _read_pictures(folder / "images", marks, is_named=is_named)
    weights = read_weights(folder)
    pictures = tuple(replace(one, weight=weights.get(one.name, 1.0)) for one in pictures)
    known = {path.name for path in _picture_files(folder / "images")}
    _refuse_unknown(folder, "points.csv", sorted(set(marks) - known))
    _refuse_unknown(folder, "dataset.json", sorted(set(description.validation) - known))
    _refuse_unknown(folder, WEIGHTS, sorted(set(weights) - known))
    labelled = LabelledSet(description.name, description.licence, pictures, faults)
    held = tuple(picture.name in set(description.validation) for picture in pictures)
    return SplitSet(labelled, held, description.split)


def write_weights(folder: Path, weights: Mapping[str, float]) -> None:
    """Write how often the pictures of a set are drawn in training.

    Args:
        folder: A set in the common format.
        weights: By the names of the pictures; more than 0.

    Raises:
        DataError: If the file cannot be written.
    """
    try:
        with (folder / WEIGHTS).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["image", "weight"])
            writer.writerows((name, f"{weight:.3f}") for name, weight in weights.items())
    except OSError as error:
        raise DataError(f"{folder / WEIGHTS}: cannot be written ({error.strerror})") from error


def read_weights(folder: Path) -> dict[str, float]:
    """Read how often the pictures of a set are drawn in training.

    Args:
        folder: A set in the common format, with or without such a file.

    Returns:
        Weights by the names of the pictures; empty where there is no such file.

    Raises:
        DataError: If the file cannot be read or a weight is not above 0.
    """
    path = folder / WEIGHTS
    if not path.is_file():
        return {}
    weights: dict[str, float] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames is None or not {"image", "weight"} <= set(reader.fieldnames):
            raise DataError(f"{path}: the first row must be image,weight, not {reader.fieldnames}")
        for row in reader:
            try:
                weight = float(row["weight"])
            except (TypeError, ValueError):
                weight = math.nan
            if not (math.isfinite(weight) and weight > 0):
                raise DataError(
                    f"{path}: line {reader.line_num}: weight {row['weight']!r}; it must be a "
                    "number above 0"
                )
            weights[row["image"]] = weight
    return weights


def read_unmarked(folder: Path) -> LabelledSet:
    """Read the pictures of a set in the common format that may have no marks; marks are not read.

    Args:
        folder: Holds `images/`.

    Returns:
        Pictures without marks.

    Raises:
        DataError: If there are no pictures that can be read.
    """
    if not (folder / "images").is_dir():
        raise DataError(f"{folder}: no `images` folder in it")
    description = _read_description(folder)
    pictures, faults = _read_pictures(folder / "images", {})
    return LabelledSet(description.name, description.licence, pictures, faults, is_marked=False)


def _read_pictures(
    folder: Path, marks: Mapping[str, Sequence[_Mark]], *, is_named: bool = False
) -> tuple[tuple[LabelledPicture, ...], tuple[Fault, ...]]:
    pictures: list[LabelledPicture] = []
    faults: list[Fault] = []
    for path in _picture_files(folder):
        image = cv2.imread(str(path))
        if image is None:
            faults.append(Fault(path.name, "picture cannot be decoded, left out"))
            continue
        size_hw = (int(image.shape[0]), int(image.shape[1]))
        points, labels, found = _clean(marks.get(path.name, ()), size_hw, path.name)
        faults.extend(found)
        named = tuple(labels) if is_named else None
        pictures.append(LabelledPicture(path, size_hw, points, labels=named))
    if not pictures:
        raise DataError(f"{folder}: not one picture could be read")
    return tuple(pictures), tuple(faults)


def _clean(
    marks: Sequence[_Mark], size_hw: tuple[int, int], file: str
) -> tuple[Points, list[str], list[Fault]]:
    # Kind by kind: things of two kinds may share a place, and marks stay with their names.
    points, labels, faults = [np.zeros((0, 2), np.float32)], list[str](), list[Fault]()
    for label in dict.fromkeys(mark[2] for mark in marks):
        raw = np.array([mark[:2] for mark in marks if mark[2] == label], dtype=np.float64)
        kept, found = clean_points(raw, size_hw, file=file)
        points.append(kept)
        labels.extend([label] * len(kept))
        faults.extend(found)
    return np.concatenate(points), labels, faults


def _refuse_unknown(folder: Path, file: str, names: Sequence[str]) -> None:
    if names:
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        raise DataError(f"{folder}: {file} names {len(names)} pictures not in `images`: {shown}")


def _picture_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)


def _read_description(folder: Path) -> _Description:
    path = folder / "dataset.json"
    if not path.is_file():
        return _Description(name=folder.resolve().name)
    try:
        return _Description.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, ValidationError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def _read_points(path: Path) -> tuple[dict[str, list[_Mark]], bool]:
    marks: dict[str, list[_Mark]] = {}
    faults: list[str] = []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames is None or not {"image", "x", "y"} <= set(reader.fieldnames):
            raise DataError(f"{path}: the first row must be image,x,y, not {reader.fieldnames}")
        is_named = "label" in reader.fieldnames
        for row in reader:
            try:
                label = row["label"].strip() if is_named else PEOPLE
                mark = (float(row["x"]), float(row["y"]), label)
                if not label:
                    raise ValueError("no name")
                marks.setdefault(row["image"], []).append(mark)
            except (AttributeError, TypeError, ValueError):
                faults.append(f"line {reader.line_num}: x={row['x']!r}, y={row['y']!r}")
    if faults:
        shown = "; ".join(faults[:5]) + (" …" if len(faults) > 5 else "")
        what = "numbers or no label" if is_named else "numbers"
        raise DataError(f"{path}: {len(faults)} rows have no {what} ({shown})")
    return marks, is_named
