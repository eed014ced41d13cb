"""Pictures with marked heads, the names of marks, and the faults found while reading them.

Most sets mark people and say no names; those of CLIP-Count name every mark. Marks are checked
against their picture, so that no bad one reaches training unseen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import Points


@dataclass(frozen=True)
class LabelledPicture:
    """One picture and the heads marked in it."""

    path: Path
    size_hw: tuple[int, int]
    """Height and width, pixels."""
    points_xy: Points
    """Shape (N, 2), pixels: one row a marked head; rows that coincide are different people."""
    kept_as: str = ""
    """Name in the set where the file's own is not unique in it; empty keeps the file's own."""
    labels: tuple[str, ...] | None = None
    """What each mark is, one name a mark, such as `red cars`; None: all marks are people."""
    weight: float = 1.0
    """How often it is drawn while training, relative to the other pictures of its set."""

    @property
    def name(self) -> str:
        """File name, which is unique in a set."""
        return self.kept_as or self.path.name


@dataclass(frozen=True)
class Fault:
    """Something wrong in a data set, and what was done about it."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


@dataclass(frozen=True)
class LabelledSet:
    """Pictures that belong together."""

    name: str
    """As its publishers call it."""
    licence: str
    """Under what terms the pictures may be used."""
    pictures: tuple[LabelledPicture, ...]
    faults: tuple[Fault, ...] = ()
    """What is wrong in the set as found on disk."""
    is_marked: bool = True
    """Whether heads are marked; the test pictures of a benchmark come without."""


PEOPLE = "people"
"""What marks without names are."""


def names_in(picture: LabelledPicture) -> tuple[str, ...]:
    """Give the names of what is marked in a picture, each once, in order of appearance.

    Args:
        picture: Any.

    Returns:
        The names. A set without names marks people, so an empty picture of it still has that one
        name: it was looked through for people.
    """
    return (PEOPLE,) if picture.labels is None else tuple(dict.fromkeys(picture.labels))


def points_named(picture: LabelledPicture, name: str) -> Points:
    """Give the marks with a name, shape (N, 2), pixels; none if nothing is called so."""
    if picture.labels is None:
        return picture.points_xy if name == PEOPLE else picture.points_xy[:0]
    chosen = np.array([label == name for label in picture.labels], dtype=bool)
    found: Points = picture.points_xy[chosen]
    return found


def vocabulary(pictures: Iterable[LabelledPicture]) -> tuple[str, ...]:
    """Give all names in pictures, in order of the alphabet."""
    return tuple(sorted({name for one in pictures for name in names_in(one)}))


def clean_points(
    raw: NDArray[np.float64], size_hw: tuple[int, int], *, file: str
) -> tuple[Points, tuple[Fault, ...]]:
    """Keep the marks that can be meant, and report the others.

    Marks that are no numbers or lie more than one pixel outside the picture are dropped; marks up
    to one pixel outside (some tools count from 1) are moved to the edge. Marks that coincide are
    all kept: two people may hide behind one pixel.

    Args:
        raw: Shape (N, 2): x and y, pixels.
        size_hw: Height and width of the picture, pixels.
        file: Name for the report.

    Returns:
        The marks kept, shape (M, 2), float32, inside the picture; and what was wrong.
    """
    height, width = size_hw
    marks = np.asarray(raw, dtype=np.float64).reshape(-1, 2)
    finite = np.asarray(np.isfinite(marks).all(axis=1))
    slack_px = 1.0
    x, y = np.where(finite[:, None], marks, 0.0).T
    near = np.asarray((x >= -slack_px) & (x <= width + slack_px))
    near &= (y >= -slack_px) & (y <= height + slack_px)
    kept = marks[finite & near]
    inside = np.clip(kept, 0.0, np.nextafter(np.array([width, height], np.float32), 0.0))
    found = {
        "marks that are no numbers, dropped": int((~finite).sum()),
        "marks outside the picture, dropped": int((finite & ~near).sum()),
        "marks on the edge, moved inside": int((inside != kept).any(axis=1).sum()),
        "marks that share a place with another, kept": len(kept) - len(np.unique(kept, axis=0)),
    }
    faults = tuple(Fault(file, f"{count} {what}") for what, count in found.items() if count)
    return inside.astype(np.float32), faults
