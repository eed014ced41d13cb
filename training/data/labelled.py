"""Pictures with marked heads, and the faults found while reading them."""

from dataclasses import dataclass
from pathlib import Path

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
