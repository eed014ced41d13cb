"""Read pictures with their files of marks, gathering everything that is wrong with them.

What published sets share: a picture, a file of marks beside it (often of MATLAB), and faults in
either.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import scipy.io
from numpy.typing import NDArray
from scipy.io.matlab import MatReadError

from training.data.folder import SplitSet
from training.data.labelled import Fault, LabelledPicture, LabelledSet, clean_points
from training.errors import DataError


def read_matlab(path: Path) -> dict[str, Any]:
    """Read a MATLAB file.

    Args:
        path: File of version 4 to 7.2; version 7.3 is HDF5 and not read.

    Returns:
        Its variables by name. Any: what is in it is typed by the file alone.

    Raises:
        DataError: If it is missing, damaged, or of another kind.
    """
    try:
        return dict(scipy.io.loadmat(str(path)))
    except (
        MatReadError,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise DataError(f"{path.name} cannot be read as a MATLAB file ({error})") from error


@dataclass(frozen=True)
class Marks:
    """What a file of marks says."""

    raw: NDArray[np.float64]
    """Shape (N, 2): x and y, pixels, as published."""
    stated: int | None = None
    """How many people the publishers state, where they do."""


@dataclass(frozen=True)
class Pair:
    """A picture and its file of marks, which may be missing."""

    picture: Path
    marks: Path
    is_held_out: bool = False
    kept_as: str = ""
    """Name in the set where the file's own is not unique in it."""


Progress: TypeAlias = Callable[[Iterable[Pair]], Iterable[Pair]]
ReadMarks: TypeAlias = Callable[[Path], Marks]


@dataclass(frozen=True)
class PairsRead:
    """Pictures with marks, and what was wrong."""

    pictures: tuple[LabelledPicture, ...]
    is_held_out: tuple[bool, ...]
    faults: tuple[Fault, ...]

    def labelled(self, name: str, licence: str, *, more: Sequence[Fault] = ()) -> LabelledSet:
        """Give the pictures as a set; `more` faults go first."""
        return LabelledSet(name, licence, self.pictures, (*more, *self.faults))

    def split_set(self, labelled: LabelledSet, split: str) -> SplitSet:
        """Give a set of these pictures with the publishers' split, described in words."""
        return SplitSet(labelled, self.is_held_out, split)


def read_pairs(
    pairs: Sequence[Pair],
    read_marks: ReadMarks,
    *,
    folder: Path,
    progress: Progress = lambda pairs: pairs,
) -> PairsRead:
    """Read pictures with their marks.

    Args:
        pairs: Which ones.
        read_marks: Reads one file of marks; raises DataError, ValueError, KeyError, IndexError,
            TypeError or OSError where it cannot.
        folder: Where they lie, for the error.
        progress: Wraps the pairs, to show how far reading is.

    Returns:
        Every picture that could be read with its marks; the others are in the faults.

    Raises:
        DataError: If not one could be read.
    """
    pictures: list[LabelledPicture] = []
    held: list[bool] = []
    faults: list[Fault] = []
    for pair in progress(pairs):
        picture, found = read_pair(pair, read_marks)
        faults.extend(found)
        if picture is not None:
            pictures.append(picture)
            held.append(pair.is_held_out)
    if not pictures:
        raise DataError(f"{folder}: not one of {len(pairs)} pictures could be read with its marks")
    return PairsRead(tuple(pictures), tuple(held), tuple(faults))


def read_pair(pair: Pair, read_marks: ReadMarks) -> tuple[LabelledPicture | None, list[Fault]]:
    """Read one picture with its marks.

    Args:
        pair: Which one.
        read_marks: Reads its file of marks.

    Returns:
        The picture, None if it cannot be used; and what was wrong.
    """
    name = pair.kept_as or pair.picture.name
    image = cv2.imread(str(pair.picture))
    if image is None:
        return None, [Fault(name, "picture cannot be decoded, left out")]
    if not pair.marks.is_file():
        return None, [Fault(name, f"no marks ({pair.marks.name} is missing), left out")]
    try:
        marks = read_marks(pair.marks)
    except (DataError, ValueError, KeyError, IndexError, TypeError, OSError) as error:
        return None, [Fault(pair.marks.name, f"marks cannot be read ({error}), left out")]
    faults: list[Fault] = []
    if marks.stated is not None and marks.stated != len(marks.raw):
        stated = f"states {marks.stated} people but marks {len(marks.raw)}; marks kept"
        faults.append(Fault(pair.marks.name, stated))
    blue, green, red = cv2.split(image)
    if np.array_equal(blue, green) and np.array_equal(green, red):
        faults.append(Fault(name, "grey picture stored as color, kept"))
    size_hw = (int(image.shape[0]), int(image.shape[1]))
    points, found = clean_points(marks.raw, size_hw, file=name)
    return LabelledPicture(pair.picture, size_hw, points, pair.kept_as), [*faults, *found]


def read_ann_points(path: Path) -> Marks:
    """Read the variable `annPoints` of a MATLAB file, as UCF and NWPU publish marks.

    Args:
        path: The file.

    Returns:
        Its marks; none for an empty variable of any shape.

    Raises:
        DataError: If the file cannot be read.
        ValueError: If the variable has another shape.
        KeyError: If there is no such variable.
    """
    return Marks(as_points(read_matlab(path)["annPoints"]))


def as_points(values: object) -> NDArray[np.float64]:
    """Give marks as an array of shape (N, 2); ValueError if they have another shape."""
    points = np.asarray(values, dtype=np.float64)
    if points.size and (points.ndim != 2 or points.shape[1] != 2):
        raise ValueError(f"marks have shape {points.shape}, not (people, 2)")
    return points.reshape(-1, 2)


def without_picture(marks: Iterable[Path], pairs: Iterable[Pair]) -> list[Fault]:
    """Report the files of marks that belong to none of the pictures."""
    known = {pair.marks for pair in pairs}
    return [
        Fault(path.name, "marks without a picture, left out")
        for path in sorted(marks)
        if path not in known
    ]


def other_than_published(part: str, found: int, *, published: int) -> list[Fault]:
    """Report a part that holds more or fewer pictures than its publishers say."""
    if found == published:
        return []
    return [Fault(part, f"{found} pictures found, {published} are published")]
