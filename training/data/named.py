"""What marks are called: pictures in which several kinds of things are marked.

Most sets mark people and say no names; those of CLIP-Count name every mark.
"""

from collections.abc import Iterable

import numpy as np

from monitor.core.arrays import Points
from training.data.labelled import LabelledPicture

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
