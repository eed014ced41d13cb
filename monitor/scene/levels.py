"""What people per m² mean: levels of service, as data with their sources.

These are starting points for planning; which of them is too much is for the safety officer of the
place to say. Standing and moving crowds have different levels, so every scale has two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_SQUARE_FOOT_M2 = 0.3048**2


@dataclass(frozen=True, slots=True)
class Band:
    """One level of a scale."""

    name: str
    from_m2: float
    """People per m² from which on it holds, until the next one."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Levels of service for standing and for moving people, each from 0 on, rising."""

    name: str
    standing: tuple[Band, ...]
    moving: tuple[Band, ...]
    source: str

    def __post_init__(self) -> None:
        for bands in (self.standing, self.moving):
            begins = [one.from_m2 for one in bands]
            if begins[:1] != [0] or any(b <= a for a, b in pairwise(begins)):
                raise ValueError(f"scale {self.name}: bands must rise from 0 people per m²")

    def bands(self, *, is_moving: bool) -> tuple[Band, ...]:
        """Give the levels for people who walk, or for people who stand."""
        return self.moving if is_moving else self.standing


def band_of(density_m2: float, bands: Sequence[Band]) -> Band:
    """Find the level that a density falls into.

    Args:
        density_m2: People per m², 0 or more.
        bands: Levels from 0 on, rising.

    Returns:
        The last one that begins at the density or below it.
    """
    return max((one for one in bands if one.from_m2 <= density_m2), key=lambda one: one.from_m2)


def _by_area(levels: Sequence[tuple[str, float | None, str]]) -> tuple[Band, ...]:
    """Turn square feet for each person, as Fruin gives them, into people per m²."""
    return tuple(
        Band(name, 0.0 if feet is None else 1 / (feet * _SQUARE_FOOT_M2), meaning)
        for name, feet, meaning in levels
    )


FRUIN = Scale(
    name="fruin",
    standing=_by_area(
        (
            ("A", None, "people stand and walk through freely"),
            ("B", 13.0, "people stand freely, walking through is somewhat restricted"),
            ("C", 10.0, "walking through disturbs others"),
            ("D", 7.0, "people stand without touching, hardly anybody can walk through"),
            ("E", 3.0, "people touch; nobody can walk through; only for short times"),
            ("F", 2.0, "people are pressed together; pushes run through the crowd"),
        )
    ),
    moving=_by_area(
        (
            ("A", None, "everybody walks at the speed they choose"),
            ("B", 35.0, "overtaking is easy, crossing takes some care"),
            ("C", 25.0, "speed and overtaking are restricted, crossing is difficult"),
            ("D", 15.0, "most people walk slower than they would"),
            ("E", 10.0, "everybody is slowed down, the flow stops at times"),
            ("F", 5.0, "people shuffle and touch; the flow breaks down"),
        )
    ),
    source="J. J. Fruin, Pedestrian Planning and Design, 1971: square feet for each person when "
    "queueing and on walkways",
)
"""For planning: six levels from free to broken down."""

STILL = Scale(
    name="still",
    standing=(
        Band("free", 0.0, "room for everybody"),
        Band("busy", 3.0, "busy, but not packed: starting point for an advice"),
        Band("dense", 4.0, "as close as in a queue: starting point for a warning"),
        Band("dangerous", 5.0, "uncomfortable; anything fuller can become dangerous"),
    ),
    moving=(
        Band("free", 0.0, "room for everybody"),
        Band("busy", 2.0, "walking is slowed down: starting point for an advice"),
        Band("dense", 3.0, "the flow has passed its largest: starting point for a warning"),
        Band("dangerous", 4.0, "unstable: anything fuller can become dangerous"),
    ),
    source="after G. K. Still (gkstill.com; press, October 2022): about 5 people per m² standing "
    "is where danger begins; a crowd that moves becomes unstable earlier",
)
"""For watching: four levels up to the danger of a crush."""

SCALES = {one.name: one for one in (FRUIN, STILL)}
"""The scales that come with the program."""
