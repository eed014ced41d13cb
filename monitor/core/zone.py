"""Zones and areas.

Zones are parts of a camera's picture that are counted by themselves, or not at all.

Their corners are shares of the picture's width and height, so that a zone stays where it was drawn
when a camera changes its resolution.

Areas are places that several cameras see, counted as one.

What is known of an area comes as a `Reading` under the area's name, so that rules, journal, history
and receivers treat it as they treat a camera.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TypeAlias

RelativePoint: TypeAlias = tuple[float, float]
"""x and y, each a share of the picture's width or height, 0 to 1."""


class ZoneKind(StrEnum):
    """What a zone is for."""

    COUNT = "count"
    """The people in it are counted by themselves."""
    EXCLUDE = "exclude"
    """Nobody in it counts, in any zone nor in the whole picture: a screen, a poster, a mirror."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a picture."""

    name: str
    """How people call it; unique in a camera."""
    polygon: tuple[RelativePoint, ...]
    """Corners in order, either way round; three or more, no two edges crossing."""
    kind: ZoneKind = ZoneKind.COUNT
    colour: str = "#3d9be9"
    """Color in which it is drawn, #rrggbb."""
    is_moving: bool = False
    """Whether people walk there; a crowd that moves becomes dangerous at lower densities."""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a zone needs a name")
        if len(self.polygon) < 3:
            raise ValueError(f"zone {self.name} has {len(self.polygon)} corners; 3 are needed")
        if not all(0 <= part <= 1 for point in self.polygon for part in point):
            raise ValueError(f"zone {self.name}: corners are shares of the picture, 0 to 1")
        if _has_crossing(self.polygon):
            raise ValueError(f"zone {self.name}: its edges cross; draw it round the outside")
        if abs(relative_area(self.polygon)) < _SMALLEST_SHARE:
            raise ValueError(f"zone {self.name} is empty")


_SMALLEST_SHARE = 1e-6
"""Share of the picture below which a zone is a slip of the hand: two pixels of full HD."""


def relative_area(polygon: tuple[RelativePoint, ...]) -> float:
    """Give the signed area of a polygon as a share of the picture (shoelace formula)."""
    following = (*polygon[1:], polygon[0])
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, following, strict=True)) / 2


def _has_crossing(polygon: tuple[RelativePoint, ...]) -> bool:
    edges = list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))
    return any(_cross(one, other) for one, other in combinations(edges, 2))


def _cross(
    one: tuple[RelativePoint, RelativePoint], other: tuple[RelativePoint, RelativePoint]
) -> bool:
    """Whether two edges cross in the inside of both; touching is allowed."""
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: RelativePoint, b: RelativePoint, point: RelativePoint) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


@dataclass(frozen=True, slots=True)
class Crowding:
    """How closely people stand on a known piece of ground, all values running ones."""

    area_m2: float
    """Ground that is seen well enough to say."""
    mean_m2: float
    """People per m² over that ground."""
    peak_m2: float | None
    """People per m² in the fullest window of 4 m²; None: the ground seen is smaller than that."""
    level: str
    """Level of service: name of the band that the fuller of both falls into."""
    unsure_share: float = 0.0
    """Share of the people who stand so far away that a block covers more than 4 m²."""
    peak_outline: tuple[RelativePoint, ...] = ()
    """Where in the newest picture it is fullest: corners of the window of 4 m², in order round it,
    at the height of heads; they may lie outside. Empty where no peak is known."""


@dataclass(frozen=True, slots=True)
class ZoneReading:
    """What is known of the crowd in one zone at one moment."""

    name: str
    count: float
    """People in the zone."""
    low: float | None
    """Lower bound of the 90 % interval; None where the model gives none."""
    high: float | None
    """Upper bound of the 90 % interval; None where the model gives none."""
    variance: float | None
    """Share of the picture's calibrated variance; None where the model gives none."""
    smoothed: float
    """Running count, as that of the whole picture."""
    per_minute: float | None = None
    """How many more than a minute ago; None until there is a minute to look back on."""
    crowding: Crowding | None = None
    """People per m²; None without a ground plane."""
    is_moving: bool = False

    @property
    def density_mean_m2(self) -> float | None:
        """People per m² over the zone; None without a ground plane."""
        return None if self.crowding is None else self.crowding.mean_m2

    @property
    def density_peak_m2(self) -> float | None:
        """People per m² where it is fullest; None where it is not known."""
        return None if self.crowding is None else self.crowding.peak_m2

    @property
    def level_of_service(self) -> str | None:
        """Name of the band of crowding; None without a ground plane."""
        return None if self.crowding is None else self.crowding.level


class Combine(StrEnum):
    """How the parts of an area make the whole."""

    SUM = "sum"
    """The cameras see different ground: their people add up."""
    MAX = "max"
    """The cameras see the same ground: the one that sees most of the people is right."""


@dataclass(frozen=True, slots=True)
class Member:
    """A part of an area."""

    camera: str
    zone: str | None = None
    """Name of the camera's zone; None: its whole picture."""


@dataclass(frozen=True, slots=True)
class Area:
    """A place that several cameras see."""

    name: str
    """How people call it; no camera has the same name."""
    members: tuple[Member, ...]
    combine: Combine = Combine.SUM
